"""What stands in quotation marks, of every kind, closed or not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

MAX_QUOTATION_CHARS = 3_000
_PAIRS = {"«": "»", "“": "”", "„": "“”", "‹": "›", "「": "」", "『": "』", "‟": "”"}
_STRAIGHT = '"'


class Quotation(NamedTuple):
    """Characters ``start`` up to ``end`` are quoted, the marks among them."""

    start: int
    end: int


def find_quotations(text: str) -> list[Quotation]:
    """The quotations of a text in order; linear in its length.

    A quotation that nobody closes ends with its line, as agencies open each paragraph of a long one anew; a
    straight mark that nobody closes, or not before another kind opens, quotes nothing.
    """
    found: list[Quotation] = []
    open_at, closing = -1, ""
    for at, sign in enumerate(text):
        if open_at >= 0:
            if sign in closing:
                found.append(Quotation(open_at, at + 1))
            elif closing == _STRAIGHT and sign in _PAIRS:
                open_at, closing = at, _PAIRS[sign]
                continue
            elif sign != "\n" and at - open_at <= MAX_QUOTATION_CHARS:
                continue
            elif closing != _STRAIGHT:
                found.append(Quotation(open_at, at))
            open_at = -1
        elif sign in _PAIRS or sign == _STRAIGHT:
            open_at, closing = at, _PAIRS.get(sign, _STRAIGHT)
    if open_at >= 0 and closing != _STRAIGHT:
        found.append(Quotation(open_at, len(text)))
    return found


def quotation_at(quotations: Sequence[Quotation], offset: int) -> Quotation | None:
    """The quotation that a character stands in."""
    place = bisect_right(quotations, offset, key=lambda quotation: quotation.start) - 1
    return quotations[place] if place >= 0 and offset < quotations[place].end else None
