"""/metrics, /healthz and /readyz over HTTP, for the whole process tree.

The workers keep their metrics in files under ``PROMETHEUS_MULTIPROC_DIR``; this adds them up.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import psutil
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from workers.delivery.health import Answer
from workers.delivery.metricfiles import MetricFiles

_SOCKET_SECONDS = 10


class PortTakenError(OSError):
    """The address of /metrics cannot be had; the message is one clear line."""


class ProcessCollector(Collector):
    """Resident memory and CPU time of each process, by its name; ``pids`` tells who runs now."""

    def __init__(self, pids: Callable[[], Mapping[str, int]]) -> None:
        self._pids = pids

    def collect(self) -> Iterable[Metric]:
        """Ask the operating system; a process that ended meanwhile is left out."""
        memory = GaugeMetricFamily(
            "telex_process_resident_memory_bytes", "Resident memory of a process.", labels=["process"]
        )
        cpu = CounterMetricFamily(
            "telex_process_cpu_seconds", "CPU time of a process, user and system.", labels=["process"]
        )
        for name, pid in self._pids().items():
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                with process.oneshot():
                    times = process.cpu_times()
                    resident = process.memory_info().rss
                memory.add_metric([name], resident)
                cpu.add_metric([name], times.user + times.system)
        return (memory, cpu)


class Exposition:
    """The HTTP server, in threads of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        files: MetricFiles,
        pids: Callable[[], Mapping[str, int]],
        health: Callable[[], Answer],
        readiness: Callable[[], Answer],
    ) -> None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(ProcessCollector(pids))
        probes = {"/healthz": health, "/readyz": readiness}

        class Handler(BaseHTTPRequestHandler):
            timeout = _SOCKET_SECONDS
            server_version = "telex"
            sys_version = ""

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/metrics":
                    with files.lock:
                        page = generate_latest(registry)
                    self._answer(200, CONTENT_TYPE_LATEST, page)
                elif path in probes:
                    answer = probes[path]()
                    body = orjson.dumps(answer.body, option=orjson.OPT_APPEND_NEWLINE)
                    self._answer(200 if answer.good else 503, "application/json", body)
                else:
                    self._answer(404, "text/plain; charset=utf-8", b"/metrics /healthz /readyz\n")

            def _answer(self, status: int, content_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the base class names it
                """Probes come every few seconds; they are not news."""

        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            variable = "TELEX_METRICS_PORT" if error.errno == errno.EADDRINUSE else "TELEX_METRICS_HOST"
            raise PortTakenError(
                f"{variable}: cannot listen on {host}:{port}: {error.strerror or error}"
            ) from None

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Serve from now on."""
        threading.Thread(target=self._server.serve_forever, name="exposition", daemon=True).start()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no trouble of ours."""
