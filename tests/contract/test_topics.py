"""topics.yaml, and the plan from a cluster's topics to it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from workers.admin.topics import Step, TopicState, plan_topics
from workers.contract.topics import TopicSpec, all_topics, load_topics, topic_spec
from workers.settings import load_settings

MIB = 1 << 20
SPEC = TopicSpec(
    name="things",
    purpose="For a test.",
    key="none",
    record="event",
    partitions=6,
    replication_factor=3,
    retention_hours=2,
    cleanup_policy="delete",
    max_message_bytes=MIB,
)
AS_IT_SHOULD_BE = TopicState(partitions=6, copies=1, configs=SPEC.configs(1))


def plan(spec: TopicSpec, state: TopicState | None, brokers: int = 1, **options: object):  # type: ignore[no-untyped-def]
    states = {} if state is None else {f"p.{spec.name}": state}
    (made,) = plan_topics([spec], states, prefix="p.", brokers=brokers, **options)  # type: ignore[arg-type]
    return made


def test_the_topics_are_those_of_the_design_with_room_for_the_largest_article() -> None:
    assert [topic.name for topic in all_topics()] == [
        "articles",
        "articles-enriched",
        "events",
        "articles-dlq",
        "articles-published",
    ]
    largest = load_settings({}).max_message_bytes
    articles, dead = topic_spec("articles"), topic_spec("articles-dlq")
    assert articles.max_message_bytes > largest >= 16 * MIB
    assert dead.max_message_bytes > articles.max_message_bytes
    compacted = [topic for topic in all_topics() if topic.cleanup_policy == "compact"]
    assert [(topic.name, topic.follows) for topic in compacted] == [("articles-published", "articles")]
    with pytest.raises(KeyError):
        topic_spec("nothing")


def test_copies_follow_the_brokers_unless_they_are_set() -> None:
    assert [SPEC.copies(brokers) for brokers in (1, 2, 3, 9)] == [1, 2, 3, 3]
    assert SPEC.copies(1, 5) == 5
    assert SPEC.configs(1)["min.insync.replicas"] == "1"
    assert SPEC.configs(3) == {
        "cleanup.policy": "delete",
        "max.message.bytes": str(MIB),
        "min.insync.replicas": "2",
        "retention.ms": "7200000",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "there is no mapping named topics"),
        ("topics: {things: {}}", "topic things: it needs exactly"),
        ("topics: {things: 7}", "topic things: it needs exactly"),
        (
            (
                "topics: {things: {purpose: p, key: k, record: event, partitions: 1, replication_factor: 1, "
                "retention_hours: 1, cleanup_policy: compact, max_message_bytes: 1, follows: nothing}}"
            ),
            "topic things: it follows nothing, which is no topic",
        ),
        (
            (
                "topics: {things: {purpose: p, key: k, record: event, partitions: 6, replication_factor: 1, "
                "retention_hours: 1, cleanup_policy: delete, max_message_bytes: 1}, "
                "memory: {purpose: p, key: k, record: event, partitions: 3, replication_factor: 1, "
                "retention_hours: 1, cleanup_policy: compact, max_message_bytes: 1, follows: things}}"
            ),
            "topic memory: it has fewer partitions than things, which it follows",
        ),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=problem):
        load_topics(path)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("partitions", 0, "partitions must be a whole number"),
        ("retention_hours", True, "retention_hours must be a whole number"),
        ("cleanup_policy", "shred", "cleanup_policy is delete or compact"),
    ],
)
def test_a_wrong_figure_is_one_line(tmp_path: Path, field: str, value: object, problem: str) -> None:
    import yaml

    entry = {**dataclasses.asdict(SPEC), field: value}
    name = entry.pop("name")
    path = tmp_path / "topics.yaml"
    path.write_text(yaml.safe_dump({"topics": {name: entry}}))
    with pytest.raises(ValueError, match=f"topic things: {problem}"):
        load_topics(path)


def test_a_missing_topic_is_created_with_all_that_the_spec_says() -> None:
    made = plan(SPEC, None, brokers=3)
    assert (made.name, made.steps, made.partitions, made.copies) == ("p.things", (Step.CREATE,), 6, 3)
    assert made.configs == SPEC.configs(3)
    assert plan(SPEC, None, brokers=3, replication_factor=2).copies == 2


def test_a_topic_as_it_should_be_is_left() -> None:
    made = plan(SPEC, AS_IT_SHOULD_BE)
    assert (made.steps, made.differences, made.configs) == ((Step.LEAVE,), (), {})


def test_partitions_are_added_where_nothing_is_compacted_and_never_taken_away() -> None:
    few = dataclasses.replace(AS_IT_SHOULD_BE, partitions=2)
    made = plan(SPEC, few)
    assert (made.steps, made.partitions) == ((Step.ADD_PARTITIONS,), 6)
    many = plan(SPEC, dataclasses.replace(AS_IT_SHOULD_BE, partitions=8))
    assert (many.steps, many.partitions) == ((Step.LEAVE,), 8)
    assert many.differences == ("8 partitions, 6 wanted; stays",)
    compacted = dataclasses.replace(few, configs={**few.configs, "cleanup.policy": "compact"})
    assert plan(SPEC, compacted).steps == (Step.LEAVE,)
    assert plan(dataclasses.replace(SPEC, cleanup_policy="compact"), few).steps == (Step.LEAVE,)


def test_a_topic_that_follows_another_gets_as_many_partitions_though_it_is_compacted() -> None:
    memory = dataclasses.replace(SPEC, name="memory", cleanup_policy="compact", follows="things")

    def planned(things: int, own: int | None) -> tuple[tuple[Step, ...], int]:
        states = {"p.things": dataclasses.replace(AS_IT_SHOULD_BE, partitions=things)}
        if own is not None:
            states["p.memory"] = TopicState(partitions=own, copies=1, configs=memory.configs(1))
        made = plan_topics([SPEC, memory], states, prefix="p.", brokers=1)[1]
        return made.steps, made.partitions

    assert planned(9, None) == ((Step.CREATE,), 9)
    assert planned(2, None) == ((Step.CREATE,), 6)
    assert planned(9, 6) == ((Step.ADD_PARTITIONS,), 9)
    assert planned(6, 6) == ((Step.LEAVE,), 6)
    assert planned(6, 9) == ((Step.LEAVE,), 9)


def test_a_compacted_topic_has_small_segments() -> None:
    configs = dataclasses.replace(SPEC, cleanup_policy="compact").configs(1)
    assert configs["cleanup.policy"] == "compact"
    assert int(configs["segment.bytes"]) < 1 << 30


def test_configurations_and_copies_of_what_exists_stay_unless_asked() -> None:
    other = dataclasses.replace(AS_IT_SHOULD_BE, configs={**AS_IT_SHOULD_BE.configs, "retention.ms": "1"})
    left = plan(SPEC, other)
    assert (left.steps, left.configs) == ((Step.LEAVE,), {})
    assert left.differences == ("retention.ms is 1, 7200000 wanted; stays without --configs",)
    asked = plan(SPEC, other, change_configs=True)
    assert (asked.steps, asked.configs) == ((Step.SET_CONFIGS,), {"retention.ms": "7200000"})
    copied = plan(SPEC, AS_IT_SHOULD_BE, brokers=3)
    assert (copied.steps, copied.differences) == ((Step.LEAVE,), ("1 copies, 3 wanted; stays",))


def test_a_broker_that_tells_no_configurations_has_none_that_differ() -> None:
    made = plan(SPEC, dataclasses.replace(AS_IT_SHOULD_BE, configs={}), change_configs=True)
    assert (made.steps, made.differences) == ((Step.LEAVE,), ())
