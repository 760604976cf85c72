"""Messages and outcomes for the tests of delivery."""

from __future__ import annotations

from workers.contract.records import (
    ArticleReference,
    EnrichedArticle,
    Event,
    EventType,
    Quad,
    Span,
    Status,
)
from workers.delivery.batch import Message, Place


def message(
    *,
    partition: int = 0,
    offset: int = 0,
    key: bytes | None = b"key",
    value: bytes | None = b"value",
    headers: tuple[tuple[str, bytes], ...] = (),
) -> Message:
    return Message(Place("articles", partition, offset), 1_750_000_000_000, key, value, headers)


def enriched(identifier: str, *, events: int = 0, title: str | None = None) -> EnrichedArticle:
    reference = ArticleReference(id=identifier, version=1, language="fr")
    return EnrichedArticle(
        id=identifier,
        version=1,
        language="fr",
        title=title,
        url=None,
        published_at="2025-06-13T10:00:00+02:00",
        publisher=None,
        text_chars=4,
        analysed_chars=4,
        sources=(),
        entities=(),
        events=tuple(
            Event(
                id=f"{identifier}-{number}",
                type=EventType.AID,
                mode=None,
                status=Status.ASSERTED,
                quad=Quad.MATERIAL_COOPERATION,
                intensity=7.0,
                confidence=0.5,
                actors=(),
                recipients=(),
                speaker=None,
                location=None,
                time=None,
                evidence=Span("text", 0, 4, "aide"),
                article=reference,
            )
            for number in range(events)
        ),
    )
