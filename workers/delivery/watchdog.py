"""A deadline after which the process ends, whatever it is waiting for.

kafka-python can wait without end for a transaction whose broker has died, and closing its producer can wait
as well. So nothing is closed here: the process leaves, and its successor, under the same transactional id,
aborts what is open.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

EXIT_STUCK = 75
_LOG_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Watchdog:
    """Watches one piece of work at a time from a thread of its own."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadline: tuple[float, str, float] | None = None
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextmanager
    def limit(self, seconds: float, work: str) -> Iterator[None]:
        """End the process with ``EXIT_STUCK`` unless the block is left within ``seconds``."""
        self._set((time.monotonic() + seconds, work, seconds))
        try:
            yield
        finally:
            self._set(None)

    def _set(self, deadline: tuple[float, str, float] | None) -> None:
        with self._changed:
            self._deadline = deadline
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while True:
                if self._deadline is None:
                    self._changed.wait()
                    continue
                at, work, seconds = self._deadline
                remaining = at - time.monotonic()
                if remaining <= 0:
                    leave(EXIT_STUCK, "worker_stuck", work=work, deadline_seconds=seconds)
                self._changed.wait(remaining)


def leave(status: int, event: str, **details: object) -> None:
    """Log one line and end the process at once, with no clean-up; a log that blocks is not waited for."""
    line = threading.Thread(target=lambda: _log.error(event, **details), daemon=True)
    line.start()
    line.join(_LOG_SECONDS)
    os._exit(status)
