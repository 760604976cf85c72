"""The marks that an enriched article puts on its fields, whatever they are shown with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.contract.records import Article, EnrichedArticle, Event, FieldName, Party, Span


@dataclass(frozen=True, slots=True)
class Mark:
    """One labelled place; ``kind`` is ``mention``, ``source``, ``event`` or ``role``."""

    span: Span
    kind: str
    label: str


def fields_of(article: Article) -> Iterator[tuple[FieldName, str]]:
    """The fields of ``article`` that marks can stand in, in reading order."""
    for name in ("publisher", "url", "title", "text"):
        value = getattr(article, name)
        if value:
            yield name, value


def marks_of(enriched: EnrichedArticle, article: Article) -> list[Mark]:
    """All marks of ``enriched``, ordered by place, longer ones first."""
    marks = [
        Mark(mention, "mention", entity.type.value)
        for entity in enriched.entities
        for mention in entity.mentions
    ]
    marks += [Mark(tag.evidence, "source", f"{tag.relation.value} {tag.source}") for tag in enriched.sources]
    for number, event in enumerate(enriched.events, 1):
        marks.append(Mark(event.evidence, "event", f"{number} {event.type.value}"))
        for role, parties in (("actor", event.actors), ("recipient", event.recipients)):
            marks += [
                Mark(mention, "role", f"{number} {role}")
                for party in parties
                if (mention := _nearest_mention(party, event, enriched, article))
            ]
    return sorted(marks, key=lambda mark: (mark.span.field, mark.span.start, -mark.span.end, mark.label))


def describe_party(party: Party) -> str:
    """A party in one phrase: name, country and sector."""
    return f"{party.name} ({party.country or '?'}, {party.sector})"


def describe_event(event: Event) -> tuple[str, str, str, str, str]:
    """An event as (type and mode, status, actors, recipients, speaker with place and time)."""
    details = [
        f"said by {event.speaker.name}" if event.speaker else "",
        f"in {event.location.name}" if event.location else "",
        event.time.value if event.time else "",
    ]
    return (
        event.type.value + (f" {event.mode}" if event.mode else ""),
        event.status.value,
        "; ".join(map(describe_party, event.actors)) or "-",
        "; ".join(map(describe_party, event.recipients)) or "-",
        "; ".join(filter(None, details)),
    )


def _nearest_mention(party: Party, event: Event, enriched: EnrichedArticle, article: Article) -> Span | None:
    """The mention of ``party`` nearest to the event's evidence, if one stands in the same paragraph."""
    evidence = event.evidence
    value = getattr(article, evidence.field)
    start = value.rfind("\n", 0, evidence.start) + 1
    end = value.find("\n", evidence.end)
    end = len(value) if end < 0 else end
    mentions = [
        mention
        for entity in enriched.entities
        if entity.id == party.entity
        for mention in entity.mentions
        if mention.field == evidence.field and start <= mention.start and mention.end <= end
    ]
    return min(
        mentions,
        key=lambda mention: max(evidence.start - mention.end, mention.start - evidence.end, 0),
        default=None,
    )
