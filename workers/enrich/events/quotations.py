"""What stands in quotation marks, and who says it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.tree import VERBAL, Tree, subject_of

_PAIRS = {"«": "»", "“": "”", "„": "“", "‹": "›", "「": "」"}
MAX_QUOTATION = 1500
_BEFORE = 16
_AFTER = 12


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation's character span, marks included, and the node of its speaker, if one is named."""

    start: int
    end: int
    speaker: int | None


def find_quotations(tree: Tree, lexicon: Lexicon) -> list[Quotation]:
    """The quotations of a field in order. An unclosed one ends with its line; none is longer than a bound."""
    spans = _spans(tree.text)
    found: list[Quotation] = []
    last_speaker: int | None = None
    for start, end in spans:
        speaker = _speaker(tree, start, end, lexicon)
        if speaker is None and end - start > 40:
            speaker = last_speaker
        last_speaker = speaker if speaker is not None else last_speaker
        found.append(Quotation(start, end, speaker))
    return found


def quotation_at(quotations: Sequence[Quotation], offset: int) -> Quotation | None:
    """The quotation that ``offset`` stands in."""
    place = bisect_left(quotations, offset + 1, key=lambda q: q.start) - 1
    if place >= 0 and quotations[place].start <= offset < quotations[place].end:
        return quotations[place]
    return None


def _spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    open_at, closing = -1, ""
    for i, character in enumerate(text):
        if open_at >= 0:
            if character == closing or character == "\n" or i - open_at > MAX_QUOTATION:
                if character != "\n" or closing != '"':
                    spans.append((open_at, i + 1 if character == closing else i))
                open_at = -1
        elif character in _PAIRS:
            open_at, closing = i, _PAIRS[character]
        elif character == '"':
            open_at, closing = i, '"'
    if open_at >= 0 and closing != '"':
        spans.append((open_at, len(text)))
    return spans


def _speaker(tree: Tree, start: int, end: int, lexicon: Lexicon) -> int | None:
    say, relative = lexicon.words_of("say"), lexicon.words_of("relative")
    first = bisect_left(tree.start, start)
    after = bisect_left(tree.start, end)
    for place in range(after, min(len(tree), after + _AFTER)):
        if "\n" in tree.form[place] or tree.form[place] in (".", "«", "“"):
            break
        if tree.pos[place] in VERBAL and tree.lemma[place] in say:
            subject = subject_of(tree, place, relative)
            if subject is not None:
                return subject
    for place in range(first - 1, max(-1, first - _BEFORE), -1):
        if "\n" in tree.form[place] or (tree.form[place] == "." and place < first - 2):
            break
        if tree.pos[place] in VERBAL and tree.lemma[place] in say:
            subject = subject_of(tree, place, relative)
            if subject is not None:
                return subject
    return None
