"""What a worker tells its parent: one JSON line on a pipe, often enough to serve as a heartbeat."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import orjson

from workers.delivery.batch import Place

BEAT_SECONDS = 0.5


class Phase(StrEnum):
    """How far a worker is."""

    LOADING = "loading"
    CONNECTING = "connecting"
    RUNNING = "running"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """One worker as it sees itself; ``working_on`` is the message in the works."""

    phase: Phase = Phase.LOADING
    connected: bool = False
    joined: bool = False
    partitions: int = 0
    working_on: Place | None = None


def decode_status(line: bytes) -> WorkerStatus | None:
    """Read one line; None for a torn one."""
    try:
        fields: dict[str, Any] = orjson.loads(line)
        place = fields.pop("working_on")
        phase = Phase(fields.pop("phase"))
        return WorkerStatus(phase=phase, working_on=Place(*place) if place else None, **fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _encode_status(status: WorkerStatus) -> bytes:
    place = status.working_on
    return orjson.dumps(asdict(status) | {"working_on": list(place) if place else None}) + b"\n"


class StatusPipe:
    """The worker's end of the pipe. Never blocks: a line that finds the pipe full is left out."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._status = WorkerStatus()
        self._sent_at = 0.0
        self._lock = threading.Lock()

    @property
    def status(self) -> WorkerStatus:
        """What was said last."""
        return self._status

    def update(self, **changes: Any) -> None:
        """Say what has changed at once, or that the worker is alive if nothing was said for a while."""
        with self._lock:
            status = replace(self._status, **changes)
            now = time.monotonic()
            if status == self._status and now - self._sent_at < BEAT_SECONDS:
                return
            self._status, self._sent_at = status, now
            with suppress(OSError):
                # Full, or the parent has gone: the lifeline ends this process then.
                os.write(self._fd, _encode_status(status))
