"""From scores of pieces to spans of characters: the likeliest labels that make sense, then exact ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.enrich.encoder.labels import CLITIC_LENGTHS, MENTION_LABELS
from workers.enrich.encoder.pieces import Piece, is_in_scripts, is_inside_word

Floats = NDArray[np.float32]
Labels = NDArray[np.intp]

_NEVER: Final = -1e9
# No name ends with these.
_NOT_LAST: Final = frozenset("([{«“„‹,;:،؛")
# How a piece follows the one before it.
_NEW_WORD, _SAME_WORD, _SAME_WORD_WITH_CLITICS = range(3)
# Scripts whose words may have a preposition or an "and" written onto the name: Arabic.
_CLITIC_SCRIPTS: Final = (("\u0600", "\u06ff"), ("\u0750", "\u077f"), ("\u08a0", "\u08ff"))


class NamedSpan(NamedTuple):
    """Characters ``start`` up to ``end`` name something of the type ``label`` (PER, ORG or LOC)."""

    start: int
    end: int
    label: str


def _transitions() -> Floats:
    """What may follow what, for each way of following: (way, label before, label), 0 or never."""
    size = len(MENTION_LABELS)
    ways = np.full((3, size, size), _NEVER, np.float32)
    for before, name_before in enumerate(MENTION_LABELS):
        for after, name_after in enumerate(MENTION_LABELS):
            goes_on = name_after[0] == "I" and name_before[0] in "BI" and name_before[2:] == name_after[2:]
            if goes_on or name_after[0] != "I":
                ways[_NEW_WORD, before, after] = 0
            if goes_on or name_before == name_after == "O":
                ways[_SAME_WORD : _SAME_WORD_WITH_CLITICS + 1, before, after] = 0
            if name_before == "O" and name_after[0] == "B":
                ways[_SAME_WORD_WITH_CLITICS, before, after] = 0
    return ways


_TRANSITIONS: Final = _transitions()
_FIRST: Final = np.array([0 if label[0] != "I" else _NEVER for label in MENTION_LABELS], np.float32)


def decode(text: str, pieces: Sequence[Piece], mentions: Floats, clitics: Floats) -> list[NamedSpan]:
    """The named spans of a text, left to right.

    ``mentions`` and ``clitics`` are the scores of the heads, (pieces, labels).
    """
    labels = best_labels(mentions, np.array(list(_ways(text, pieces)), np.intp))
    return list(_spans(text, pieces, labels, clitics.argmax(-1)))


def best_labels(scores: Floats, ways: NDArray[np.intp]) -> Labels:
    """The row of labels with the highest sum of scores that the transitions allow (Viterbi 1967).

    ``scores`` are (pieces, labels), ``ways`` how each piece follows the one before it.
    """
    best: Labels = scores.argmax(-1)
    if not len(best):
        return best
    # Nearly always the best label of each piece makes sense beside its neighbours, and so is the answer.
    if not _FIRST[best[0]] and not _TRANSITIONS[ways[1:], best[:-1], best[1:]].any():
        return best
    back = np.zeros(scores.shape, np.intp)
    total = scores[0] + _FIRST
    for at in range(1, len(scores)):
        options = total[:, None] + _TRANSITIONS[ways[at]]
        back[at] = options.argmax(0)
        total = options.max(0) + scores[at]
    best[-1] = total.argmax()
    for at in range(len(scores) - 1, 0, -1):
        best[at - 1] = back[at, best[at]]
    return best


def _ways(text: str, pieces: Sequence[Piece]) -> Iterator[int]:
    end = -1
    for piece in pieces:
        inside = piece.start == end and piece.start > 0
        if piece.start >= piece.end:
            yield _SAME_WORD if inside else _NEW_WORD
            continue
        letter = text[piece.start]
        if piece.start < end:
            # One character of several letters ("㎏") has several pieces.
            yield _SAME_WORD
            continue
        if not inside or not is_inside_word(text, piece.start):
            yield _NEW_WORD
        elif is_in_scripts(letter, _CLITIC_SCRIPTS):
            yield _SAME_WORD_WITH_CLITICS
        else:
            yield _SAME_WORD
        end = piece.end


def _spans(text: str, pieces: Sequence[Piece], labels: Labels, clitics: Labels) -> Iterator[NamedSpan]:
    """Runs of labels as spans; a first piece's clitics, white space and loose marks stay outside."""
    start = end = -1
    kind = ""
    for index, piece in enumerate(pieces):
        label = MENTION_LABELS[labels[index]]
        if label[0] != "I" and kind:
            yield from _trimmed(text, start, end, kind)
            kind = ""
        if label[0] == "B":
            skipped = CLITIC_LENGTHS[clitics[index]]
            start = piece.start + (skipped if skipped < piece.end - piece.start else 0)
            kind = label[2:]
        end = piece.end
    if kind:
        yield from _trimmed(text, start, end, kind)


def _trimmed(text: str, start: int, end: int, kind: str) -> Iterator[NamedSpan]:
    while start < end and not (text[start].isalnum() or text[start] in "@#&"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _NOT_LAST):
        end -= 1
    if start < end:
        yield NamedSpan(start, end, kind)
