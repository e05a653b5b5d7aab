"""Takes requests in: hashes them as they come, keeps those that may have to be trained, and knows their arrays.

Most of a class asks for the same few trainings. Writing down a request that is answered from an earlier one costs
more than hashing it; so a request is not kept where its header was seen before. Two requests with one header may
still differ in their arrays: then the second is asked for once more.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from grader.errors import GraderError
from grader.training.channel import Inlet
from grader.training.frame import Header
from grader.training.observing import Arrays

MAX_FAMILIAR = 10_000  # headers


class NoRoomError(GraderError):
    """A request was read to its end, but could not be kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`digest` is of the whole request; `spool` holds it, if it was kept, and is closed by who trains from it.

    `facts` are those of the arrays that `fit` was given, by the tensors' names; what nobody knows is missing.
    """

    digest: str
    spool: BinaryIO | None
    facts: dict[str, dict[str, Any]]


class Intake:
    """One for a run, for all its threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._familiar: set[bytes] = set()
        self._arrays = Arrays()

    def take(self, inlet: Inlet, header: Header, *, keep: bool = False) -> Taken:
        """Read what follows the header. `NoRoomError` where it should be kept, and cannot be."""
        name = hashlib.sha256(header.canonical).digest()
        if name in self._familiar and not keep:
            digests = copy_tensors(inlet, None, header)
            return Taken(digest_of(header, digests), None, self._arrays.facts(header, digests, None))
        with ExitStack() as stack:
            spool = self._spool(stack, inlet, header)
            digests = copy_tensors(inlet, spool, header)
            facts = self._arrays.facts(header, digests, spool)
            stack.pop_all()
        self._remember(name)
        return Taken(digest_of(header, digests), spool, facts)

    def _spool(self, stack: ExitStack, inlet: Inlet, header: Header) -> BinaryIO:
        """A file without a name."""
        try:
            return stack.enter_context(TemporaryFile(dir=self._folder))
        except OSError as error:
            skip_tensors(inlet, header)
            raise NoRoomError(f"the request could not be kept: {error.strerror}") from error

    def _remember(self, name: bytes) -> None:
        if len(self._familiar) >= MAX_FAMILIAR:
            self._familiar.clear()  # it costs time, and nothing else
        self._familiar.add(name)


def copy_tensors(inlet: Inlet, spool: IO[bytes] | None, header: Header) -> tuple[str, ...]:
    """The SHA-256 of each tensor; where there is a spool, the whole frame goes into it, with the canonical header.

    `NoRoomError` where the spool cannot take it; the request has been read to its end then.
    """
    trouble = _kept(spool, header.length + header.canonical)
    digests = []
    for size in header.sizes:
        digest = hashlib.sha256()
        for block in inlet.blocks(size):
            digest.update(block)
            trouble = trouble or _kept(spool, block)
        digests.append(digest.hexdigest())
    if trouble := trouble or _kept(spool, b""):
        raise NoRoomError(f"the request could not be kept: {trouble}")
    return tuple(digests)


def skip_tensors(inlet: Inlet, header: Header) -> None:
    for _ in inlet.blocks(header.size):
        pass


def digest_of(header: Header, digests: tuple[str, ...]) -> str:
    """Of a whole request: its canonical header, and the digests of its tensors."""
    digest = hashlib.sha256(header.canonical)
    for each in digests:
        digest.update(each.encode())
    return digest.hexdigest()


def _kept(spool: IO[bytes] | None, data: bytes | memoryview) -> str:
    """Write, or with nothing to write bring it to the system; what went wrong."""
    if spool is None:
        return ""
    try:
        if data:
            spool.write(data)
        else:
            spool.flush()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
