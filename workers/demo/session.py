"""One run of the demo: broker, topics, worker, feed and view, each started and ended in order."""

from __future__ import annotations

import http.client
import json
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import psutil

from workers.demo.broker import start_broker, stop_broker
from workers.demo.lines import EventLine
from workers.demo.processes import Child, DemoError
from workers.demo.stream import Dead, Enriched, Seen, Stream
from workers.demo.tally import Tally
from workers.demo.view import Places, View
from workers.settings import load_settings

_TOPICS_SECONDS = 60.0
_READY_SECONDS = 90.0
_ANSWER_SECONDS = 90.0
_DRAIN_SECONDS = 4.0
_WORKER_STOP_SECONDS = 5.0
_PREFERRED_PORT = 9108
_EXIT_PORT_TAKEN = 2
_MAX_WAITING = 500
_LOOPBACK = "127.0.0.1"
_BROKER_DATA = "broker-data"
_POLL_SECONDS = 0.05
# What a user's environment says about another Kafka must not reach the embedded one.
_EMBEDDED_ENVIRONMENT = MappingProxyType({"TELEX_SECURITY_PROTOCOL": "PLAINTEXT", "TELEX_WORKER_ID": "demo"})


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to do: ``bootstrap`` None means the embedded broker; ``rate`` is articles a second;
    ``once`` ends the run when every article has its answer.
    """

    articles: Iterable[bytes]
    bootstrap: str | None
    rate: float
    once: bool


def run_session(options: Options, view: View, stop: threading.Event) -> None:
    """Run the demo until ``stop`` is set or, with ``once``, all is answered; leave no process and no file.

    Raises DemoError, for the user, when something does not start, ends unasked or does not answer in time;
    then the folder with the logs stays, and the message names it.
    """
    articles = iter(options.articles)
    first = next(articles, None)
    if first is None:
        raise DemoError("there is no article to feed")
    options = replace(options, articles=chain((first,), articles))
    folder = Path(tempfile.mkdtemp(prefix="telex-demo-"))
    # Kafka clients warn through logging, which must not write over the view.
    logging.basicConfig(filename=folder / "demo.log", level=logging.WARNING)
    try:
        with view, ExitStack() as running:
            try:
                _run(options, view, stop, folder, running)
            finally:
                view.step("stopping")
    except DemoError as error:
        if not stop.is_set():
            shutil.rmtree(folder / _BROKER_DATA, ignore_errors=True)
            raise DemoError(f"{error}\nall logs: {folder}") from None
    shutil.rmtree(folder, ignore_errors=True)


def _run(options: Options, view: View, stop: threading.Event, folder: Path, running: ExitStack) -> None:
    children: list[Child] = []
    environment = dict(os.environ)
    bootstrap = options.bootstrap
    if bootstrap is None:
        view.step("starting the embedded broker")
        broker, bootstrap = start_broker(folder, folder / _BROKER_DATA, stop)
        running.callback(stop_broker, broker)
        children.append(broker)
        environment.update(_EMBEDDED_ENVIRONMENT)
    environment.update(
        TELEX_BOOTSTRAP_SERVERS=bootstrap,
        TELEX_METRICS_HOST=_LOOPBACK,
        TELEX_METRICS_PORT=str(_PREFERRED_PORT),
        TELEX_LOG_FORMAT="console",
        TELEX_SHUTDOWN_SECONDS=str(_DRAIN_SECONDS),
    )
    settings = load_settings(environment)
    view.step("applying the topics")
    apply_topics(environment, folder, stop)
    with Stream(settings) as stream:
        view.step("starting the worker, which loads its language models")
        worker, port = _start_worker(environment, folder, stop, running)
        children.append(worker)
        tally = Tally(started=time.monotonic())
        view.begin(
            Places(bootstrap, options.bootstrap is None, f"http://{_LOOPBACK}:{port}", str(worker.log)), tally
        )
        try:
            _feed_and_watch(options, view, stop, stream, tally, children)
        finally:
            view.finish()


def _feed_and_watch(
    options: Options, view: View, stop: threading.Event, stream: Stream, tally: Tally, children: list[Child]
) -> None:
    articles = iter(options.articles)
    following = next(articles, None)
    answered_at = time.monotonic()
    complete = False
    while not stop.is_set():
        for child in children:
            child.check()
        now = time.monotonic()
        while (
            following is not None
            and tally.fed <= (now - tally.started) * options.rate
            and tally.waiting < _MAX_WAITING
        ):
            stream.feed(following)
            tally.fed += 1
            following = next(articles, None)
        for reason in stream.refusals():
            tally.fed -= 1
            tally.refused += 1
            view.note(f"Kafka did not take an article: {reason}")
        for seen in stream.poll():
            _show(seen, view, tally)
            answered_at = now
        view.refresh()
        if stream.complete:
            answered_at = now
        elif now - answered_at > _ANSWER_SECONDS:
            raise DemoError(
                f"nothing came out of the worker for {_ANSWER_SECONDS:.0f} s, {tally.waiting} articles wait; "
                f"the end of its log:\n{children[-1].tail()}"
            )
        if following is None and stream.complete and not complete:
            complete = True
            view.note(f"all {tally.fed} articles have their answer")
            if options.once:
                return
        stop.wait(_POLL_SECONDS)


def _show(seen: Seen, view: View, tally: Tally) -> None:
    match seen:
        case EventLine():
            tally.count_event(time.monotonic())
            view.event(seen)
        case Dead(line=line):
            tally.dead += 1
            view.dead(line)
        case Enriched():
            tally.enriched += 1


def telex(*arguments: str) -> list[str]:
    """The command line of ``telex`` with ``arguments``, run by this interpreter."""
    return [sys.executable, "-m", "workers.cli", *arguments]


def apply_topics(environment: Mapping[str, str], folder: Path, stop: threading.Event) -> None:
    """Run ``telex topics apply``; raises DemoError when it fails, takes over a minute, or ``stop`` is set."""
    apply = Child.start("topics", telex("topics", "apply", "--yes"), environment, folder)
    try:
        deadline = time.monotonic() + _TOPICS_SECONDS
        while (status := apply.ended()) is None and not stop.wait(0.05):
            if time.monotonic() > deadline:
                raise DemoError(f"`telex topics apply` took over {_TOPICS_SECONDS:.0f} s:\n{apply.tail()}")
    finally:
        apply.stop(0)
    if stop.is_set():
        raise DemoError("stopped while the topics were made")
    if status != 0:
        raise DemoError(f"`telex topics apply` failed with status {status}:\n{apply.tail()}")


def await_ready(worker: Child, port: int, stop: threading.Event) -> None:
    """Wait until the worker's /readyz says yes.

    Raises DemoError when it has ended, takes over 90 seconds, or ``stop`` is set.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while not _is_ready(port, worker.process.pid):
        worker.check()
        if time.monotonic() > deadline:
            raise DemoError(
                f"the worker was not ready within {_READY_SECONDS:.0f} s; "
                f"the end of its log:\n{worker.tail()}"
            )
        if stop.wait(0.2):
            raise DemoError("stopped while the worker was starting")


def _start_worker(
    environment: Mapping[str, str], folder: Path, stop: threading.Event, running: ExitStack
) -> tuple[Child, int]:
    """Start a worker on the usual port or, when that is taken, on a free one; return it once it is ready."""
    # Between the look and the worker's own try another may take the port: hence the second one.
    for port in (_free_port(_PREFERRED_PORT), _free_port()):
        settings = {**environment, "TELEX_METRICS_PORT": str(port)}
        worker = Child.start("worker", telex("run", "enrich"), settings, folder)
        running.callback(worker.stop, _WORKER_STOP_SECONDS)
        try:
            await_ready(worker, port, stop)
        except DemoError:
            if worker.ended() != _EXIT_PORT_TAKEN:
                raise
        else:
            return worker, port
    raise DemoError(f"the worker finds no free port:\n{worker.tail()}")


def _is_ready(port: int, parent_pid: int) -> bool:
    """Whether /readyz says yes, and it is this worker that says so and not another one on its port."""
    connection = http.client.HTTPConnection(_LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            return False
        pids = [worker["pid"] for worker in json.loads(answer.read())["workers"]]
        return all(psutil.Process(pid).ppid() == parent_pid for pid in pids)
    except (OSError, http.client.HTTPException, psutil.Error):
        return False
    finally:
        connection.close()


def _free_port(preferred: int = 0) -> int:
    """The preferred port when it is free, else any that is."""
    with socket.socket() as probe:
        # As the worker's server does: a port that was just left can be taken again.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, preferred))
        except OSError:
            probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])
