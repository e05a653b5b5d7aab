"""How a long job gets on, told to whoever wants to know."""


class Progress:
    """Silent; the terminal's own shows a bar. `begin`, then `running` and `done` for each item, then `end`."""

    def begin(self, total: int, what: str) -> None:
        """`total` items of a job described by `what` are to come."""

    def running(self, item: str) -> None:
        """`item` is being worked on now."""

    def cell(self, number: int, total: int) -> None:
        """Of the notebook that is being worked on, this code cell begins; told from any thread."""

    def note(self, item: str, what: str) -> None:
        """`item` is not finished, and this is why it takes longer."""

    def done(self, item: str, outcome: str) -> None:
        """`item` is finished, with `outcome` in a few words."""

    def end(self) -> None:
        """No more items come, whether all are done or not."""
