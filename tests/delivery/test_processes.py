"""Backoff, watchdog, health, and a parent that starts its worker again; all without Kafka."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka.errors import CorruptRecordError, KafkaError, UnsupportedCodecError

from workers.delivery.backoff import Backoff
from workers.delivery.batch import Place
from workers.delivery.clients import Identity, any_broker_listens, connection_options
from workers.delivery.health import WorkerView, health, readiness
from workers.delivery.measure import published_seconds
from workers.delivery.status import Phase, WorkerStatus, decode_status
from workers.delivery.transaction import KafkaRefusedError, leave_if_final
from workers.delivery.worker import Task
from workers.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
READY = WorkerStatus(phase=Phase.RUNNING, connected=True, joined=True, partitions=2)


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )


def test_backoff_grows_to_its_bound_and_starts_over() -> None:
    backoff = Backoff(5, first_seconds=1, random=random.Random(1))  # noqa: S311
    pauses = [backoff.next_pause() for _ in range(200)]
    for pause, full in zip(pauses, [1, 2, 4, *[5] * 197], strict=True):
        assert full / 2 <= pause <= full
    assert len(set(pauses)) > 100
    backoff.reset()
    assert backoff.next_pause() <= 1


def test_watchdog_ends_a_process_that_waits_for_ever() -> None:
    result = run_python(
        "import threading, workers.delivery.watchdog as w\n"
        "from workers.logging import configure_logging\n"
        "from workers.settings import load_settings\n"
        "configure_logging(load_settings({}), process='worker-3')\n"
        "dog = w.Watchdog()\n"
        "with dog.limit(30, 'first'): pass\n"
        "with dog.limit(0.2, 'second'):\n"
        "    try: threading.Event().wait()\n"
        "    finally: print('cleaned up')\n"
    )
    assert result.returncode == 75
    assert result.stdout == ""
    (line,) = map(json.loads, result.stderr.splitlines())
    assert (line["event"], line["work"], line["process"]) == ("worker_stuck", "second", "worker-3")


def test_watchdog_lets_quick_work_be() -> None:
    result = run_python(
        "import time, workers.delivery.watchdog as w\n"
        "dog = w.Watchdog()\n"
        "for _ in range(3):\n"
        "    with dog.limit(0.5, 'work'): time.sleep(0.3)\n"
        "time.sleep(0.6)\n"
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_worker_that_crashes_is_started_again() -> None:
    """The factory of this test does not exist, so every worker ends at once."""
    code = (
        "import sys\n"
        "from workers.delivery import run_enrich\n"
        "from workers.settings import load_settings\n"
        "settings = load_settings({}, metrics_port=0, worker_id='w', retry_max_seconds=0.2)\n"
        "sys.exit(run_enrich(settings, 'no.such:factory'))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stderr is not None
        restarts: list[dict[str, object]] = []
        for line in map(json.loads, parent.stderr):
            if line["event"] == "worker_restart":
                restarts.append(line)
            if line["event"] == "listening":
                port = line["port"]
            if len(restarts) == 2:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            exposed = answer.read().decode().splitlines()
        parent.send_signal(signal.SIGTERM)
        last = [json.loads(line) for line in parent.stderr][-1]
    assert {(line["reason"], line["status"], line["process"]) for line in restarts} == {
        ("crashed", 1, "parent")
    }
    assert [line["restarts"] for line in restarts] == [1, 2]
    assert last["event"] == "drained"
    assert parent.returncode == 0
    assert 'telex_worker_restarts_total{reason="crashed"} 2.0' in exposed
    # From the start, so that the first is an increase.
    assert 'telex_worker_restarts_total{reason="stuck"} 0.0' in exposed


def test_a_taken_metrics_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run_python(
            "import sys\n"
            "from workers.delivery import run_enrich\n"
            "from workers.settings import load_settings\n"
            f"sys.exit(run_enrich(load_settings({{}}, metrics_port={port})))\n"
        )
    assert result.returncode == 2
    assert (
        result.stderr
        == f"telex: TELEX_METRICS_PORT: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    )


def test_a_certificate_that_is_not_there_is_one_clear_line() -> None:
    result = run_python(
        "import sys\n"
        "from workers.delivery import run_enrich\n"
        "from workers.settings import load_settings\n"
        "sys.exit(run_enrich(load_settings({'TELEX_SSL_CAFILE': '/no/such.pem'})))\n"
    )
    assert (result.returncode, result.stderr) == (2, "telex: TELEX_SSL_CAFILE: cannot read /no/such.pem\n")


def test_no_broker_listens_at_what_cannot_be_a_name() -> None:
    assert not any_broker_listens(load_settings({"TELEX_BOOTSTRAP_SERVERS": "a..b:9092"}))


@pytest.mark.parametrize("error", [CorruptRecordError, UnsupportedCodecError])
def test_a_record_that_cannot_be_read_ends_the_process(error: type[KafkaError]) -> None:
    with pytest.raises(KafkaRefusedError, match="a word of it"):
        leave_if_final(error("a word of it"))


def view(status: WorkerStatus = READY, *, pid: int | None = 7, heartbeat_age: float = 0.4) -> WorkerView:
    return WorkerView(index=0, pid=pid, status=status, heartbeat_age=heartbeat_age, restarts=0)


def test_healthy_while_heartbeats_come() -> None:
    assert health([view(), view(heartbeat_age=49)], 50).good
    assert not health([view(), view(heartbeat_age=51)], 50).good
    assert health([view(WorkerStatus(), heartbeat_age=200)], 50).good


@pytest.mark.parametrize(
    ("one", "missing"),
    [
        (view(), []),
        (view(WorkerStatus()), ["models", "kafka", "partitions", "loop"]),
        (view(WorkerStatus(phase=Phase.CONNECTING)), ["kafka", "partitions", "loop"]),
        (view(WorkerStatus(phase=Phase.RUNNING, connected=True)), ["partitions"]),
        (view(WorkerStatus(phase=Phase.RUNNING, joined=True)), ["kafka"]),
        (view(WorkerStatus(phase=Phase.RUNNING, connected=True, joined=True, partitions=0)), []),
        (view(heartbeat_age=11), ["loop"]),
        (view(WorkerStatus(), pid=None), ["models", "kafka", "partitions", "loop"]),
    ],
)
def test_ready_says_what_is_missing(one: WorkerView, missing: list[str]) -> None:
    answer = readiness([view(), one])
    assert (answer.good, answer.body["missing"]) == (not missing, missing)


def test_a_torn_status_line_is_no_status() -> None:
    for line in (b"", b"{", b"[]", b'{"phase":"running"}', b'{"phase":"odd","working_on":null}'):
        assert decode_status(line) is None


def test_a_task_reaches_its_worker_as_it_was() -> None:
    settings = load_settings(
        {
            "TELEX_SECURITY_PROTOCOL": "SASL_SSL",
            "TELEX_SASL_MECHANISM": "SCRAM-SHA-512",
            "TELEX_SASL_USERNAME": "u",
            "TELEX_SASL_PASSWORD": "hush",
            "TELEX_SSL_CAFILE": "/ca.pem",
            "TELEX_BATCH_MAX_SECONDS": "0.25",
        }
    )
    task = Task(3, "module:function", settings, (Place("articles", 1, 2),))
    assert Task.decode(task.encode()) == task


def test_connection_options_carry_tls_and_sasl() -> None:
    settings = load_settings(
        {
            "TELEX_BOOTSTRAP_SERVERS": "a:1, b:2",
            "TELEX_SECURITY_PROTOCOL": "SASL_SSL",
            "TELEX_SASL_MECHANISM": "PLAIN",
            "TELEX_SASL_USERNAME": "u",
            "TELEX_SASL_PASSWORD": "hush",
            "TELEX_SSL_CAFILE": "/ca.pem",
        }
    )
    assert connection_options(settings) == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "SASL_SSL",
        "ssl_cafile": "/ca.pem",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "u",
        "sasl_plain_password": "hush",
    }


def test_names_in_kafka_are_stable_and_legal() -> None:
    settings = load_settings({"TELEX_WORKER_ID": "host/é 1", "TELEX_GROUP_ID": "g"})
    assert Identity.of(settings, 2) == Identity("host---1-2", "g-host---1-2")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2025-06-13T08:00:00Z", datetime(2025, 6, 13, 8, tzinfo=UTC).timestamp()),
        ("2025-06-13T10:00:00+02:00", datetime(2025, 6, 13, 8, tzinfo=UTC).timestamp()),
        ("2025-06-13T08:00:00", None),
        ("99999-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_published_seconds(given: str | None, expected: float | None) -> None:
    assert published_seconds(given) == expected
