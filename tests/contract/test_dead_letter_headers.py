"""The headers that delivery appends to a dead letter, against their schema."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.contract.records import Reason, Rejection
from workers.contract.schemas import current_schema, validate
from workers.delivery.batch import Message, Place
from workers.delivery.publish import dead_letter


def headers_of(timestamp_ms: int, rejection: Rejection, failed_at: datetime) -> dict[str, str]:
    message = Message(Place("prefix.articles", 3, 1234), timestamp_ms, None, b"x", (("feed", b"wire"),))
    letter = dead_letter(message, rejection, "articles-dlq", failed_at)
    return {name: value.decode("utf-8") for name, value in letter.headers}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_gives_the_headers_of_the_schema(reason: Reason) -> None:
    rejection = Rejection(
        stage="read", reason=reason, error="ValidationError", message="/text: it is missing"
    )
    headers = headers_of(1_773_475_200_123, rejection, datetime(2026, 3, 14, 8, tzinfo=UTC))
    assert validate("dead-letter", headers) is None
    assert set(headers) - {"feed"} == set(current_schema("dead-letter").content["properties"])
    assert headers["dlq-timestamp"] == "1773475200123"


@given(st.text(), st.integers(-1, 2**62), st.integers(-23, 23))
def test_any_message_and_time_give_the_headers_of_the_schema(
    text: str, timestamp_ms: int, hours: int
) -> None:
    rejection = Rejection(stage="check", reason=Reason.INTERNAL_ERROR, error="KeyError", message=text * 50)
    failed_at = datetime(2026, 3, 14, 8, tzinfo=timezone(timedelta(hours=hours)))
    assert validate("dead-letter", headers_of(timestamp_ms, rejection, failed_at)) is None
