"""What readers have of an article already, and what a version of it changes of that.

Of a corrected article readers learn what it changes: new events, and those that it has no longer. For that
the worker remembers what was published of the newest articles of each partition, in memory and in a
compacted topic.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, islice

import orjson
import structlog

from workers.contract.records import (
    ArticleVersion,
    EnrichedArticle,
    Event,
    EventReference,
    EventType,
    PublishedArticle,
    RetractedEvent,
)
from workers.contract.schemas import validate

# Events of one version are remembered all; with them, of other readings of the same version, so many in all.
_MAX_REMEMBERED_EVENTS = 1_000
# More than there are new articles, so that a lowered limit is reached little by little.
_FORGET_AT_ONCE = 1_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """What readers of events are told of an article; ``published`` is to be remembered, None: as before."""

    events: tuple[Event, ...] = ()
    retracted: tuple[RetractedEvent, ...] = ()
    published: PublishedArticle | None = None


def changes_of(article: EnrichedArticle, before: PublishedArticle | None) -> Changes:
    """What ``article`` changes for readers who have ``before`` of it (None: nothing that is remembered).

    A higher version tells what differs, a lower one nothing. The same version again, a repeat, tells all its
    events and what it retracted the first time, so that a replay gives readers everything that stands.
    """
    if before is None:
        # Not to know an article and to know a first version without events comes to the same.
        known = article.version > 1 or article.events
        return Changes(article.events, (), _published(article) if known else None)
    if article.version < before.version:
        return Changes()
    if article.version == before.version:
        return _repeat(article, before)
    return _correct(article, before)


def _correct(article: EnrichedArticle, before: PublishedArticle) -> Changes:
    standing = {event.id for event in before.events}
    present = {event.id for event in article.events}
    gone = tuple(event for event in before.events if event.id not in present)
    return Changes(
        events=tuple(event for event in article.events if event.id not in standing),
        retracted=_retractions(article, gone),
        published=_published(article, retracted=gone),
    )


def _repeat(article: EnrichedArticle, before: PublishedArticle) -> Changes:
    """The same words give the same events; other words, or another Telex, give others, which stand too."""
    present = {event.id for event in article.events}
    others = tuple(event for event in before.events if event.id not in present)
    gone = tuple(event for event in before.retracted if event.id not in present)
    after = _published(article, others[: max(0, _MAX_REMEMBERED_EVENTS - len(present))], gone)
    same = set(after.events) == set(before.events) and after.retracted == before.retracted
    return Changes(article.events, _retractions(article, gone), None if same else after)


def _published(
    article: EnrichedArticle,
    others: Iterable[EventReference] = (),
    retracted: tuple[EventReference, ...] = (),
) -> PublishedArticle:
    own = (EventReference(id=event.id, type=event.type) for event in article.events)
    return PublishedArticle(version=article.version, events=(*own, *others), retracted=retracted)


def _retractions(article: EnrichedArticle, gone: Iterable[EventReference]) -> tuple[RetractedEvent, ...]:
    version = ArticleVersion(id=article.id, version=article.version)
    return tuple(RetractedEvent(id=event.id, type=event.type, article=version) for event in gone)


def decode_published(value: bytes) -> PublishedArticle | None:
    """Read a value of the topic ``articles-published``; None for what is none, which the log tells of."""
    try:
        content = orjson.loads(value)
        problem = validate("published-article", content)
    except orjson.JSONDecodeError as error:
        problem = str(error)
    if problem is not None:
        _log.error("published_article_not_readable", problem=problem)
        return None
    return PublishedArticle(
        version=int(content["version"]),
        events=tuple(map(_reference, content["events"])),
        retracted=tuple(map(_reference, content["retracted"])),
    )


def _reference(content: dict[str, str]) -> EventReference:
    return EventReference(id=content["id"], type=EventType(content["type"]))


class Memory:
    """What was published of the newest ``max_articles`` articles of each partition.

    Kept as the topic has it, value by key in the order of writing: reading the topic from its start, or on
    from where one was, gives the same memory as having written it.
    """

    def __init__(self, max_articles: int) -> None:
        self.max_articles = max_articles
        self._partitions: dict[int, OrderedDict[bytes, bytes]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._partitions.values()))

    def keep(self, partitions: Collection[int]) -> None:
        """Forget all other partitions."""
        for number in self._partitions.keys() - set(partitions):
            del self._partitions[number]

    def read(self, partition: int, key: bytes | None, value: bytes | None) -> None:
        """Take in a record of the topic; one without a value takes its article out."""
        articles = self.of(partition)
        if key is None:
            return
        articles.pop(key, None)
        if value is not None:
            # A copy of its own size: what orjson writes holds on to four kilobytes, however short it is.
            articles[key] = bytes(memoryview(value))

    def of(self, partition: int) -> OrderedDict[bytes, bytes]:
        """The articles of a partition, the one that was written first comes first."""
        return self._partitions.setdefault(partition, OrderedDict())

    def apply(self, draft: Draft) -> None:
        """Take in what a transaction has committed."""
        for partition, key, value in draft.records():
            self.read(partition, key, value)


class Draft:
    """What one transaction will change of a memory, which itself stays as it is until that has committed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._written: dict[int, dict[bytes, bytes]] = {}

    def find(self, partition: int, article_id: str) -> PublishedArticle | None:
        """What was published of an article, by this transaction so far or before it."""
        key = article_id.encode("utf-8", "surrogatepass")
        written = self._written.get(partition, {})
        value = written.get(key) or self._memory.of(partition).get(key)
        return None if value is None else decode_published(value)

    def write(self, partition: int, key: bytes, value: bytes) -> None:
        """Note a record that the transaction sends to the topic."""
        written = self._written.setdefault(partition, {})
        written.pop(key, None)
        written[key] = value

    def forgotten(self) -> list[tuple[int, bytes]]:
        """The partition and key of each article that has to make room, the oldest ones."""
        return [(partition, key) for partition, key, value in self.records() if value is None]

    def records(self) -> list[tuple[int, bytes, bytes | None]]:
        """Partition, key and value of all that is written, then of what is forgotten, without a value."""
        written = [
            (partition, key, value)
            for partition, values in self._written.items()
            for key, value in values.items()
        ]
        return [
            *written,
            *((partition, key, None) for partition in self._written for key in self._excess(partition)),
        ]

    def _excess(self, partition: int) -> Iterable[bytes]:
        written, known = self._written[partition], self._memory.of(partition)
        count = len(known) + sum(key not in known for key in written) - self._memory.max_articles
        oldest = chain((key for key in known if key not in written), written)
        return islice(oldest, max(0, min(count, len(written) + _FORGET_AT_ONCE)))
