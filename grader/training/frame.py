"""Frames: what passes between kernel, grader and trainer, checked before anything is made of it.

A frame is the length of a header (8 bytes, big endian), the header (a JSON object), and the bytes of all tensors
that the header lists, one after the other. How many those are follows from the types and shapes.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import GraderError
from grader.training.channel import Inlet

LENGTH = 8  # bytes
MAX_HEADER = 4 * 1024**2  # bytes
MAX_VALUES = 250_000  # JSON values; a tree of them takes many times the memory of its text
MAX_DEPTH = 64
MAX_TENSORS = 10_000
MAX_DIMENSIONS = 32
MAX_NAME = 1_000  # characters
MAX_EXTENT = 2**63
MAX_DIGITS = 60  # of an integer; the widest that is needed is a random state's, 128 bits

ITEM_SIZES = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "uint16": 2,
    "float16": 2,
    "bfloat16": 2,
    "int32": 4,
    "uint32": 4,
    "float32": 4,
    "int64": 8,
    "uint64": 8,
    "float64": 8,
}  # bytes

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


class FrameError(GraderError):
    """Bytes that are no frame; the fault of who wrote them."""


@dataclass(frozen=True, slots=True)
class Header:
    """`canonical` is the content with sorted keys and no spaces; `sizes` are the tensors' bytes, in their order."""

    content: Mapping[str, Any]
    canonical: bytes
    sizes: tuple[int, ...]

    @property
    def size(self) -> int:
        return sum(self.sizes)

    @property
    def length(self) -> bytes:
        return len(self.canonical).to_bytes(LENGTH, "big")


def read_header(inlet: Inlet, most: int) -> Header | None:
    """The next frame's header, None where the pipe ends before one. `most` bytes may its tensors have."""
    prefix = inlet.read(LENGTH)
    if not prefix:
        return None
    length = _header_length(bytes(prefix))
    data = inlet.read(length)
    if len(data) < length:
        raise FrameError("the frame ends within its header")
    return parse(data, most)


def file_header(descriptor: int, most: int) -> Header:
    """The header of the one frame that an open file holds, to its last byte."""
    length = _header_length(os.pread(descriptor, LENGTH, 0))
    header = parse(os.pread(descriptor, length, LENGTH), most)
    found, expected = os.fstat(descriptor).st_size, LENGTH + length + header.size
    if found != expected:
        raise FrameError(f"the frame has {found} bytes; its header asks for {expected}")
    return header


def _header_length(prefix: bytes) -> int:
    if len(prefix) < LENGTH:
        raise FrameError("the frame ends within its length")
    length = int.from_bytes(prefix, "big")
    if length > MAX_HEADER:
        raise FrameError(f"the header has {length} bytes, more than {MAX_HEADER}")
    return length


def parse(data: bytes | bytearray, most: int) -> Header:
    """Check a header's text and its tensors; `FrameError` at the first fault."""
    content = _json(bytes(data))
    if not isinstance(content, dict):
        raise FrameError("the header is no JSON object")
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
        canonical = text.encode("utf-8")
    except UnicodeEncodeError:
        raise FrameError("the header holds half a character") from None
    if len(canonical) > MAX_HEADER:  # a number may become longer, 1e9 say
        raise FrameError(f"the header has {len(canonical)} bytes in canonical form, more than {MAX_HEADER}")
    header = Header(content, canonical, _sizes(content.get("tensors")))
    if header.size > most:
        raise FrameError(f"the tensors have {header.size} bytes, more than {most}")
    return header


# --- JSON ----------------------------------------------------------------------------------------------------


def _json(data: bytes) -> Any:
    bare = _STRING.sub(b"", data)
    if sum(bare.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise FrameError(f"the header holds more than {MAX_VALUES} values")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_number,
        )
    except (ValueError, RecursionError) as error:
        raise FrameError(f"the header is not JSON: {error}"[:300]) from None
    if _deeper_than(value, MAX_DEPTH):
        raise FrameError(f"the header is nested more than {MAX_DEPTH} levels deep")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) < len(pairs):
        raise ValueError("a name is given twice in one object")
    return built


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"an integer has more than {MAX_DIGITS} digits")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no finite number")
    return value


def _deeper_than(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [inner for outer in level for inner in children(outer)]
    return any(isinstance(inner, dict | list) for inner in level)


def children(value: Any) -> Iterable[Any]:
    """What is directly inside a JSON value."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


# --- tensors -------------------------------------------------------------------------------------------------


def _sizes(tensors: Any) -> tuple[int, ...]:
    if not isinstance(tensors, list):
        raise FrameError("the header has no list of tensors")
    if len(tensors) > MAX_TENSORS:
        raise FrameError(f"the header lists {len(tensors)} tensors, more than {MAX_TENSORS}")
    return tuple(_size(tensor) for tensor in tensors)


def _size(tensor: Any) -> int:
    """In bytes. Python's integers do not overflow, and few short ones are multiplied."""
    match tensor:
        case {"name": str(name), "dtype": str(dtype), "shape": list(shape), **other} if not other:
            pass
        case _:
            raise FrameError("a tensor is not described by name, dtype and shape")
    if len(name) > MAX_NAME:
        raise FrameError(f"a tensor's name has {len(name)} characters, more than {MAX_NAME}")
    if dtype not in ITEM_SIZES:
        raise FrameError(f"a tensor has the type '{dtype[:40]}', expected one of {', '.join(ITEM_SIZES)}")
    if len(shape) > MAX_DIMENSIONS or not all(type(extent) is int and 0 <= extent < MAX_EXTENT for extent in shape):
        raise FrameError(f"a tensor's shape is not a list of at most {MAX_DIMENSIONS} lengths")
    return math.prod(shape) * ITEM_SIZES[dtype]
