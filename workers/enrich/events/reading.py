"""One field made ready to code: its sentences, triggers, quotations and dates, and who is named in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workers.contract.records import Entity, SourceTag
from workers.enrich.encoder.triggers import Trigger
from workers.enrich.events.dates import FoundDate, dates_in, published_day
from workers.enrich.events.knowledge import EventKnowledge
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.parties import Parties
from workers.enrich.events.quotations import Quotation, find_quotations
from workers.enrich.events.words import NO_WORDS
from workers.enrich.syntax import Parse
from workers.enrich.text import FieldText


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the steps of the coder look at in one field.

    ``sentences`` are (start, end) in characters; ``likeliest`` has the probability of the likeliest trigger
    of each sentence that has one, ``total_likeliest`` their sum.
    """

    field: FieldText
    sentences: Sequence[tuple[int, int]]
    triggers: Sequence[Trigger]
    likeliest: Mapping[tuple[int, int], float]
    total_likeliest: float
    quotations: Sequence[Quotation]
    dates: Sequence[FoundDate]
    published: date | None
    parties: Parties

    def triggers_within(self, first: int, last: int) -> Sequence[Trigger]:
        """The triggers that begin at a character from ``first`` up to ``last``."""
        start = bisect_left(self.triggers, first, key=lambda trigger: trigger.start)
        return self.triggers[start : bisect_left(self.triggers, last, key=lambda trigger: trigger.start)]

    def sentence_at(self, offset: int) -> tuple[int, int]:
        """The sentence that a character stands in."""
        return _sentence_at(self.sentences, offset)


def make_reading(
    parse: Parse,
    language: str,
    entities: Sequence[Entity],
    sources: Sequence[SourceTag],
    published_at: str | None,
    knowledge: EventKnowledge,
) -> Reading:
    """The reading of one parsed field."""
    text = parse.field.clean
    published = published_day(published_at)
    rules = knowledge.dates.get(language)
    sentences = [(sentence.start_char, sentence.end_char) for sentence in parse.doc.sents]
    likeliest: dict[tuple[int, int], float] = {}
    for trigger in parse.triggers:
        sentence = _sentence_at(sentences, trigger.start)
        likeliest[sentence] = max(likeliest.get(sentence, 0.0), trigger.probability)
    return Reading(
        field=parse.field,
        sentences=sentences,
        triggers=parse.triggers,
        likeliest=likeliest,
        total_likeliest=sum(likeliest.values()),
        quotations=find_quotations(text),
        dates=dates_in(text, published, rules) if rules and parse.triggers else (),
        published=published,
        parties=Parties(
            text,
            language,
            Mentions(parse.field.name, entities, sources),
            knowledge.words.get(language, NO_WORDS),
            knowledge.gazetteer,
            knowledge.rules,
        ),
    )


def _sentence_at(sentences: Sequence[tuple[int, int]], offset: int) -> tuple[int, int]:
    return sentences[max(0, bisect_right(sentences, offset, key=lambda sentence: sentence[0]) - 1)]
