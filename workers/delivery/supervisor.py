"""The parent of the workers: starts them, watches them, starts a fallen one again, drains them."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from platform import python_version

import structlog

from workers import __version__, metrics
from workers.delivery.backoff import Backoff
from workers.delivery.batch import Place
from workers.delivery.exposition import Exposition
from workers.delivery.health import Answer, WorkerView, health, readiness
from workers.delivery.metricfiles import MetricFiles
from workers.delivery.status import Phase, WorkerStatus, decode_status
from workers.delivery.watchdog import EXIT_STUCK
from workers.delivery.worker import EXIT_FENCED, EXIT_KAFKA, Task
from workers.settings import Settings

_TICK_SECONDS = 0.2
_LOADING_SECONDS = 300.0
_SILENCE_MARGIN_SECONDS = 10.0
_STEADY_SECONDS = 60.0
# A message that was in the works at this many deaths in a row becomes a dead letter.
_DEATHS_BY_MESSAGE = 3
_REASONS = {0: "ended", EXIT_STUCK: "stuck", EXIT_FENCED: "fenced", EXIT_KAFKA: "kafka"}
_SILENT, _KILLED, _CRASHED = "silent", "killed", "crashed"

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Worker:
    """One seat: the process that holds it now, and what is known of it."""

    index: int
    backoff: Backoff
    process: subprocess.Popen[bytes] | None = None
    status_fd: int = -1
    torn: bytes = b""
    status: WorkerStatus = field(default_factory=WorkerStatus)
    heard_at: float = 0.0
    started_at: float = 0.0
    start_at: float = 0.0
    restarts: int = 0
    silenced: bool = False
    deaths: tuple[Place | None, int] = (None, 0)
    set_aside: tuple[Place, ...] = ()


class Supervisor:
    """Runs ``settings.processes`` workers until SIGTERM or SIGINT.

    Raises PortTakenError when made and the metrics port cannot be had. ``metrics_folder`` is what
    ``PROMETHEUS_MULTIPROC_DIR`` says.
    """

    def __init__(self, settings: Settings, process_factory: str, metrics_folder: Path) -> None:
        self._settings = settings
        self._process_factory = process_factory
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._workers = [
            _Worker(index, Backoff(settings.retry_max_seconds, first_seconds=0.5))
            for index in range(settings.processes)
        ]
        self._silence_seconds = settings.transaction_deadline_seconds + _SILENCE_MARGIN_SECONDS
        self._files = MetricFiles(metrics_folder)
        self._exposition = Exposition(
            settings.metrics_host,
            settings.metrics_port,
            files=self._files,
            pids=self._pids,
            health=self._health,
            readiness=lambda: readiness(self._views()),
        )

    def run(self) -> int:
        """Return 0 once all workers have drained, 1 if one had to be killed."""
        metrics.BUILD_INFO.labels(version=__version__, python=python_version()).set(1)
        for reason in (*_REASONS.values(), _SILENT, _KILLED, _CRASHED):
            metrics.WORKER_RESTARTS.labels(reason=reason)  # from 0, so that an increase sees the first
        # A signal that comes while the selector waits has to wake it.
        reader, writer = os.pipe()
        for fd in (reader, writer):
            os.set_blocking(fd, False)
        self._selector.register(reader, selectors.EVENT_READ)
        previous_fd = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        previous = {
            number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        self._exposition.start()
        _log.info(
            "listening",
            host=self._settings.metrics_host,
            port=self._exposition.port,
            paths=["/metrics", "/healthz", "/readyz"],
        )
        try:
            while not self._stopping:
                self._tick(reader)
            return self._drain(reader)
        finally:
            for worker in self._workers:
                self._kill(worker)
            self._exposition.close()
            signal.set_wakeup_fd(previous_fd)
            for number, handler in previous.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(reader)
            os.close(writer)

    def _tick(self, wakeup_fd: int) -> None:
        self._listen(wakeup_fd)
        now = time.monotonic()
        for worker in self._workers:
            if worker.process is not None:
                self._kill_if_silent(worker, now)
                self._notice_end(worker, now)
            elif now >= worker.start_at and not self._stopping:
                self._start(worker, now)

    def _drain(self, wakeup_fd: int) -> int:
        _log.info("draining", workers=sum(1 for worker in self._workers if worker.process is not None))
        for worker in self._workers:
            if worker.process is not None:
                worker.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._settings.shutdown_seconds
        while time.monotonic() < deadline and any(worker.process is not None for worker in self._workers):
            self._tick(wakeup_fd)
        late = [worker.index for worker in self._workers if worker.process is not None]
        for worker in self._workers:
            self._kill(worker)
        if late:
            _log.error("killed_at_shutdown", workers=late, shutdown_seconds=self._settings.shutdown_seconds)
            return 1
        _log.info("drained")
        return 0

    def _start(self, worker: _Worker, now: float) -> None:
        reader, writer = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603  # our own module
                [sys.executable, "-m", "workers.delivery.worker", "--status-fd", str(writer)],
                stdin=subprocess.PIPE,
                pass_fds=[writer],
            )
        except OSError as error:
            os.close(reader)
            worker.start_at = now + worker.backoff.next_pause()
            _log.error("worker_not_started", worker=worker.index, error=error.strerror)
            return
        finally:
            os.close(writer)
        task = Task(worker.index, self._process_factory, self._settings, worker.set_aside)
        if process.stdin is not None:
            with suppress(OSError):  # it has ended already; the next tick notices
                process.stdin.write(task.encode())
                process.stdin.flush()
        os.set_blocking(reader, False)
        self._selector.register(reader, selectors.EVENT_READ, worker)
        worker.process, worker.status_fd = process, reader
        worker.torn, worker.status, worker.silenced = b"", WorkerStatus(), False
        worker.started_at = worker.heard_at = now
        _log.info("worker_started", worker=worker.index, pid=process.pid)

    def _listen(self, wakeup_fd: int) -> None:
        for key, _ in self._selector.select(_TICK_SECONDS):
            if key.fd == wakeup_fd:
                with suppress(BlockingIOError):
                    os.read(wakeup_fd, 4096)
            elif not self._read_status(key.data):
                self._selector.unregister(key.fd)

    def _read_status(self, worker: _Worker) -> bool:
        """Take in all that the worker has said; False at the end of its pipe."""
        while True:
            try:
                data = os.read(worker.status_fd, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            *lines, worker.torn = (worker.torn + data).split(b"\n")
            for line in lines:
                status = decode_status(line)
                if status is not None:
                    worker.status = status
                    worker.heard_at = time.monotonic()

    def _kill_if_silent(self, worker: _Worker, now: float) -> None:
        loading = worker.status.phase is Phase.LOADING
        limit = _LOADING_SECONDS if loading else self._silence_seconds
        if worker.process is not None and not worker.silenced and now - worker.heard_at > limit:
            _log.error("worker_silent", worker=worker.index, pid=worker.process.pid, silence_seconds=limit)
            worker.silenced = True
            worker.process.kill()

    def _notice_end(self, worker: _Worker, now: float) -> None:
        process = worker.process
        if process is None or process.poll() is None:
            return
        status = process.returncode
        self._read_status(worker)
        self._let_go(worker)
        if self._stopping:
            _log.info("worker_ended", worker=worker.index, pid=process.pid, status=status)
            return
        reason = _SILENT if worker.silenced else _reason(status)
        self._blame_message(worker)
        if now - worker.started_at >= _STEADY_SECONDS:
            worker.backoff.reset()
        pause = worker.backoff.next_pause()
        worker.start_at = now + pause
        worker.restarts += 1
        metrics.WORKER_RESTARTS.labels(reason=reason).inc()
        _log.error(
            "worker_restart",
            worker=worker.index,
            pid=process.pid,
            reason=reason,
            status=status,
            restarts=worker.restarts,
            pause_seconds=round(pause, 2),
        )

    def _blame_message(self, worker: _Worker) -> None:
        """A message that ends every worker that takes it would stop its partition for ever: set it aside."""
        place = worker.status.working_on
        last, count = worker.deaths
        worker.deaths = (place, count + 1 if place is not None and place == last else 1)
        if place is not None and worker.deaths[1] >= _DEATHS_BY_MESSAGE:
            _log.error("message_set_aside", **place._asdict(), deaths=worker.deaths[1])
            worker.set_aside = (*worker.set_aside, place)
            worker.deaths = (None, 0)

    def _kill(self, worker: _Worker) -> None:
        if worker.process is not None:
            worker.process.kill()
            worker.process.wait()
            self._let_go(worker)

    def _let_go(self, worker: _Worker) -> None:
        """Close what belonged to a process that has ended; its counts stay, its gauges go."""
        if worker.process is None:
            return
        if worker.process.stdin is not None:
            with suppress(OSError):
                worker.process.stdin.close()
        with suppress(KeyError):
            self._selector.unregister(worker.status_fd)
        os.close(worker.status_fd)
        self._files.fold(worker.process.pid)
        worker.process, worker.status_fd = None, -1

    def _ask_to_stop(self, _signal: int, _frame: object) -> None:
        self._stopping = True

    def _pids(self) -> Mapping[str, int]:
        workers = {f"worker-{view.index}": view.pid for view in self._views() if view.pid is not None}
        return {"parent": os.getpid(), **workers}

    def _health(self) -> Answer:
        return health(self._views(), self._silence_seconds)

    def _views(self) -> tuple[WorkerView, ...]:
        now = time.monotonic()
        views = []
        for worker in self._workers:
            process = worker.process  # the main thread may take it away between two looks
            views.append(
                WorkerView(
                    index=worker.index,
                    pid=process.pid if process is not None else None,
                    status=worker.status,
                    heartbeat_age=now - worker.heard_at,
                    restarts=worker.restarts,
                )
            )
        return tuple(views)


def _reason(status: int) -> str:
    if status < 0:
        return _KILLED
    return _REASONS.get(status, _CRASHED)
