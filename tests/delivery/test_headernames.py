"""Header names that are not UTF-8 are read, and written as they came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from kafka.record import MemoryRecords, MemoryRecordsBuilder
from kafka.record.default_records import DefaultRecordBatchBuilder

from tests.delivery.samples import message
from workers.contract.records import Reason, Rejection
from workers.delivery.clients import connection_options
from workers.delivery.headernames import HeaderName
from workers.delivery.publish import OutputTopics, prepare
from workers.settings import load_settings

BAD = HeaderName(b"caf\xe9".decode("utf-8", "surrogateescape"))
REJECTION = Rejection(stage="read", reason=Reason.INVALID_JSON, error="E", message="m")


def written(
    headers: list[list[tuple[str, bytes]]], compression: int = DefaultRecordBatchBuilder.CODEC_NONE
) -> bytes:
    """A batch as Kafka has it, one record for each list of headers."""
    builder = MemoryRecordsBuilder(magic=2, compression_type=compression, batch_size=1 << 16)
    for number, one in enumerate(headers):
        builder.append(timestamp=1, key=b"k", value=str(number).encode(), headers=one)
    builder.close()
    return bytes(builder.buffer())


def read(batch: bytes) -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    connection_options(load_settings({}))  # what every client of Telex is made with
    found = MemoryRecords(batch).next_batch()
    assert found is not None
    return [(record.value, record.headers) for record in found]


@pytest.mark.parametrize(
    "compression", [DefaultRecordBatchBuilder.CODEC_NONE, DefaultRecordBatchBuilder.CODEC_GZIP]
)
def test_a_bad_name_costs_no_record_and_keeps_its_bytes(compression: int) -> None:
    headers = [[("a", b"1")], [("b", b"2"), (BAD, b"\xff")], [("é", b"3"), (BAD, b"")], []]
    found = read(written(headers, compression))
    assert [value for value, _ in found] == [b"0", b"1", b"2", b"3"]
    assert [[(name.encode("utf-8"), value) for name, value in one] for _, one in found] == [
        [(name.encode("utf-8"), value) for name, value in one] for one in headers
    ]
    assert all(type(value) is bytes for _, one in found for _, value in one)


def test_a_dead_letter_has_the_name_as_it_came() -> None:
    ((_, headers),) = read(written([[(BAD, b"x")]]))
    topics = OutputTopics("e", "v", "d", "p")
    (record,) = prepare(
        message(headers=tuple(headers)), REJECTION, topics, datetime(2026, 1, 1, tzinfo=UTC)
    ).records
    assert record.headers[0][0].encode("utf-8") == b"caf\xe9"
    ((_, again), *_) = read(written([list(record.headers)]))
    assert again[0][0].encode("utf-8") == b"caf\xe9"
    assert record.size > 0
