"""From messages of Telex's topics to what the demo shows of them: bounded, harmless lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

_JOINERS = frozenset("\u200c\u200d")  # format characters, yet part of how Persian and others are spelt
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NOBODY = "–"
_RELATIONS = ("agency", "publisher", "cited")


@dataclass(frozen=True, slots=True)
class EventLine:
    """One typed event as the demo shows it; ``clock`` is the local time at which Kafka got it."""

    clock: str
    type: str
    status: str
    actors: str
    recipients: str
    source: str
    language: str
    evidence: str


@dataclass(frozen=True, slots=True)
class DeadLine:
    """One dead letter as the demo shows it."""

    clock: str
    reason: str
    message: str
    excerpt: str


def one_line(text: str, limit: int) -> str:
    """``text`` as one line of at most ``limit`` characters, without control, bidi and other unseen ones."""
    # What is cut off is not looked at: the text may be megabytes long.
    head = text[: limit * 4]
    visible = "".join(
        character if character in _JOINERS or unicodedata.category(character) not in _HARMFUL else " "
        for character in head
    )
    line = " ".join(visible.split())
    if len(line) > limit:
        return line[: limit - 1] + "…"
    return line + "…" if len(text) > len(head) and len(line) < limit else line


def event_line(value: bytes | None, timestamp_ms: int) -> EventLine | None:
    """Read a message of the events topic; None when it is none of Telex's events."""
    event = _json_object(value)
    if event is None or not isinstance(event.get("type"), str):
        return None
    article = _dictionary(event.get("article"))
    return EventLine(
        clock=_clock(timestamp_ms),
        type=one_line(event["type"], 10),
        status=one_line(str(event.get("status", "")), 12),
        actors=_parties(event.get("actors")),
        recipients=_parties(event.get("recipients")),
        source=_source(article.get("sources")),
        language=one_line(str(article.get("language", "und")), 8),
        evidence=one_line(str(_dictionary(event.get("evidence")).get("text", "")), 300),
    )


def dead_line(
    value: bytes | None, headers: Iterable[tuple[str, bytes | None]], timestamp_ms: int
) -> DeadLine:
    """Read a dead letter: the reason from its headers, the beginning of the article from its value."""
    given = {name: (content or b"").decode("utf-8", "replace") for name, content in headers}
    return DeadLine(
        clock=_clock(timestamp_ms),
        reason=one_line(given.get("dlq-reason", "unknown"), 20),
        message=one_line(given.get("dlq-message", ""), 160),
        excerpt=one_line((value or b"")[:400].decode("utf-8", "replace"), 80),
    )


def _json_object(value: bytes | None) -> dict[str, Any] | None:
    try:
        content = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def _dictionary(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _parties(value: object) -> str:
    parties = [_dictionary(party) for party in _sequence(value)[:4]]
    names = [
        f"{name} ({country})" if isinstance(country := party.get("country"), str) else name
        for party in parties
        if (name := one_line(str(party.get("name", "")), 60))
    ]
    return one_line(", ".join(names), 120) or _NOBODY


def _source(value: object) -> str:
    tags = [_dictionary(tag) for tag in _sequence(value)]
    for relation in _RELATIONS:
        for tag in tags:
            if tag.get("relation") == relation:
                return one_line(str(tag.get("source", "")), 24)
    return _NOBODY


def _clock(timestamp_ms: int) -> str:
    try:
        return datetime.fromtimestamp(timestamp_ms / 1000).astimezone().strftime("%H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return "--:--:--"
