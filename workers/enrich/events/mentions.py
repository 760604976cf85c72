"""Where a field names the article's entities, as nodes of its tree."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from workers.contract.records import Entity, EntityType, Relation, SourceTag, Span
from workers.enrich.events.tree import Tree

MAX_MENTIONS_BACK = 60


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: its first character and its node."""

    start: int
    entity: Entity
    node: int


class Mentions:
    """The mentions of one field in text order. Credited agencies are kept apart: they act in no event."""

    def __init__(
        self, tree: Tree, field_name: str, entities: Sequence[Entity], sources: Sequence[SourceTag]
    ) -> None:
        self._tree = tree
        credits_given = [s.evidence for s in sources if s.relation in (Relation.AGENCY, Relation.PUBLISHER)]
        agencies = _agencies(entities, credits_given)
        by_start = {start: i for i, start in enumerate(tree.start)}
        mentions: list[Mention] = []
        credited: set[int] = set()
        for entity in entities:
            for span in entity.mentions:
                token = by_start.get(span.start)
                if span.field != field_name or token is None:
                    continue
                node = tree.node[token]
                if entity.id in agencies or _is_in_credit(entity, span, credits_given):
                    credited.add(node)
                else:
                    mentions.append(Mention(span.start, entity, node))
        self.all = tuple(sorted(mentions, key=lambda m: m.start))
        self.main_country = _main_country(entities)
        self._credited = frozenset(credited)
        self._starts = [m.start for m in self.all]
        self._at = {m.node: m.entity for m in self.all}

    def entity_at(self, node: int) -> Entity | None:
        """The entity whose mention is this node."""
        return self._at.get(self._tree.node[node])

    def is_credited(self, node: int) -> bool:
        """Whether the node is a credited agency."""
        return self._tree.node[node] in self._credited

    def is_person(self, node: int) -> bool:
        """Whether the node names a person."""
        entity = self.entity_at(node)
        return entity is not None and entity.type is EntityType.PERSON

    def before(self, offset: int, reach: int) -> list[Mention]:
        """The mentions at most ``reach`` characters before ``offset``, nearest first, a bounded number."""
        place = bisect_left(self._starts, offset)
        nearest = reversed(self.all[max(0, place - MAX_MENTIONS_BACK) : place])
        return [m for m in nearest if offset - m.start <= reach]


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
