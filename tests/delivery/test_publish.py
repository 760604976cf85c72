"""From outcomes to records: enriched articles, events, dead letters."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

from tests.delivery.samples import enriched, message
from workers.contract.records import EventReference, EventType, PublishedArticle, Reason, Rejection
from workers.contract.schemas import validate
from workers.delivery.publish import OutputTopics, dead_letter, prepare, prepare_batch, tombstones
from workers.delivery.versions import Draft, Memory

NOW = datetime(2025, 6, 13, 8, 30, 1, 250_000, tzinfo=UTC)
TOPICS = OutputTopics("p.articles-enriched", "p.events", "p.articles-dlq", "p.articles-published")
REJECTION = Rejection(stage="read", reason=Reason.INVALID_JSON, error="JSONDecodeError", message="line 1: x")
TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def test_an_enriched_article_and_its_events() -> None:
    outcome = enriched("a1", events=2)
    delivery = prepare(message(headers=(TRACE,)), outcome, TOPICS, NOW)
    article, *events, published = delivery.records
    assert (article.topic, article.key) == ("p.articles-enriched", b"a1")
    assert json.loads(article.value or b"")["id"] == "a1"
    assert [(record.topic, record.key) for record in events] == [("p.events", b"a1-0"), ("p.events", b"a1-1")]
    for record in (article, *events):
        assert TRACE in record.headers
        assert dict(record.headers)["ce_time"] == b"2025-06-13T08:30:01.250Z"
    assert dict(events[0].headers)["ce_id"] == b"a1-0"
    assert (published.topic, published.key, published.partition) == ("p.articles-published", b"a1", 0)
    value = json.loads(published.value or b"")
    assert validate("published-article", value) is None
    assert [event["id"] for event in value["events"]] == ["a1-0", "a1-1"]


def test_a_correction_is_new_events_retractions_and_what_to_remember() -> None:
    gone = f"e-{'0' * 32}"
    before = PublishedArticle(
        version=1,
        events=(
            EventReference(id=gone, type=EventType.ASSAULT),
            EventReference(id="a1-0", type=EventType.AID),
        ),
    )
    outcome = dataclasses.replace(enriched("a1", events=2), version=3)
    delivery = prepare(message(partition=7, headers=(TRACE,)), outcome, TOPICS, NOW, before)
    article, event, retracted, published = delivery.records
    assert len(json.loads(article.value or b"")["events"]) == 2
    assert event.key == b"a1-1"
    assert (retracted.topic, retracted.key) == ("p.events", gone.encode())
    told = json.loads(retracted.value or b"")
    assert validate("retracted-event", told) is None
    assert told["article"] == {"id": "a1", "version": 3}
    headers = dict(retracted.headers)
    assert headers["ce_type"] == b"telex.event-retracted.assault.v1"
    assert headers["ce_time"] == b"2025-06-13T08:30:01.250Z"
    assert TRACE in retracted.headers
    assert (published.topic, published.partition) == ("p.articles-published", 7)


def test_a_batch_remembers_from_message_to_message_what_it_publishes() -> None:
    memory = Memory(1)
    memory.read(2, b"old", b'{"version":1,"events":[],"retracted":[]}')
    draft = Draft(memory)
    second = dataclasses.replace(enriched("a", events=1), version=2)
    outcomes = [enriched("a", events=2), second, REJECTION, enriched("a", events=2), enriched("\ud800")]
    batch = [(message(partition=2, offset=number), outcome) for number, outcome in enumerate(outcomes)]
    deliveries = prepare_batch(batch, TOPICS, NOW, draft)
    assert [len(delivery.changes.events) for delivery in deliveries] == [2, 0, 0, 0, 0]
    assert [[one.id for one in delivery.changes.retracted] for delivery in deliveries] == [
        [],
        ["a-1"],
        [],
        [],
        [],
    ]
    (tombstone,) = tombstones(draft, TOPICS.published)
    assert (tombstone.key, tombstone.value, tombstone.partition) == (b"old", None, 2)
    memory.apply(draft)
    assert list(memory.of(2)) == [b"a"]


def test_what_is_a_dead_letter_after_all_is_not_remembered() -> None:
    topics = OutputTopics("e", "v", "dlq", "p", {"e": 2_000})
    draft = Draft(Memory(9))
    (delivery,) = prepare_batch([(message(), enriched("a", events=1, title="x" * 5_000))], topics, NOW, draft)
    assert [record.topic for record in delivery.records] == ["dlq"]
    assert (delivery.changes.events, draft.records()) == ((), [])


def test_a_dead_letter_is_the_message_and_why() -> None:
    headers = (("a", b"1"), ("a", b"\xff"), ("dlq-reason", b"an older one"))
    before = message(partition=3, offset=42, key=b"\x00k", value=b"{", headers=headers)
    (record,) = prepare(before, REJECTION, TOPICS, NOW).records
    assert (record.topic, record.key, record.value) == ("p.articles-dlq", b"\x00k", b"{")
    assert record.headers[:3] == headers
    added = {name: value.decode() for name, value in record.headers[3:]}
    assert added == {
        "dlq-topic": "articles",
        "dlq-partition": "3",
        "dlq-offset": "42",
        "dlq-timestamp": "1750000000000",
        "dlq-stage": "read",
        "dlq-reason": "invalid_json",
        "dlq-error": "JSONDecodeError",
        "dlq-message": "line 1: x",
        "dlq-failed-at": "2025-06-13T08:30:01.250Z",
    }
    assert validate("dead-letter", added) is None


def test_a_dead_letter_of_nothing() -> None:
    tombstone = dead_letter(message(value=None), REJECTION, "dlq", NOW)
    assert (tombstone.key, tombstone.value) == (b"key", None)
    nothing = dead_letter(message(key=None, value=None), REJECTION, "dlq", NOW)
    assert (nothing.key, nothing.value) == (None, b"")


def test_a_dead_letter_survives_a_hostile_reason() -> None:
    hostile = Rejection(stage="read", reason=Reason.SCHEMA, error="E", message="\ud800" + "é" * 5000)
    headers = dict(dead_letter(message(), hostile, "dlq", NOW).headers)
    assert headers["dlq-message"].decode() == "?" + "é" * 999


def test_a_record_over_its_topic_limit_is_a_dead_letter() -> None:
    topics = OutputTopics("e", "v", "dlq", "p", {"e": 10_000, "v": 10_000})
    fits = prepare(message(), enriched("a", events=1, title="x" * 5_000), topics, NOW)
    assert [record.topic for record in fits.records] == ["e", "v", "p"]
    refused = prepare(message(), enriched("a", events=1, title="x" * 10_000), topics, NOW)
    assert [record.topic for record in refused.records] == ["dlq"]
    assert isinstance(refused.outcome, Rejection)
    assert refused.outcome.reason is Reason.TOO_LARGE


def test_a_record_that_cannot_be_written_is_a_dead_letter() -> None:
    delivery = prepare(message(), enriched("\ud800"), TOPICS, NOW)
    assert [record.topic for record in delivery.records] == ["p.articles-dlq"]
    assert isinstance(delivery.outcome, Rejection)
    assert delivery.outcome.reason is Reason.INTERNAL_ERROR
