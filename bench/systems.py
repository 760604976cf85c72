"""The two systems that are measured, as child processes with an input and an output topic."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from workers.demo.processes import Child
from workers.demo.session import telex


@dataclass(frozen=True, slots=True)
class System:
    """One running system: articles go to ``articles``; an answer with the article's id as its key comes from
    one of ``answers``.
    """

    name: str
    child: Child
    articles: str
    answers: tuple[str, ...]

    def cpu_seconds(self) -> float:
        """CPU time used so far by the whole process tree."""
        total = 0.0
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def memory_bytes(self) -> int:
        """Resident memory of the whole process tree now; pages that processes share count for each."""
        total = 0
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total

    def _tree(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self.child.process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def telex_environment(bootstrap: str, prefix: str) -> dict[str, str]:
    """Settings for `telex` with its topics under ``prefix``."""
    return dict(os.environ) | {
        "TELEX_BOOTSTRAP_SERVERS": bootstrap,
        "TELEX_TOPIC_PREFIX": prefix,
        "TELEX_GROUP_ID": f"{prefix}enrich",
        "TELEX_WORKER_ID": f"{prefix}worker",
        "TELEX_METRICS_HOST": "127.0.0.1",
        "TELEX_METRICS_PORT": "0",
        "TELEX_SHUTDOWN_SECONDS": "4",
    }


def start_telex(environment: Mapping[str, str], folder: Path) -> System:
    """Start ``telex run enrich``; its answers are enriched articles, committed together with their events."""
    prefix = environment["TELEX_TOPIC_PREFIX"]
    child = Child.start("telex", telex("run", "enrich"), environment, folder)
    return System(
        "telex", child, f"{prefix}articles", (f"{prefix}articles-enriched", f"{prefix}articles-dlq")
    )


def start_peer(bootstrap: str, prefix: str, folder: Path) -> System:
    """Start the naive peer."""
    articles, entities = f"{prefix}peer-articles", f"{prefix}peer-entities"
    environment = dict(os.environ) | {
        "PEER_BOOTSTRAP": bootstrap,
        "PEER_ARTICLES": articles,
        "PEER_ENTITIES": entities,
        "PEER_DATA": str(folder / "peer-data"),
    }
    child = Child.start("peer", [sys.executable, "-m", "bench.naive_peer"], environment, folder)
    return System("naive peer", child, articles, (entities,))
