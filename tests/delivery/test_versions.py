"""What a version of an article changes, and what is remembered of it."""

from __future__ import annotations

import dataclasses
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.samples import enriched
from workers.contract.encoding import encode
from workers.contract.records import EnrichedArticle, EventReference, EventType, PublishedArticle
from workers.contract.schemas import validate
from workers.delivery.versions import Changes, Draft, Memory, changes_of, decode_published


def article(version: int, *names: str) -> EnrichedArticle:
    whole = enriched("a", events=1)
    (event,) = whole.events
    return dataclasses.replace(
        whole, version=version, events=tuple(dataclasses.replace(event, id=name) for name in names)
    )


def ids(changes: Changes) -> tuple[list[str], list[str]]:
    return [one.id for one in changes.events], [one.id for one in changes.retracted]


def after(*articles: EnrichedArticle) -> PublishedArticle | None:
    known = None
    for one in articles:
        known = changes_of(one, known).published or known
    return known


def test_a_first_version_tells_all() -> None:
    assert ids(changes_of(article(1, "x", "y"), None)) == (["x", "y"], [])
    assert ids(changes_of(article(7, "x"), None)) == (["x"], [])


def test_a_higher_version_tells_what_differs() -> None:
    changes = changes_of(article(3, "y", "z"), after(article(1, "x", "y")))
    assert ids(changes) == (["z"], ["x"])
    (retracted,) = changes.retracted
    assert (retracted.article.id, retracted.article.version, retracted.type) == ("a", 3, EventType.AID)


def test_nothing_is_told_of_a_version_that_changes_nothing_and_it_is_the_last_one_all_the_same() -> None:
    changes = changes_of(article(2, "x"), after(article(1, "x")))
    assert ids(changes) == ([], [])
    assert changes.published is not None
    assert changes.published.version == 2
    assert changes_of(article(1, "x"), changes.published) == Changes()


def test_an_event_that_comes_back_is_told_again() -> None:
    known = after(article(1, "x"), article(2))
    assert ids(changes_of(article(3, "x"), known)) == (["x"], [])


def test_a_lower_version_tells_nothing_and_is_not_remembered() -> None:
    assert changes_of(article(1, "x", "y"), after(article(2, "z"))) == Changes()


def test_the_same_version_again_tells_all_that_stands_and_what_it_retracted() -> None:
    known = after(article(1, "x", "y"), article(2, "y", "z"))
    changes = changes_of(article(2, "y", "z"), known)
    assert ids(changes) == (["y", "z"], ["x"])
    assert changes.published is None
    assert ids(changes_of(article(2, "y", "z"), known)) == ids(changes)


def test_another_reading_of_the_same_version_stands_beside_the_first_until_the_next_one() -> None:
    known = after(article(1, "x", "y"), article(2, "y"), article(2, "x", "w"))
    assert ids(changes_of(article(2, "x", "w"), known)) == (["x", "w"], [])
    assert ids(changes_of(article(3, "w"), known)) == ([], ["x", "y"])


def test_other_readings_are_remembered_to_a_bound() -> None:
    known = after(*(article(1, *(f"{number}-{n}" for n in range(100))) for number in range(30)))
    assert known is not None
    assert len(known.events) == 1_000
    assert [event.id for event in known.events[:100]] == [f"29-{n}" for n in range(100)]


def test_a_first_version_without_events_need_not_be_remembered() -> None:
    assert changes_of(article(1), None).published is None
    later = changes_of(article(2), None).published
    assert later is not None
    assert changes_of(article(1, "x"), later) == Changes()


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=12),
    st.lists(st.sets(st.sampled_from("uvwxyz")), min_size=4, max_size=4),
)
def test_a_reader_that_goes_by_the_last_message_has_the_highest_version(
    order: list[int], contents: list[set[str]]
) -> None:
    """Whatever the order of versions, with repeats among them."""
    known: PublishedArticle | None = None
    standing: set[str] = set()
    for version in order:
        changes = changes_of(article(version, *sorted(contents[version - 1])), known)
        told = [one.id for one in (*changes.events, *changes.retracted)]
        assert len(set(told)) == len(told)
        standing |= {event.id for event in changes.events}
        standing -= {event.id for event in changes.retracted}
        known = changes.published or known
    assert standing == contents[max(order) - 1]


def test_what_is_remembered_is_of_its_schema_and_is_read_as_it_was() -> None:
    known = after(article(1, "x", "y"), article(2, "y"))
    assert known is not None
    value = encode(known)
    assert validate("published-article", json.loads(value)) is None
    assert decode_published(value) == known


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", b"{}", b'{"version": 0, "events": [], "retracted": []}', b"\xff"]
)
def test_what_cannot_be_read_is_as_unknown(value: bytes) -> None:
    assert decode_published(value) is None


def value_of(version: int) -> bytes:
    reference = EventReference(id="x", type=EventType.AID)
    return encode(PublishedArticle(version=version, events=(reference,)))


def test_a_draft_is_seen_by_itself_alone_until_it_is_applied() -> None:
    memory = Memory(10)
    draft = Draft(memory)
    draft.write(0, b"a", value_of(1))
    found = draft.find(0, "a")
    assert found is not None
    assert found.version == 1
    assert draft.find(1, "a") is None
    assert Draft(memory).find(0, "a") is None
    memory.apply(draft)
    assert Draft(memory).find(0, "a") == found


def test_the_oldest_fall_out_and_an_article_that_is_written_again_is_the_newest() -> None:
    memory = Memory(2)
    for key in (b"a", b"b"):
        memory.read(0, key, value_of(1))
    memory.read(1, b"other", value_of(1))
    draft = Draft(memory)
    draft.write(0, b"a", value_of(2))
    draft.write(0, b"c", value_of(1))
    assert draft.forgotten() == [(0, b"b")]
    memory.apply(draft)
    assert (list(memory.of(0)), list(memory.of(1))) == ([b"a", b"c"], [b"other"])


def test_more_new_articles_than_are_remembered() -> None:
    memory = Memory(2)
    draft = Draft(memory)
    for key in (b"a", b"b", b"c"):
        draft.write(0, key, value_of(1))
    assert draft.forgotten() == [(0, b"a")]
    memory.apply(draft)
    assert list(memory.of(0)) == [b"b", b"c"]


def test_a_lowered_limit_is_reached_little_by_little() -> None:
    memory = Memory(10)
    for number in range(2_500):
        memory.read(0, str(number).encode(), value_of(1))
    sizes = []
    for number in range(4):
        draft = Draft(memory)
        draft.write(0, f"new-{number}".encode(), value_of(1))
        memory.apply(draft)
        sizes.append(len(memory))
    assert sizes == [1_500, 500, 10, 10]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 1), st.sampled_from([b"a", b"b", b"c", b"d"])), max_size=5),
        max_size=8,
    ),
    st.integers(1, 3),
    st.integers(0, 30),
)
def test_reading_the_topic_gives_the_memory_of_who_wrote_it(
    transactions: list[list[tuple[int, bytes]]], limit: int, known: int
) -> None:
    memory = Memory(limit)
    topic: list[tuple[int, bytes, bytes | None]] = []
    for version, keys in enumerate(transactions, start=1):
        draft = Draft(memory)
        for partition, key in keys:
            draft.write(partition, key, value_of(version))
        topic += draft.records()
        memory.apply(draft)
        assert all(len(memory.of(partition)) <= limit for partition in (0, 1))
    whole, reader = Memory(limit), Memory(limit)
    for record in topic:
        whole.read(*record)
    # One that has all of it reads the end of it once more.
    for record in (*topic, *topic[known:]):
        reader.read(*record)
    for partition in (0, 1):
        assert list(whole.of(partition).items()) == list(memory.of(partition).items())
        assert list(reader.of(partition).items()) == list(memory.of(partition).items())


def test_an_article_takes_a_small_part_of_a_kilobyte() -> None:
    memory = Memory(2_000)
    tracemalloc.start()
    try:
        for number in range(2_000):
            memory.read(0, f"article-{number}".encode(), value_of(number + 1))
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used / 2_000 < 700


def test_other_partitions_are_forgotten() -> None:
    memory = Memory(5)
    for partition in range(3):
        memory.read(partition, b"a", value_of(1))
    memory.keep({1})
    assert len(memory) == 1
    assert list(memory.of(1)) == [b"a"]
