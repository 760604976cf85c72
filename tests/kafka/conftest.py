"""One real Kafka for the session, and workers that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.kafka.harness import Room, Telex, load_starter


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def starter() -> ModuleType:
    """deploy/kafka/kafka.py."""
    return load_starter()


@pytest.fixture(scope="session")
def kafka(starter: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A started Kafka of one node: ``bootstrap``, ``nodes``, ``kill_node``."""
    ports = starter.free_ports(2)
    cluster = starter.start(tmp_path_factory.mktemp("kafka"), ports[:1], starter.fetch_libs(), ports[1:])
    yield cluster
    cluster.stop()


@pytest.fixture
def bootstrap(kafka: Any) -> str:
    return kafka.bootstrap


@pytest.fixture
def telex() -> Iterator[Callable[..., Telex]]:
    """Start a `telex run enrich`; what still runs at the end of the test is killed."""
    started: list[Telex] = []

    def start(room: Room, **settings: Any) -> Telex:
        started.append(Telex(room, **settings))
        return started[-1]

    yield start
    for one in started:
        one.destroy()
        # Pytest shows it for a test that failed.
        print(*(one.lines[-40:] + one.noise[-40:]), sep="\n")  # noqa: T201
