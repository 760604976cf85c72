"""Header names that are not UTF-8, which Kafka takes and kafka-python cannot read.

One such record would stop its partition for ever: kafka-python gives up on it, and goes round in circles when
asked again. Here its name is read with its bytes kept, so that the record goes through as any other and a
dead letter has the header as it came.
"""

from __future__ import annotations

from typing import Any

from kafka.record.default_records import DefaultRecordBatch


class HeaderName(str):
    """A header's name whose bytes that are no UTF-8 are lone surrogates here, and written as they came."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        """The bytes of the name as Kafka had them."""
        del errors  # whoever writes a name out knows nothing of such bytes
        return super().encode(encoding, "surrogateescape")


class _Lenient(bytes):
    """A batch's bytes, of which no part fails to be decoded."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Lenient(found) if isinstance(found, bytes) else found

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        del errors
        return HeaderName(super().decode(encoding, "surrogateescape"))


class LenientRecordBatch(DefaultRecordBatch):  # type: ignore[misc]
    """A record batch that reads any header name."""

    _buffer: Any

    def _read_msg(self, *args: Any) -> Any:
        try:
            return super()._read_msg(*args)
        except UnicodeDecodeError:
            # For the rest of the batch: slower, but the batch is copied once.
            self._buffer = _Lenient(self._buffer)
            return super()._read_msg(*args)


def read_any_header_name() -> None:
    """Have every consumer of this process read header names that are not UTF-8."""
    from kafka.record import memory_records

    memory_records.DefaultRecordBatch = LenientRecordBatch
