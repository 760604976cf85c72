"""Whether the workers are alive, and whether they are ready, as one reads it from what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workers.delivery.status import Phase, WorkerStatus

# Longer than a commit takes when all is well, shorter than the deadline of one that is stuck.
_READY_HEARTBEAT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class WorkerView:
    """One worker as its parent sees it; ``heartbeat_age`` in seconds, ``pid`` None while it does not run."""

    index: int
    pid: int | None
    status: WorkerStatus
    heartbeat_age: float
    restarts: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe is told."""

    good: bool
    body: dict[str, Any]


def health(workers: Sequence[WorkerView], heartbeat_seconds: float) -> Answer:
    """Alive: every worker was heard from within ``heartbeat_seconds``, or still loads its models.

    One that has ended is not dead by that: its parent starts it again.
    """
    silent = [
        worker.index
        for worker in workers
        if worker.status.phase is not Phase.LOADING and worker.heartbeat_age > heartbeat_seconds
    ]
    return Answer(not silent, {"alive": not silent, "silent": silent, "workers": _describe(workers)})


def readiness(workers: Sequence[WorkerView]) -> Answer:
    """Ready: every worker has its models, reaches Kafka, is in the group and goes round its loop.

    A worker in the group has the partitions that the group gave it: none, when there are more workers.
    """
    checks = {
        "models": all(w.pid is not None and w.status.phase is not Phase.LOADING for w in workers),
        "kafka": all(w.pid is not None and w.status.connected for w in workers),
        "partitions": all(w.pid is not None and w.status.joined for w in workers),
        "loop": all(
            w.status.phase is Phase.RUNNING and w.heartbeat_age <= _READY_HEARTBEAT_SECONDS for w in workers
        ),
    }
    missing = [name for name, good in checks.items() if not good]
    return Answer(not missing, {"ready": not missing, "missing": missing, "workers": _describe(workers)})


def _describe(workers: Sequence[WorkerView]) -> list[dict[str, Any]]:
    return [
        {
            "worker": worker.index,
            "pid": worker.pid,
            "phase": worker.status.phase.value,
            "kafka": worker.status.connected,
            "in_group": worker.status.joined,
            "partitions": worker.status.partitions,
            "heartbeat_age_seconds": round(worker.heartbeat_age, 1),
            "restarts": worker.restarts,
        }
        for worker in workers
    ]
