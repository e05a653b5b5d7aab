"""Training curves against the reference's band, as SVG without script: each point has its value as a title."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.checks.wording import figure
from grader.model import Interval
from grader.report.shell import shown

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 30
MOST_EPOCHS = 100  # that are drawn
MOST_METRICS = 12
MOST_NAME = 40
BEYOND = 1e30  # nothing that is larger is drawn: arithmetic on it may overflow


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric. `values` are the student's, one an epoch from 1; `band` is what each judged epoch may be.

    `recorded` has the least and the greatest value of the reference's seeds in each epoch.
    """

    metric: str
    values: tuple[float, ...]
    band: Mapping[int, Interval]
    recorded: Mapping[int, tuple[float, float]]

    @property
    def title(self) -> str:
        return shown(self.metric, MOST_NAME)

    @property
    def rows(self) -> tuple[tuple[int, str, str], ...]:
        """Epoch, value and what it may be, in words: what the drawing shows, for who cannot see it."""
        epochs = sorted({*range(1, min(len(self.values), MOST_EPOCHS) + 1), *self.band})
        return tuple((epoch, self._value(epoch), self.asked(epoch)) for epoch in epochs)

    def _value(self, epoch: int) -> str:
        return _figure(self.values[epoch - 1]) if epoch <= len(self.values) else "none"

    def asked(self, epoch: int) -> str:
        if epoch in self.band:
            one = self.band[epoch]
            return f"{figure(one.low, one.high)} to {figure(one.high, one.low)}"
        return "not judged"

    def outside(self, epoch: int) -> bool:
        """Whether the value was judged, and lies outside; what is no number lies outside everything."""
        band = self.band.get(epoch)
        return band is not None and not band.low <= self.values[epoch - 1] <= band.high

    @property
    def svg(self) -> Markup:
        return _drawn(self, _Plane.of(self))


def _figure(value: float) -> str:
    return f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class _Plane:
    """From epochs and values to the drawing's units."""

    last: int
    low: float
    high: float

    @staticmethod
    def of(curve: Curve) -> _Plane:
        values = [value for value in curve.values[:MOST_EPOCHS] if _drawable(value)]
        limits = [edge for one in curve.band.values() for edge in (one.low, one.high)]
        limits += [edge for pair in curve.recorded.values() for edge in pair]
        seen = [*values, *filter(_drawable, limits)] or [0.0, 1.0]
        low, high = min(seen), max(seen)
        margin = (high - low) * 0.08 or abs(high) * 0.08 or 1.0
        last = max([min(len(curve.values), MOST_EPOCHS), *curve.band, *curve.recorded, 1])
        return _Plane(last, low - margin, high + margin)

    def x(self, epoch: float) -> float:
        width = WIDTH - LEFT - RIGHT
        return LEFT + width / 2 if self.last == 1 else LEFT + 8 + (epoch - 1) / (self.last - 1) * (width - 16)

    def y(self, value: float) -> float:
        return TOP + (self.high - value) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def _drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) < BEYOND


def _drawn(curve: Curve, plane: _Plane) -> Markup:
    parts = [_axes(plane), _area(curve, plane), _band(curve, plane), _line(curve, plane), _dots(curve, plane)]
    told = f"{curve.title}: {len(curve.values)} epochs; the table below has the figures"
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, told, Markup().join(parts)
    )


def _axes(plane: _Plane) -> Markup:
    foot = HEIGHT - BOTTOM
    drawn = Markup('<path class="axis" d="M{} {}V{}H{}" fill="none"/>').format(LEFT, TOP, foot, WIDTH - RIGHT)
    for step in range(1, 4):
        value = plane.low + (plane.high - plane.low) * step / 4
        drawn += Markup(
            '<path class="grid" d="M{} {:.1f}H{}"/><text class="soft" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        ).format(LEFT, plane.y(value), WIDTH - RIGHT, LEFT - 5, plane.y(value) + 4, f"{value:.3g}")
    for epoch in _ticks(plane.last):
        drawn += Markup('<text class="soft" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            plane.x(epoch), foot + 14, epoch
        )
    return drawn + Markup('<text class="soft" x="{}" y="{}" text-anchor="end">epoch</text>').format(
        WIDTH - RIGHT, HEIGHT - 3
    )


def _ticks(last: int) -> Sequence[int]:
    step = max(1, math.ceil(last / 8))
    return range(1, last + 1, step)


def _area(curve: Curve, plane: _Plane) -> Markup:
    """Where the reference's seeds lay, in epochs of which more than one follows another."""
    epochs = sorted(epoch for epoch, pair in curve.recorded.items() if all(map(_drawable, pair)))
    if len(epochs) < 2:  # noqa: PLR2004 - one alone has no area
        return Markup()
    upper = [f"{plane.x(one):.1f} {plane.y(curve.recorded[one][1]):.1f}" for one in epochs]
    lower = [f"{plane.x(one):.1f} {plane.y(curve.recorded[one][0]):.1f}" for one in reversed(epochs)]
    return Markup('<path class="range" d="M{}Z"><title>the recorded seeds</title></path>').format(
        "L".join([*upper, *lower])
    )


def _band(curve: Curve, plane: _Plane) -> Markup:
    drawn = Markup()
    half = min(14.0, (WIDTH - LEFT - RIGHT) / (2.5 * plane.last))
    for epoch, one in curve.band.items():
        if _drawable(one.low) and _drawable(one.high):
            high, low = plane.y(one.high), plane.y(one.low)
            drawn += Markup(
                '<rect class="band" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
            ).format(
                plane.x(epoch) - half, high, 2 * half, max(low - high, 1.5), f"epoch {epoch}: {curve.asked(epoch)}"
            )
    return drawn


def _line(curve: Curve, plane: _Plane) -> Markup:
    """Broken where a value cannot be drawn."""
    pieces: list[list[str]] = [[]]
    for epoch, value in enumerate(curve.values[:MOST_EPOCHS], 1):
        if _drawable(value):
            pieces[-1].append(f"{plane.x(epoch):.1f} {plane.y(value):.1f}")
        else:
            pieces.append([])
    drawn = [Markup('<path class="curve" d="M{}"/>').format("L".join(one)) for one in pieces if len(one) > 1]
    return Markup().join(drawn)


def _dots(curve: Curve, plane: _Plane) -> Markup:
    drawn = Markup()
    for epoch, value in enumerate(curve.values[:MOST_EPOCHS], 1):
        if not _drawable(value):
            continue
        out = curve.outside(epoch)
        title = f"epoch {epoch}: {_figure(value)}" + (f", outside {curve.asked(epoch)}" if out else "")
        drawn += Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>').format(
            "dot out" if out else "dot", plane.x(epoch), plane.y(value), title
        )
    return drawn
