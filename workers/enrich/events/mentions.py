"""Where a field names the article's entities."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from workers.contract.records import Entity, EntityType, Relation, SourceTag, Span

_MAX_BACK = 60
# What is said of a person's country stands about this near.
_HOME_CHARS = 120
_LEAST_NAMED = 2
_LEAST_SHARE = 0.6
_BESIDE_CHARS = 24
_POSSESSIVE = re.compile(r"['’]?s?\s+")
# At most two short words without a mark between a body and whose it is: "de la", "of the", "в".
_LINK = re.compile(r"\s+(?:\w{1,4}['’\s]\s?){0,2}\w{0,2}")


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters ``start`` up to ``end`` of the field name, or mean, the entity."""

    start: int
    end: int
    entity: Entity


class Mentions:
    """The mentions of one field in text order. Credited agencies are kept apart: they act in no event."""

    def __init__(self, field_name: str, entities: Sequence[Entity], sources: Sequence[SourceTag]) -> None:
        credits_given = [s.evidence for s in sources if s.relation in (Relation.AGENCY, Relation.PUBLISHER)]
        agencies = _agencies(entities, credits_given)
        found: list[Mention] = []
        credited: list[tuple[int, int]] = []
        for entity in entities:
            for span in (*entity.mentions, *entity.references):
                if span.field != field_name:
                    continue
                if entity.id in agencies or _is_in_credit(entity, span, credits_given):
                    credited.append((span.start, span.end))
                else:
                    found.append(Mention(span.start, span.end, entity))
        self.all = tuple(sorted(found, key=lambda mention: mention.start))
        self.main_country = _main_country(entities)
        self.people = frozenset(entity.id for entity in entities if entity.type is EntityType.PERSON)
        self._homes: dict[str, str | None] = {}
        self._credited = credited
        self._starts = [mention.start for mention in self.all]

    def within(self, start: int, end: int) -> list[Mention]:
        """The mentions that share a character with the span, left to right."""
        first = max(0, bisect_left(self._starts, start) - 1)
        last = bisect_left(self._starts, end)
        return [mention for mention in self.all[first:last] if mention.end > start]

    def home_of(self, person: Entity) -> str | None:
        """The country that is named around a person who has none, mostly and more than once; else None."""
        if person.id not in self._homes:
            near = Counter(
                other.entity.country
                for mention in self.all
                if mention.entity.id == person.id
                for other in self.within(mention.start - _HOME_CHARS, mention.end + _HOME_CHARS)
                if other.entity.country is not None and other.entity.type is not EntityType.PERSON
            )
            country, count = next(iter(near.most_common(1)), (None, 0))
            is_clear = count >= _LEAST_NAMED and count >= _LEAST_SHARE * near.total()
            self._homes[person.id] = country if is_clear else None
        return self._homes[person.id]

    def beside(self, start: int, end: int, text: str) -> str | None:
        """The country of a name that the words from ``start`` to ``end`` belong to: "X's minister"."""
        for mention in self.within(start - _BESIDE_CHARS, start):
            if mention.end <= start and _POSSESSIVE.fullmatch(text, mention.end, start):
                return mention.entity.country
        for mention in self.within(end, end + _BESIDE_CHARS):
            if mention.start >= end and _LINK.fullmatch(text, end, mention.start):
                return mention.entity.country
        return None

    def is_credited(self, start: int, end: int) -> bool:
        """Whether a credited agency stands in the span."""
        return any(first < end and start < last for first, last in self._credited)

    def before(self, offset: int, reach: int) -> list[Mention]:
        """The mentions at most ``reach`` characters before ``offset``, nearest first, a bounded number."""
        place = bisect_left(self._starts, offset)
        nearest = reversed(self.all[max(0, place - _MAX_BACK) : place])
        return [mention for mention in nearest if offset - mention.start <= reach]


def _agencies(entities: Sequence[Entity], credits_given: Sequence[Span]) -> frozenset[str]:
    return frozenset(
        e.id
        for e in entities
        if e.type is EntityType.ORGANIZATION
        and any(
            m.field == c.field and m.start < c.end and c.start < m.end
            for m in e.mentions
            for c in credits_given
        )
    )


def _is_in_credit(entity: Entity, span: Span, credits_given: Sequence[Span]) -> bool:
    return entity.type is not EntityType.LOCATION and any(
        c.field == span.field and c.start <= span.start < c.end for c in credits_given
    )


def _main_country(entities: Sequence[Entity]) -> str | None:
    """The country that an article is about: named twice at least, and twice as often as any other."""
    counts: Counter[str] = Counter()
    for entity in entities:
        if entity.country is not None:
            counts[entity.country] += len(entity.mentions)
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[0][1] < 2 * ranked[1][1]):
        return None
    return ranked[0][0]
