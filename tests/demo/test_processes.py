"""Child processes end, with everything that they started; a broker listens where it says."""

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from workers.demo.broker import start_broker, stop_broker
from workers.demo.processes import Child, DemoError
from workers.demo.session import await_ready

_STUBBORN_FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); "
subprocess.Popen([sys.executable, "-c", code + "time.sleep(600)"], start_new_session=True)
time.sleep(600)
"""


def start(code: str, folder: Path) -> Child:
    return Child.start("child", [sys.executable, "-c", code], os.environ, folder)


def wait_for(child: Child, text: str) -> None:
    deadline = time.monotonic() + 20
    while text not in child.tail():
        assert time.monotonic() < deadline
        child.check()
        time.sleep(0.02)


def test_a_family_that_does_not_listen_is_killed_to_the_last(tmp_path: Path) -> None:
    child = start(_STUBBORN_FAMILY, tmp_path)
    wait_for(child, "ready")
    family = [psutil.Process(child.process.pid), *psutil.Process(child.process.pid).children(recursive=True)]
    assert len(family) == 2
    child.stop(grace_seconds=0.2)
    assert not [process for process in family if process.is_running() and process.status() != "zombie"]


def test_a_process_that_has_ended_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = start("print('first', 'x' * 100_000); print('the last words'); raise SystemExit(3)", tmp_path)
    child.process.wait(20)
    with pytest.raises(DemoError, match="child ended with status 3") as told:
        await_ready(child, 1, threading.Event())
    assert "the last words" in str(told.value)
    assert len(str(told.value)) < 20_000
    child.stop(1)


def test_what_cannot_be_started_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="child: cannot start /nowhere/program: No such file or directory"):
        Child.start("child", ["/nowhere/program"], {}, tmp_path)


def test_the_broker_takes_and_gives_messages_and_leaves(tmp_path: Path) -> None:
    broker, bootstrap = start_broker(tmp_path, tmp_path / "data", threading.Event())
    try:
        producer = KafkaProducer(bootstrap_servers=bootstrap)
        producer.send("greetings", b"hello").get(timeout=20)
        producer.close(timeout=5)
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
        )
        consumer.assign([TopicPartition("greetings", 0)])
        assert next(iter(consumer)).value == b"hello"
        consumer.close()
    finally:
        stop_broker(broker)
    assert broker.ended() is not None


def test_a_broker_is_not_waited_for_once_the_user_has_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(DemoError, match="stopped"):
        start_broker(tmp_path, tmp_path / "data", stop)
    assert not [p for p in psutil.process_iter() if str(tmp_path) in " ".join(_command(p))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
