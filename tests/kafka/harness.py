"""A Kafka and a `telex run enrich` to do things to."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

ROOT = Path(__file__).resolve().parents[2]
TOPICS = ("articles", "articles-enriched", "events", "articles-dlq", "articles-published")


def load_starter() -> ModuleType:
    """deploy/kafka/kafka.py as a module."""
    spec = importlib.util.spec_from_file_location("kafka_starter", ROOT / "deploy" / "kafka" / "kafka.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def eventually(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait until ``condition`` is true and return what it gave."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


@dataclass
class Room:
    """Topics of one test, under a prefix of their own."""

    bootstrap: str
    prefix: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:8]}.")

    def create(self, partitions: int = 4, copies: int = 1, **configs: dict[str, str]) -> Room:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        large = {"max.message.bytes": str(20 << 20)}
        compacted = {"articles_published": large | {"cleanup.policy": "compact"}}
        admin.create_topics(
            [
                NewTopic(
                    self.prefix + name,
                    num_partitions=partitions,
                    replication_factor=copies,
                    topic_configs=(compacted | configs).get(name.replace("-", "_"), large),
                )
                for name in TOPICS
            ]
        )
        admin.close()
        return self

    def send(self, articles: Iterable[dict[str, Any]]) -> None:
        """Articles, keyed by id, spread over the partitions."""
        self.send_raw((article["id"].encode(), json.dumps(article).encode(), []) for article in articles)

    def send_raw(
        self, messages: Iterable[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]]
    ) -> None:
        producer = KafkaProducer(
            bootstrap_servers=self.bootstrap, linger_ms=20, batch_size=1 << 17, max_request_size=32 << 20
        )
        futures = [
            producer.send(f"{self.prefix}articles", value, key=key, headers=headers)
            for key, value, headers in messages
        ]
        producer.flush()
        for future in futures:
            future.get(0)
        producer.close()

    def send_in_order(self, articles: Iterable[dict[str, Any]], partition: int = 0) -> None:
        """Articles, keyed by id, one after the other in one partition."""
        with KafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for article in articles:
                producer.send(
                    f"{self.prefix}articles",
                    json.dumps(article).encode(),
                    key=article["id"].encode(),
                    partition=partition,
                ).get(30)

    def read_committed(self, topic: str) -> list[Any]:
        """All committed records of a topic, to its end."""
        with KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=20 << 20,
        ) as consumer:
            partitions = [
                TopicPartition(self.prefix + topic, number)
                for number in consumer.partitions_for_topic(self.prefix + topic)
            ]
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            records: list[Any] = []
            eventually(
                lambda: (
                    records.extend(r for rs in consumer.poll(200).values() for r in rs),
                    all(consumer.position(p) >= ends[p] for p in partitions),
                )[1],
                60,
                f"the end of {topic}",
            )
            return records

    def committed_articles(self) -> int:
        """How many articles the worker's group has committed."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            (offsets,) = admin.list_group_offsets(self.group).values()
            return sum(one.offset for one in offsets.values())
        except KafkaError:
            return 0  # Kafka is just making the topic of its groups, or is away
        finally:
            admin.close()

    @property
    def group(self) -> str:
        return f"{self.prefix}enrich"


class Telex:
    """A running `telex run enrich`."""

    def __init__(
        self,
        room: Room,
        *,
        processes: int = 1,
        name: str = "one",
        factory: str | None = "tests.kafka.processors:fast",
        **settings: Any,
    ) -> None:
        values = {
            "bootstrap_servers": room.bootstrap,
            "topic_prefix": room.prefix,
            "group_id": room.group,
            "worker_id": f"{room.prefix}{name}",
            "metrics_port": 0,
            "processes": processes,
            "retry_max_seconds": 2,
            **settings,
        }
        env = {key: value for key, value in os.environ.items() if not key.startswith("TELEX_")}
        env |= {f"TELEX_{key.upper()}": str(value) for key, value in values.items()}
        command = [sys.executable, "-m", "workers.cli", "run", "enrich"]
        self.process = subprocess.Popen(
            [*command, *(["--process-factory", factory] if factory else [])],
            cwd=ROOT,
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[dict[str, Any]] = []
        self.noise: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = eventually(self._find_port, 60, "the metrics port")

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.noise.append(line)

    def _find_port(self) -> int | None:
        assert self.process.poll() is None, "".join(self.noise)
        return next((line["port"] for line in self.logged("listening")), None)

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in list(self.lines) if line.get("event") == event]

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def probe(self, path: str) -> tuple[int, dict[str, Any]]:
        status, body = self.get(path)
        return status, json.loads(body)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of a metric that have these labels."""
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            sample, _, value = line.rpartition(" ")
            if sample.partition("{")[0] == name and all(f'{k}="{v}"' in sample for k, v in labels.items()):
                total += float(value)
        return total

    def wait_ready(self, seconds: float = 60) -> None:
        eventually(lambda: self.probe("/readyz")[0] == 200, seconds, "ready")

    def worker_pids(self) -> dict[int, int]:
        """The process id of each worker that runs now."""
        return {w["worker"]: w["pid"] for w in self.probe("/readyz")[1]["workers"] if w["pid"]}

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60) -> int:
        """Ask to drain; return the exit status; no process may be left."""
        tree = [self.process.pid, *self.worker_pids().values()] if self.process.poll() is None else []
        self.process.send_signal(number)
        status = self.process.wait(seconds)
        self._reader.join(5)
        alive = [pid for pid in tree if psutil.pid_exists(pid) and _lives(pid)]
        assert not alive, f"left behind: {alive}"
        return status

    def destroy(self) -> None:
        """Whatever the test did, leave no process."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
            self.process.wait()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def repeated(records: Iterable[Any], ids: Callable[[Any], str]) -> list[str]:
    """The ids that come more than once."""
    return [one for one, count in Counter(map(ids, records)).items() if count > 1]
