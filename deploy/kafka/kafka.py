#!/usr/bin/env python3
"""A real Apache Kafka on loopback, one node or a cluster, in KRaft mode; for development and tests.

``python deploy/kafka/kafka.py [--nodes 3] [--port 9092]`` starts it, prints its bootstrap servers and runs to
Ctrl-C or SIGTERM. The jars come with Maven once, by the pom beside this file. Needs Java 17 and Maven, and
nothing of Python but its standard library.
"""

# ruff: noqa: S603 -- a command line tool that starts programs
from __future__ import annotations

import argparse
import base64
import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

_HERE = Path(__file__).resolve().parent
DEFAULT_BUILD = _HERE.parents[1] / "build" / "kafka"
_START_SECONDS = 120
_STOP_SECONDS = 30
_CONTROLLER_PORT_DISTANCE = 1000
_PR_SET_PDEATHSIG = 1


class KafkaSetupError(Exception):
    """Kafka cannot be started here; the message is one clear line."""


@dataclass(slots=True)
class Node:
    """One broker, which is a controller too."""

    number: int
    port: int
    controller_port: int
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the node prints."""
        return self.directory / "server.log"


@dataclass(slots=True)
class Cluster:
    """A started Kafka."""

    libs: Path
    nodes: list[Node]
    _java: str = field(default="java")

    @property
    def bootstrap(self) -> str:
        """The bootstrap servers, comma-separated."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def start_node(self, node: Node) -> None:
        """Start one node without waiting for it."""
        node.process = _spawn(
            [
                self._java,
                *_JVM,
                "-cp",
                f"{self.libs}/*",
                "kafka.Kafka",
                str(node.directory / "server.properties"),
            ],
            node.log,
        )

    def wait(self) -> None:
        """Wait until every node serves; raises KafkaSetupError when one ends or takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        for node in self.nodes:
            while b"Kafka Server started" not in node.log.read_bytes():
                if node.process is None or node.process.poll() is not None or time.monotonic() > deadline:
                    raise KafkaSetupError(f"Kafka node {node.number} did not start; see {node.log}")
                time.sleep(0.1)

    def kill_node(self, node: Node, number: int = signal.SIGKILL) -> None:
        """Send one node a signal: SIGKILL, SIGSTOP, SIGCONT …"""
        if node.process is not None and node.process.poll() is None:
            node.process.send_signal(number)

    def stop(self) -> None:
        """Stop all nodes, also frozen ones, and leave no process."""
        for node in self.nodes:
            self.kill_node(node, signal.SIGCONT)
            self.kill_node(node, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for node in self.nodes:
            if node.process is None:
                continue
            try:
                node.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait()


_JVM = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    f"-Dlog4j2.configurationFile={_HERE / 'log4j2.xml'}",
)


def fetch_libs(build: Path = DEFAULT_BUILD) -> Path:
    """Return the folder with Kafka's jars, fetched by Maven when the pom is new."""
    pom = _HERE / "pom.xml"
    libs = build / f"libs-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if libs.is_dir():
        return libs
    maven = _program("mvn", "Maven")
    partial = libs.with_name(f"{libs.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    print(f"fetching Apache Kafka with Maven into {libs} …", file=sys.stderr)
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    result = subprocess.run(
        [*command, f"-DoutputDirectory={partial}"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        lines = (result.stdout + result.stderr).strip().splitlines() or ["no output"]
        raise KafkaSetupError(f"Maven could not fetch Kafka: {lines[0]}")
    partial.rename(libs)
    return libs


def start(
    directory: Path, ports: Sequence[int], libs: Path, controller_ports: Sequence[int] | None = None
) -> Cluster:
    """Start a node a port, with its data in ``directory``, and wait until all serve.

    A folder that has data is used again, with the same number of nodes and the same ports.
    """
    java = _program("java", "Java 17")
    controllers = controller_ports or [port + _CONTROLLER_PORT_DISTANCE for port in ports]
    for port in (*ports, *controllers):
        _check_free(port)
    directory.mkdir(parents=True, exist_ok=True)
    nodes = [
        Node(number, port, controller_port, directory / f"node-{number}")
        for number, (port, controller_port) in enumerate(zip(ports, controllers, strict=True), start=1)
    ]
    cluster = Cluster(libs, nodes, java)
    identity = _cluster_id(directory)
    with ExitStack() as on_failure:
        on_failure.callback(cluster.stop)
        for node in nodes:
            node.directory.mkdir(exist_ok=True)
            (node.directory / "server.properties").write_text(_properties(node, nodes), encoding="utf-8")
            _format(java, libs, node, identity, alone=len(nodes) == 1)
            cluster.start_node(node)
        cluster.wait()
        on_failure.pop_all()
    return cluster


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _properties(node: Node, nodes: Sequence[Node]) -> str:
    replicas = min(3, len(nodes))
    in_sync = min(2, len(nodes))
    quorum = (
        {"controller.quorum.bootstrap.servers": f"127.0.0.1:{node.controller_port}"}
        if len(nodes) == 1
        else {
            "controller.quorum.voters": ",".join(
                f"{one.number}@127.0.0.1:{one.controller_port}" for one in nodes
            )
        }
    )
    properties = {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "listeners": f"PLAINTEXT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
        "controller.listener.names": "CONTROLLER",
        **quorum,
        "log.dirs": node.directory / "data",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": 8,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        "min.insync.replicas": in_sync,
        "default.replication.factor": replicas,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _format(java: str, libs: Path, node: Node, identity: str, *, alone: bool) -> None:
    if (node.directory / "data" / "meta.properties").exists():
        return
    command = [java, "-Xmx256m", f"-Dlog4j2.configurationFile={_HERE / 'log4j2.xml'}", "-cp", f"{libs}/*"]
    command += ["kafka.tools.StorageTool", "format", "-t", identity]
    command += ["-c", str(node.directory / "server.properties"), *(["--standalone"] if alone else [])]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode != 0:
        lines = (result.stdout + result.stderr).strip().splitlines() or ["no output"]
        raise KafkaSetupError(f"Kafka's storage could not be formatted: {lines[-1]}")


def _cluster_id(directory: Path) -> str:
    path = directory / "cluster-id"
    if not path.exists():
        # As Kafka writes ids; one that begins with a dash would be taken for an option.
        path.write_text("K" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22], encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _spawn(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def end_with_parent() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


def _program(name: str, title: str) -> str:
    home = os.environ.get("JAVA_HOME")
    beside = Path(home) / "bin" / name if home else None
    found = str(beside) if beside is not None and beside.exists() else shutil.which(name)
    if found is None:
        raise KafkaSetupError(f"{title} is needed for a real Kafka: `{name}` is not on the PATH")
    return found


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise KafkaSetupError(
                f"cannot listen on 127.0.0.1:{port}: {error.strerror}; use --port"
            ) from None


def main() -> int:
    """Run Kafka until a signal comes; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1, choices=range(1, 6), help="brokers (default: 1)")
    parser.add_argument(
        "--port", type=int, default=9092, help="of the first broker; 0: free ports, fresh data"
    )
    parser.add_argument("--directory", type=Path, help="for the data (default: build/kafka/data-…)")
    parser.add_argument("--fetch-only", action="store_true", help="only fetch the jars")
    args = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        libs = fetch_libs()
        if args.fetch_only:
            return 0
        ports = [args.port + n for n in range(args.nodes)] if args.port else free_ports(2 * args.nodes)
        ports, controller_ports = ports[: args.nodes], ports[args.nodes :] or None
        directory = args.directory or DEFAULT_BUILD / f"data-{args.nodes}-{ports[0]}"
        cluster = start(directory, ports, libs, controller_ports)
    except KafkaSetupError as error:
        print(f"kafka: {error}", file=sys.stderr)
        return 2
    print(f"Apache Kafka, {args.nodes} node(s), bootstrap servers: {cluster.bootstrap}", flush=True)
    print(f"data and logs: {directory}; Ctrl-C stops it", flush=True)
    stop.wait()
    cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
