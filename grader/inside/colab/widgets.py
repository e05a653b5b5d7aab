"""What notebooks use of `ipywidgets`, where it is not installed: controls that nobody moves.

They hold the values that they begin with, and `interact` calls its function once with these, as it does when it
is shown.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Self

from .modules import Make

FIRST = ("value", "min")
NAMES = (
    *("IntSlider", "FloatSlider", "FloatLogSlider", "IntRangeSlider", "IntProgress", "FloatProgress", "IntText"),
    *("FloatText", "BoundedIntText", "BoundedFloatText", "Text", "Textarea", "Password", "Combobox", "Checkbox"),
    *("ToggleButton", "ToggleButtons", "Button", "Dropdown", "RadioButtons", "Select", "SelectMultiple", "Valid"),
    *("SelectionSlider", "DatePicker", "ColorPicker", "FileUpload", "Image", "HTML", "HTMLMath", "Label", "Play"),
    *("Box", "HBox", "VBox", "GridBox", "Tab", "Accordion", "Stack", "Layout", "ButtonStyle", "SliderStyle"),
)


class Widget:
    """Any control: its settings are its attributes."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.children = args[0] if args and isinstance(args[0], list | tuple) else ()
        self.value = _first(settings, args)
        vars(self).update(settings)

    def __getattr__(self, name: str) -> Any:
        """What can be called on a control does nothing: `observe`, `on_click`, `close`."""
        if name.startswith("__"):
            raise AttributeError(name)
        return functools.partial(_nothing, name)

    def __enter__(self) -> Self:
        """`with Output():` shows what is shown within, where it stands."""
        return self

    def __exit__(self, *_: object) -> None: ...

    def __repr__(self) -> str:
        return f"{type(self).__name__}(value={self.value!r})"


def _nothing(*_: Any, **__: Any) -> None: ...


def _first(settings: Mapping[str, Any], args: tuple[Any, ...]) -> Any:
    for name in FIRST:
        if name in settings:
            return settings[name]
    options = settings.get("options")
    if options:
        chosen = next(iter(options.values() if isinstance(options, Mapping) else options))
        return chosen[1] if isinstance(chosen, tuple) and len(chosen) == 2 else chosen  # noqa: PLR2004 - label, value
    return args[0] if args and isinstance(args[0], str | int | float) else None


def initial(control: Any) -> Any:
    """What a control begins with, said in one of the ways that `interact` takes."""
    match control:
        case Widget():
            return control.value
        case tuple() if control and all(isinstance(bound, int | float) for bound in control):
            low, high = control[0], control[min(1, len(control) - 1)]
            middle = low + (high - low) / 2
            return int(middle) if isinstance(low, int) and isinstance(high, int) else middle
        case Mapping() if control:
            return next(iter(control.values()))
        case list() | tuple() if control:
            return control[0]
        case _:
            return control


def interact(function: Callable[..., Any] | None = None, **controls: Any) -> Any:
    if function is None:
        return functools.partial(interact, **controls)
    parameters = inspect.signature(function).parameters.values()
    said = {each.name: each.default for each in parameters if each.default is not each.empty}
    given = said | {name: initial(each) for name, each in controls.items()}
    given |= {name: said[name] for name, each in controls.items() if isinstance(each, tuple) and name in said}
    function(**given)
    return function


def interact_manual(function: Callable[..., Any] | None = None, **controls: Any) -> Any:
    """It waits for a button, which nobody presses."""
    return functools.partial(interact_manual, **controls) if function is None else function


def interactive(function: Callable[..., Any], **controls: Any) -> Widget:
    interact(function, **controls)
    return Widget()


def fixed(value: Any) -> Any:
    return value


def modules() -> dict[str, Make]:
    kinds: dict[str, Any] = {name: type(name, (Widget,), {}) for name in (*NAMES, "Output", "Widget")}
    functions = (interact, interact_manual, interactive, fixed)
    named = {function.__name__: function for function in functions}
    linked = dict.fromkeys(("link", "jslink", "dlink", "jsdlink", "interactive_output"), _nothing)
    return {"ipywidgets": lambda: kinds | named | linked}
