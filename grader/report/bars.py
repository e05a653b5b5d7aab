"""Bars of a chart, drawn as SVG without script: each bar has a title, which browsers show on hover."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 360, 150  # of a chart, in its own units
FOOT = 18  # below the columns, for their labels
ROW, LABEL = 22, 150


@dataclass(frozen=True, slots=True)
class Bar:
    """`size` from 0 on, in any unit; `title` says in words what the bar shows."""

    label: str
    size: float
    title: str
    shown: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`nothing` is what is said where there are no bars."""

    title: str
    bars: tuple[Bar, ...]
    nothing: str = ""
    upright: bool = False

    @property
    def svg(self) -> Markup:
        return columns(self) if self.upright else rows(self)


def columns(chart: Chart) -> Markup:
    """Side by side, from left to right."""
    most = max(bar.size for bar in chart.bars) or 1.0
    step = WIDTH / len(chart.bars)
    drawn = Markup()
    for place, bar in enumerate(chart.bars):
        height = bar.size / most * (HEIGHT - FOOT - 16)
        left, top, middle = place * step, HEIGHT - FOOT - height, (place + 0.5) * step
        drawn += Markup(
            '<g><title>{}</title><rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
            '<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>'
            '<text class="soft" x="{:.1f}" y="{}" text-anchor="middle">{}</text></g>'
        ).format(
            bar.title, left + 2, top, step - 4, height, middle, top - 4, bar.shown, middle, HEIGHT - 4, bar.label
        )
    return _drawing(chart, HEIGHT, drawn)


def rows(chart: Chart) -> Markup:
    """One below the other, their labels in front."""
    most = max(bar.size for bar in chart.bars) or 1.0
    drawn = Markup()
    for place, bar in enumerate(chart.bars):
        width, top = bar.size / most * (WIDTH - LABEL - 50), place * ROW
        drawn += Markup(
            '<g><title>{}</title><text x="0" y="{}">{}</text>'
            '<rect class="bar" x="{}" y="{}" width="{:.1f}" height="14"/><text x="{:.1f}" y="{}">{}</text></g>'
        ).format(
            bar.title, top + 13, bar.label, LABEL, top + 2, max(width, 1), LABEL + width + 5, top + 13, bar.shown
        )
    return _drawing(chart, len(chart.bars) * ROW, drawn)


def _drawing(chart: Chart, height: int, drawn: Markup) -> Markup:
    told = "; ".join(bar.title for bar in chart.bars)
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}: {}">{}</svg>').format(
        WIDTH, height, chart.title, told, drawn
    )
