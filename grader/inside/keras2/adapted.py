"""What was adapted for the notebook, told once each in canonical words: "keras.layers.core is now keras.layers"."""

from __future__ import annotations

from ..events import Events

MOST = 50  # different ones are told


class Adapted:
    def __init__(self, events: Events | None) -> None:
        self._events = events
        self.told: dict[str, None] = {}

    def tell(self, what: str) -> None:
        """`what` is made of names in our tables, never of the notebook's own text."""
        if what not in self.told and len(self.told) < MOST:
            self.told[what] = None
            if self._events is not None:
                self._events.emit("adapted", what=what)
