"""The contiguous piece of text that shows an event."""

from __future__ import annotations

import re

from workers.contract.records import Span
from workers.enrich.encoder.pieces import is_inside_word
from workers.enrich.encoder.triggers import Trigger
from workers.enrich.events.reading import Reading

_CLAUSE_END = re.compile(r"[,;:.!?…؟،؛。！？，；\n»”\"—–]|\s[-(]")
_LOOSE = " \t\n\u00a0\u200c,;:.!?…؟،؛。，-–—\"'“”«»„()"


def evidence_of(reading: Reading, trigger: Trigger, reach: int) -> Span:
    """The clause from the nearest party to the end of what the trigger says, within its sentence.

    ``reach`` is how many characters it goes at most to either side of the trigger.
    """
    first, last = reading.sentence_at(trigger.start)
    first, last = max(first, trigger.start - reach), min(last, trigger.end + reach)
    parts = [
        (filler.start, filler.end)
        for filler in trigger.fillers
        if filler.role in ("actor", "recipient") and first <= filler.start and filler.end <= last
    ]
    start = min([trigger.start, *(begin for begin, _ in parts)])
    end = max([trigger.end, *(finish for _, finish in parts)])
    text = reading.field.clean
    clause_end = _CLAUSE_END.search(text, end, last)
    end = clause_end.start() if clause_end else last
    while trigger.end < end < last and is_inside_word(text, end):
        end -= 1
    start, end = _trimmed(text, start, max(end, trigger.end))
    return Span(reading.field.name, start, end, reading.field.original[start:end])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end - 1 and text[start] in _LOOSE:
        start += 1
    while end > start + 1 and text[end - 1] in _LOOSE:
        end -= 1
    return start, end
