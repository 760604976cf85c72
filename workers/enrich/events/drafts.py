"""What the event coder hands on: an event that has no id and no article yet."""

from __future__ import annotations

from dataclasses import dataclass

from workers.contract.records import EventTime, EventType, Party, Place, Quad, Span, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """Every field of `records.Event` but ``id`` and ``article``, with the same meaning."""

    type: EventType
    mode: str | None
    status: Status
    quad: Quad
    intensity: float
    confidence: float
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    speaker: Party | None
    location: Place | None
    time: EventTime | None
    evidence: Span
