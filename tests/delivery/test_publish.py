"""From outcomes to records: enriched articles, events, dead letters."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.delivery.samples import enriched, message
from workers.contract.records import Reason, Rejection
from workers.contract.schemas import validate
from workers.delivery.publish import OutputTopics, dead_letter, prepare

NOW = datetime(2025, 6, 13, 8, 30, 1, 250_000, tzinfo=UTC)
TOPICS = OutputTopics("p.articles-enriched", "p.events", "p.articles-dlq")
REJECTION = Rejection(stage="read", reason=Reason.INVALID_JSON, error="JSONDecodeError", message="line 1: x")
TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def test_an_enriched_article_and_its_events() -> None:
    outcome = enriched("a1", events=2)
    delivery = prepare(message(headers=(TRACE,)), outcome, TOPICS, NOW)
    article, *events = delivery.records
    assert (article.topic, article.key) == ("p.articles-enriched", b"a1")
    assert json.loads(article.value or b"")["id"] == "a1"
    assert [(record.topic, record.key) for record in events] == [("p.events", b"a1-0"), ("p.events", b"a1-1")]
    for record in delivery.records:
        assert TRACE in record.headers
        assert dict(record.headers)["ce_time"] == b"2025-06-13T08:30:01.250Z"
    assert dict(events[0].headers)["ce_id"] == b"a1-0"


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
    topics = OutputTopics("e", "v", "dlq", {"e": 10_000, "v": 10_000})
    fits = prepare(message(), enriched("a", events=1, title="x" * 5_000), topics, NOW)
    assert [record.topic for record in fits.records] == ["e", "v"]
    refused = prepare(message(), enriched("a", events=1, title="x" * 10_000), topics, NOW)
    assert [record.topic for record in refused.records] == ["dlq"]
    assert isinstance(refused.outcome, Rejection)
    assert refused.outcome.reason is Reason.TOO_LARGE


def test_a_record_that_cannot_be_written_is_a_dead_letter() -> None:
    delivery = prepare(message(), enriched("\ud800"), TOPICS, NOW)
    assert [record.topic for record in delivery.records] == ["p.articles-dlq"]
    assert isinstance(delivery.outcome, Rejection)
    assert delivery.outcome.reason is Reason.INTERNAL_ERROR
