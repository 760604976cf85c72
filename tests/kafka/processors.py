"""Processors for tests of delivery: fast, deterministic, and with the faults that the tests ask for.

An article says what is to happen to it: ``sleep`` seconds, ``hang``, ``die``, ``raise``, ``title_chars``; and
it may say its ``version`` and the ``events`` that it has, by names that are theirs in the article.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from typing import Any

import orjson

from workers.contract.records import (
    ArticleReference,
    EnrichedArticle,
    Event,
    EventType,
    Outcome,
    Party,
    Quad,
    Reason,
    Rejection,
    Span,
    Status,
)
from workers.settings import Settings

EVENTS_PER_ARTICLE = 2


def fast(settings: Settings, observe: Callable[[str, float], None]) -> Callable[[bytes | None], Outcome]:
    """Two events an article that names none; what is not an article with an id is rejected."""

    def process(value: bytes | None) -> Outcome:
        observe("text", 0.001)
        try:
            article = orjson.loads(value or b"")
            return _enrich(article)
        except (ValueError, KeyError, TypeError):
            return Rejection(
                stage="read", reason=Reason.INVALID_JSON, error="JSONDecodeError", message="no JSON"
            )

    return process


def _enrich(article: dict[str, Any]) -> EnrichedArticle:
    time.sleep(article.get("sleep", 0))
    if article.get("die"):
        os._exit(1)
    if article.get("raise"):
        raise RuntimeError("a defect")
    while article.get("hang"):
        time.sleep(0.1)
    version = article.get("version", 1)
    reference = ArticleReference(
        id=article["id"], version=version, language="en", published_at=article.get("published_at")
    )
    names = article.get("events")
    ids = (
        [f"{reference.id}/{number}" for number in range(EVENTS_PER_ARTICLE)]
        if names is None
        else [event_id(reference.id, name) for name in names]
    )
    return EnrichedArticle(
        id=article["id"],
        version=version,
        language="en",
        title=_noise(article.get("title_chars", 0)),
        url=None,
        published_at=article.get("published_at"),
        publisher=None,
        text_chars=4,
        analysed_chars=4,
        sources=(),
        entities=(),
        events=tuple(_event(reference, one) for one in ids),
    )


def event_id(article_id: str, name: str) -> str:
    """The id of the event that an article calls ``name``."""
    return f"e-{hashlib.blake2b(f'{article_id}/{name}'.encode(), digest_size=16).hexdigest()}"


def _event(reference: ArticleReference, identifier: str) -> Event:
    return Event(
        id=identifier,
        type=EventType.CONSULT,
        mode=None,
        status=Status.ASSERTED,
        quad=Quad.VERBAL_COOPERATION,
        intensity=1.0,
        confidence=0.5,
        actors=(Party(name="A"),),
        recipients=(),
        speaker=None,
        location=None,
        time=None,
        evidence=Span("text", 0, 4, "text"),
        article=reference,
    )


def _noise(chars: int) -> str | None:
    """Hexadecimal digits that compress to no less than half."""
    digests = (hashlib.sha256(str(n).encode()).hexdigest() for n in range(chars // 64 + 1))
    return "".join(digests)[:chars] or None
