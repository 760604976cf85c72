"""The topics as they should be, as they are, and the steps from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.errors import NoError, TopicAlreadyExistsError, for_code

from workers.admin.connection import AdminError
from workers.contract.topics import TopicSpec

_CREATE_MS = 20_000


class Step(StrEnum):
    """What is to be done with a topic."""

    CREATE = "create"
    ADD_PARTITIONS = "add partitions"
    SET_CONFIGS = "set configs"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it is; ``configs`` has what the broker tells, which may be nothing."""

    partitions: int
    copies: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPlan:
    """What is to be done with one topic; ``differences`` tell what differs and what of it stays."""

    name: str
    steps: tuple[Step, ...]
    partitions: int
    copies: int
    configs: Mapping[str, str]
    differences: tuple[str, ...] = ()


def read_topics(admin: KafkaAdminClient, names: Iterable[str]) -> dict[str, TopicState]:
    """Those of the topics ``names`` that there are."""
    found = sorted(set(names) & set(admin.list_topics()))
    if not found:
        return {}
    described = admin.describe_configs([ConfigResource("TOPIC", name) for name in found], config_filter="all")
    configs = described.get("topic", {})
    return {
        topic["name"]: TopicState(
            partitions=len(topic["partitions"]),
            copies=min((len(partition["replica_nodes"]) for partition in topic["partitions"]), default=0),
            configs={
                key: config["value"]
                for key, config in configs.get(topic["name"], {}).items()
                if config["value"] is not None
            },
        )
        for topic in admin.describe_topics(found)
    }


def count_brokers(admin: KafkaAdminClient) -> int:
    """How many brokers the cluster has."""
    try:
        return len(admin.describe_cluster()["brokers"])
    except KeyError:
        # kafka-python does not read the answer of brokers older than Kafka 3.7, nor the embedded one's.
        return len(admin.describe_log_dirs([]))


def plan_topics(
    specs: Iterable[TopicSpec],
    states: Mapping[str, TopicState],
    *,
    prefix: str,
    brokers: int,
    replication_factor: int = 0,
    change_configs: bool = False,
) -> tuple[TopicPlan, ...]:
    """Plan each topic: create what is missing, add partitions where that is safe, leave all else.

    Adding partitions is safe where nothing is compacted: keys may move to another partition, which costs no
    more there than the order of a key's messages across the change. It is safe too where a topic follows
    another, as no key chooses the partition there; such a topic gets as many as the other has. Partitions are
    never taken away, copies never changed. Configurations that differ stay too, unless ``change_configs``.
    ``replication_factor``, when not 0, is for new topics, in place of what the specs say.
    """
    return tuple(
        _plan_topic(
            spec,
            f"{prefix}{spec.name}",
            states.get(f"{prefix}{spec.name}"),
            _wanted_partitions(spec, states.get(f"{prefix}{spec.follows}")),
            spec.copies(brokers, replication_factor),
            change_configs=change_configs,
        )
        for spec in specs
    )


def apply_plans(admin: KafkaAdminClient, plans: Iterable[TopicPlan]) -> list[str]:
    """Do what the plans say and return a line for each thing done.

    A topic that somebody else has created meanwhile is well. Raises AdminError when Kafka refuses something;
    what was done before stays.
    """
    plans = tuple(plans)
    done = _create([plan for plan in plans if Step.CREATE in plan.steps], admin)
    for plan in plans:
        if Step.ADD_PARTITIONS in plan.steps:
            admin.create_partitions({plan.name: plan.partitions})
            done.append(f"{plan.name} has {plan.partitions} partitions now")
        if Step.SET_CONFIGS in plan.steps:
            answer = admin.alter_configs([ConfigResource("TOPIC", plan.name, dict(plan.configs))])
            result = answer.get("topic", {}).get(plan.name)
            if result != "OK":
                raise AdminError(f"{plan.name}: {result}")
            done.append(f"{plan.name} has its configurations now")
    return done


def _create(plans: list[TopicPlan], admin: KafkaAdminClient) -> list[str]:
    if not plans:
        return []
    answer = admin.create_topics(
        {
            plan.name: {
                "num_partitions": plan.partitions,
                "replication_factor": plan.copies,
                "configs": dict(plan.configs),
            }
            for plan in plans
        },
        raise_errors=False,
    )
    done = []
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        if error not in (NoError, TopicAlreadyExistsError):
            raise AdminError(f"{topic['name']}: {topic.get('error_message') or error.__name__}")
        done.append(f"{topic['name']} {'created' if error is NoError else 'was created by somebody else'}")
    admin.wait_for_topics([plan.name for plan in plans], timeout_ms=_CREATE_MS)
    return done


def _wanted_partitions(spec: TopicSpec, followed: TopicState | None) -> int:
    return max(spec.partitions, followed.partitions if followed is not None else 0)


def _plan_topic(
    spec: TopicSpec,
    name: str,
    state: TopicState | None,
    partitions: int,
    copies: int,
    *,
    change_configs: bool,
) -> TopicPlan:
    if state is None:
        return TopicPlan(
            name=name,
            steps=(Step.CREATE,),
            partitions=partitions,
            copies=copies,
            configs=spec.configs(copies),
        )
    steps: list[Step] = []
    differences: list[str] = []
    compacted = spec.cleanup_policy == "compact" or "compact" in state.configs.get("cleanup.policy", "")
    if state.partitions < partitions:
        if compacted and spec.follows is None:
            differences.append(
                f"{state.partitions} partitions, {partitions} wanted; stays, as it is compacted"
            )
        else:
            steps.append(Step.ADD_PARTITIONS)
            differences.append(f"{state.partitions} partitions, {partitions} wanted")
    elif state.partitions > partitions:
        differences.append(f"{state.partitions} partitions, {partitions} wanted; stays")
    if state.copies != copies:
        differences.append(f"{state.copies} copies, {copies} wanted; stays")
    wanted = spec.configs(state.copies)
    other = {
        key: value for key, value in wanted.items() if key in state.configs and state.configs[key] != value
    }
    if other and change_configs:
        steps.append(Step.SET_CONFIGS)
    for key, value in other.items():
        stays = "" if change_configs else "; stays without --configs"
        differences.append(f"{key} is {state.configs[key]}, {value} wanted{stays}")
    return TopicPlan(
        name=name,
        steps=tuple(steps) or (Step.LEAVE,),
        partitions=max(state.partitions, partitions),
        copies=state.copies,
        configs=other if change_configs else {},
        differences=tuple(differences),
    )
