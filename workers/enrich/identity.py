"""Ids from content alone: the same article gives the same ids on every machine and in every order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workers.contract.records import ArticleReference, Event
from workers.enrich.events import EventDraft

_DIGEST_BYTES = 16


def derive_article_id(article: Mapping[str, Any]) -> str:
    """The id of an article: its own, else one made from its ``url``, else one made from its ``text``."""
    given = article.get("id")
    if given:
        return str(given)
    url = article.get("url")
    return f"u-{_digest(str(url))}" if url else f"t-{_digest(str(article['text']))}"


def identify_events(drafts: Iterable[EventDraft], article: ArticleReference) -> Iterator[Event]:
    """Give each draft its id and its article.

    The id hashes the article's id, the type, mode and status, the names on both sides and the evidence's
    text, but no offset: an event keeps its id when a corrected version of the article moves it. A repeat of
    all of that in one article is told apart by its count.
    """
    seen: Counter[str] = Counter()
    for draft in drafts:
        content = _event_content(draft)
        seen[content] += 1
        yield Event(
            id=f"e-{_digest(article.id, content, str(seen[content]))}",
            type=draft.type,
            mode=draft.mode,
            status=draft.status,
            quad=draft.quad,
            intensity=draft.intensity,
            confidence=draft.confidence,
            actors=draft.actors,
            recipients=draft.recipients,
            speaker=draft.speaker,
            location=draft.location,
            time=draft.time,
            evidence=draft.evidence,
            article=article,
        )


def _event_content(draft: EventDraft) -> str:
    parts = [
        draft.type.value,
        draft.mode or "",
        draft.status.value,
        draft.evidence.field,
        draft.evidence.text,
    ]
    parts += ["actor:" + party.name for party in draft.actors]
    parts += ["recipient:" + party.name for party in draft.recipients]
    return _digest(*parts)


def _digest(*parts: str) -> str:
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        data = part.encode("utf-8")
        hashed.update(len(data).to_bytes(8, "big"))  # so that ("ab", "c") and ("a", "bc") differ
        hashed.update(data)
    return hashed.hexdigest()
