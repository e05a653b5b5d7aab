"""What notebooks use of `tqdm`, where it is not installed: loops that go on without a bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Any, Self

from .modules import Make

PLACES = ("tqdm", "tqdm.notebook", "tqdm.auto", "tqdm.std", "tqdm.keras", "tqdm.autonotebook")


class Bar:
    """`tqdm`: a loop over something, or a count that is told by `update`."""

    def __init__(self, iterable: Iterable[Any] | None = None, desc: str = "", total: Any = None, **_: Any) -> None:
        self.iterable = iterable
        self.desc = desc
        self.n: float = 0
        self.total = len(iterable) if total is None and isinstance(iterable, Sized) else total

    def __iter__(self) -> Iterator[Any]:
        for each in self.iterable or ():
            yield each
            self.n += 1

    def __len__(self) -> int:
        return int(self.total or 0)

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is shown that would have to be closed."""

    def update(self, n: float = 1) -> None:
        self.n += n

    def set_description(self, desc: str = "", *_: Any, **__: Any) -> None:
        self.desc = desc

    def reset(self, total: Any = None) -> None:
        self.n, self.total = 0, self.total if total is None else total

    def _nothing(self, *_: Any, **__: Any) -> None:
        """For what changes a bar that is not shown."""

    set_description_str = set_postfix = set_postfix_str = refresh = close = clear = display = unpause = _nothing

    @staticmethod
    def write(text: object = "", *_: Any, **__: Any) -> None:
        print(text)  # noqa: T201 - what it is for

    @staticmethod
    def pandas(*_: Any, **__: Any) -> None:
        """Give data frames the methods that show a bar elsewhere."""
        import pandas as pd

        for kind in (pd.DataFrame, pd.Series):
            vars_of: Any = kind
            vars_of.progress_apply = kind.apply
            vars_of.progress_map = kind.map


def trange(*args: int, **settings: Any) -> Bar:
    return Bar(range(*args), **settings)


def callback(*_: Any, **__: Any) -> Any:
    """`TqdmCallback`, as a callback that does nothing."""
    import keras

    return keras.callbacks.Callback()


def modules() -> dict[str, Make]:
    members = {"tqdm": Bar, "trange": trange, "tqdm_notebook": Bar, "tnrange": trange, "TqdmCallback": callback}
    return {name: lambda: members for name in PLACES}
