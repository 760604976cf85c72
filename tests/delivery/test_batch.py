"""The bounds of a batch, and what happens to the messages in it."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.samples import enriched, message
from workers.contract.records import Outcome, Reason, Rejection
from workers.delivery.batch import Bounds, next_offsets, process_batch, take_batch


def process(value: bytes | None) -> Outcome:
    return enriched((value or b"").decode())


def test_take_stops_at_the_count() -> None:
    messages = [message(offset=n) for n in range(10)]
    assert take_batch(messages, Bounds(4, 1 << 20, 1)) == messages[:4]


def test_take_stops_before_the_bytes_are_over() -> None:
    messages = [message(offset=n, value=b"x" * 400, key=None) for n in range(10)]
    assert take_batch(messages, Bounds(64, 1000, 1)) == messages[:2]


def test_a_message_over_the_bytes_is_taken_alone() -> None:
    messages = [message(offset=0, value=b"x" * 5000), message(offset=1)]
    assert take_batch(messages, Bounds(64, 1000, 1)) == messages[:1]


@given(st.lists(st.integers(0, 3000), max_size=30), st.integers(1, 20), st.integers(1024, 8000))
def test_batches_make_up_the_buffer(sizes: list[int], count: int, max_bytes: int) -> None:
    buffer = [message(offset=n, value=b"x" * size, key=None) for n, size in enumerate(sizes)]
    bounds = Bounds(count, max_bytes, 1)
    taken = []
    while rest := buffer[len(taken) :]:
        batch = take_batch(rest, bounds)
        assert 1 <= len(batch) <= count
        assert len(batch) == 1 or sum(one.size for one in batch) <= max_bytes
        taken += batch
    assert taken == buffer


def test_processing_stops_at_the_seconds_and_keeps_what_is_done() -> None:
    ticks = iter([0.0, 0.2, 0.6, 9.0])
    batch = [message(offset=n, value=str(n).encode()) for n in range(5)]
    outcomes = process_batch(
        batch, process, max_seconds=0.5, cancelled=threading.Event(), clock=lambda: next(ticks)
    )
    assert outcomes == [enriched("0"), enriched("1")]


def test_one_message_is_processed_however_slow_it_is() -> None:
    ticks = iter([0.0, 100.0])
    outcomes = process_batch(
        [message(value=b"a"), message(offset=1)],
        process,
        max_seconds=0.5,
        cancelled=threading.Event(),
        clock=lambda: next(ticks),
    )
    assert outcomes == [enriched("a")]


def test_cancelled_between_messages() -> None:
    cancelled = threading.Event()

    def cancel(value: bytes | None) -> Outcome:
        cancelled.set()
        return process(value)

    batch = [message(value=b"a"), message(offset=1, value=b"b")]
    assert process_batch(batch, cancel, max_seconds=9, cancelled=cancelled) == [enriched("a")]
    assert process_batch(batch, process, max_seconds=9, cancelled=cancelled) == []


def test_a_processor_that_raises_costs_one_message() -> None:
    def fragile(value: bytes | None) -> Outcome:
        if value == b"bad":
            raise ZeroDivisionError("secret text")
        return process(value)

    batch = [message(offset=n, value=value) for n, value in enumerate((b"a", b"bad", b"c"))]
    first, second, third = process_batch(batch, fragile, max_seconds=9, cancelled=threading.Event())
    assert (first, third) == (enriched("a"), enriched("c"))
    assert isinstance(second, Rejection)
    assert (second.reason, second.error) == (Reason.INTERNAL_ERROR, "ZeroDivisionError")
    assert "secret" not in second.message


def test_a_message_set_aside_is_not_processed() -> None:
    rejection = Rejection(stage="process", reason=Reason.INTERNAL_ERROR, error="E", message="m")
    begun = []
    batch = [message(offset=7, value=b"a"), message(offset=8, value=b"b")]
    outcomes = process_batch(
        batch,
        process,
        max_seconds=9,
        cancelled=threading.Event(),
        set_aside={batch[0].place: rejection},
        starting=begun.append,
    )
    assert outcomes == [rejection, enriched("b")]
    assert begun == batch[1:]


def test_next_offsets_are_one_after_the_last_of_each_partition() -> None:
    batch = [message(partition=0, offset=4), message(partition=1, offset=9), message(partition=0, offset=5)]
    assert next_offsets(batch) == {("articles", 0): 6, ("articles", 1): 10}
