"""A text as units that the network reads one by one: lines, long ones cut where a sentence ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_LINE: Final = re.compile(r"[^\n]+")
_SENTENCE_END: Final = re.compile(r"[.!?؟۔।][\"”’»)]?\s+|[。！？]")
_SPACE: Final = re.compile(r"\s+")
# About a paragraph: enough to know a name by what is said of it, and short enough to be read in one go.
_MAX_CHARS: Final = 500


def split_units(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each unit, in order; together they have every character that is no white space."""
    for line in _LINE.finditer(text):
        start = line.start()
        while line.end() - start > _MAX_CHARS:
            end = _cut(text, start, start + _MAX_CHARS)
            yield start, end
            start = end
        if not text[start : line.end()].isspace():
            yield start, line.end()


def _cut(text: str, start: int, limit: int) -> int:
    """The last end of a sentence before ``limit``, else the last space, else ``limit``."""
    for ends in (_SENTENCE_END, _SPACE):
        found = [match.end() for match in ends.finditer(text, start, limit)]
        if found and found[-1] > start + 1:
            return found[-1]
    return limit
