"""Three nodes, one of which dies with all that it led."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.kafka.harness import Room, Telex, eventually, repeated
from tests.kafka.processors import EVENTS_PER_ARTICLE


@pytest.mark.timeout(480)
def test_a_node_dies_while_articles_flow(
    starter: ModuleType, telex: Callable[..., Telex], tmp_path: Path
) -> None:
    ports = starter.free_ports(6)
    cluster = starter.start(tmp_path, ports[:3], starter.fetch_libs(), ports[3:])
    try:
        room = Room(cluster.bootstrap).create(partitions=4, copies=3)
        room.send({"id": f"a{n}", "sleep": 0.008} for n in range(2500))
        worker = telex(room, processes=2, transaction_deadline_seconds=10)
        worker.wait_ready()
        eventually(lambda: worker.metric("telex_articles_enriched_total") > 100, 30, "some enriched")
        node = cluster.nodes[0]
        cluster.kill_node(node, signal.SIGKILL)
        node.process.wait()
        eventually(lambda: room.committed_articles() == 2500, 300, "all committed")
        cluster.start_node(node)
        cluster.wait()
        worker.wait_ready()
        assert worker.stop() == 0
        enriched = [record.key for record in room.read_committed("articles-enriched")]
        assert len(enriched) == 2500
        assert not repeated(enriched, str)
        events = [record.key for record in room.read_committed("events")]
        assert len(events) == 2500 * EVENTS_PER_ARTICLE
        assert not repeated(events, str)
    finally:
        cluster.stop()
