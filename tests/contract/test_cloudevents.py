"""The headers of what is published, against CloudEvents, W3C Trace Context and the AsyncAPI document."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.test_schemas import ENRICHED, EVENT, RETRACTED
from workers.contract import cloudevents
from workers.contract.asyncapi import headers_schema
from workers.contract.cloudevents import enriched_headers, event_headers, retracted_headers, trace_headers
from workers.contract.files import schemas_folder
from workers.contract.records import EventType
from workers.contract.schemas import build_validator, check_value

TIME = datetime(2026, 3, 14, 9, 30, 1, 250_999, tzinfo=timezone(timedelta(hours=1)))
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = [("traceparent", PARENT.encode()), ("tracestate", b"vendor=1,other=2")]
DOCUMENT = yaml.safe_load((schemas_folder() / "asyncapi.yaml").read_text(encoding="utf-8"))


def decoded(headers: list[tuple[str, bytes]]) -> dict[str, str]:
    assert len({name for name, _ in headers}) == len(headers)
    return {name: value.decode("utf-8") for name, value in headers}


def test_an_event_has_the_attributes_of_cloudevents() -> None:
    assert decoded(event_headers(EVENT, TRACE, TIME)) == {
        "ce_specversion": "1.0",
        "ce_id": EVENT.id,
        "ce_type": "telex.event.agree.v1",
        "ce_source": "/telex/enrich",
        "ce_subject": "a",
        "ce_time": "2026-03-14T08:30:01.250Z",
        "ce_dataschema": "https://telex.example/schemas/event/1.0.0.json",
        "content-type": "application/json",
        "traceparent": PARENT,
        "tracestate": "vendor=1,other=2",
    }


def test_an_enriched_article_has_them_too_and_a_correction_is_another_cloudevent() -> None:
    headers = decoded(enriched_headers(ENRICHED, [], TIME))
    assert headers["ce_type"] == "telex.article-enriched.v1"
    assert headers["ce_dataschema"] == "https://telex.example/schemas/enriched-article/1.1.0.json"
    assert headers["ce_id"] == "a:1"
    corrected = dataclasses.replace(ENRICHED, version=2)
    assert decoded(enriched_headers(corrected, [], TIME))["ce_id"] == "a:2"


@pytest.mark.parametrize("kind", EventType)
def test_headers_are_those_of_the_asyncapi_document(kind: EventType) -> None:
    event = dataclasses.replace(EVENT, type=kind)
    schema = headers_schema(DOCUMENT, "event")
    headers = decoded(event_headers(event, TRACE, TIME))
    assert set(headers) == set(schema["properties"])
    assert check_value(build_validator(schema, ()), headers) is None
    without_trace = decoded(event_headers(event, [], TIME))
    assert set(without_trace) == set(schema["required"])


@pytest.mark.parametrize("kind", EventType)
def test_headers_of_a_retraction_are_those_of_the_asyncapi_document_and_of_no_event(kind: EventType) -> None:
    schema = headers_schema(DOCUMENT, "retractedEvent")
    headers = decoded(retracted_headers(dataclasses.replace(RETRACTED, type=kind), TRACE, TIME))
    assert set(headers) == set(schema["properties"])
    assert check_value(build_validator(schema, ()), headers) is None
    assert headers["ce_type"] == f"telex.event-retracted.{kind.value.lower()}.v1"
    assert headers["ce_id"] == f"{EVENT.id}:2"
    assert headers["ce_dataschema"] == "https://telex.example/schemas/retracted-event/1.0.0.json"
    problem = check_value(build_validator(headers_schema(DOCUMENT, "event"), ()), headers)
    assert problem is not None


def test_headers_of_an_enriched_article_are_those_of_the_asyncapi_document() -> None:
    schema = headers_schema(DOCUMENT, "enrichedArticle")
    headers = decoded(enriched_headers(ENRICHED, TRACE, TIME))
    assert set(headers) == set(schema["properties"])
    assert check_value(build_validator(schema, ()), headers) is None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00",
        PARENT.upper().encode(),
        PARENT[:-1].encode(),
        PARENT.encode() + b"-more",
        PARENT.encode() + b"\n",
        b"ff" + PARENT[2:].encode(),
        b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01",
        b"00-0af7651916cd43dd8448eb211c80319c-" + b"0" * 16 + b"-01",
        PARENT.encode("utf-16"),
        b"\xff" * 55,
        None,
    ],
)
def test_a_malformed_traceparent_is_dropped_with_its_state(value: bytes | None) -> None:
    assert trace_headers([("traceparent", value), ("tracestate", b"vendor=1")]) == []


def test_a_later_version_of_traceparent_may_go_on() -> None:
    later = b"01" + PARENT[2:].encode() + b"-more"
    assert trace_headers([("traceparent", later)]) == [("traceparent", later)]


def test_two_traceparents_are_none_and_two_states_are_one_list() -> None:
    parent = TRACE[0]
    assert trace_headers([parent, parent]) == []
    states = [("TraceState", b"a=1"), ("tracestate", b"b=2")]
    assert trace_headers([("Traceparent", parent[1]), *states]) == [parent, ("tracestate", b"a=1,b=2")]


@pytest.mark.parametrize("state", [b"", b"a=1\r\nx: y", b"\xff", b"a" * 513, None])
def test_a_malformed_tracestate_is_dropped_alone(state: bytes | None) -> None:
    assert trace_headers([TRACE[0], ("tracestate", state)]) == [TRACE[0]]


def test_what_cloudevents_forbids_in_a_subject_is_percent_encoded_and_all_else_stays() -> None:
    article = dataclasses.replace(EVENT.article, id="é 100%\n\x00\x9b\ufffe\U0001ffffع")
    headers = decoded(event_headers(dataclasses.replace(EVENT, article=article), [], TIME))
    assert headers["ce_subject"] == "é 100%%0A%00%C2%9B%EF%BF%BE%F0%9F%BF%BFع"


@given(st.text(min_size=1, max_size=600), st.lists(st.tuples(st.text(), st.none() | st.binary())))
def test_any_article_id_and_any_incoming_headers_give_headers_of_the_document(
    identifier: str, incoming: list[tuple[str, bytes | None]]
) -> None:
    article = dataclasses.replace(EVENT.article, id=identifier)
    headers = decoded(event_headers(dataclasses.replace(EVENT, article=article), incoming, TIME))
    assert check_value(build_validator(headers_schema(DOCUMENT, "event"), ()), headers) is None
    assert not any(ord(character) < 32 for value in headers.values() for character in value)


def test_the_time_is_that_of_the_call() -> None:
    headers = decoded(event_headers(EVENT, [], datetime(2026, 1, 1, tzinfo=UTC)))
    assert headers["ce_time"] == "2026-01-01T00:00:00.000Z"
    assert cloudevents.SPEC_VERSION == "1.0"
