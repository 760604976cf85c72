"""The embedded broker: noida-db's Kafka service, one small process with its data in a folder of its own.

It is for development only: one node, data in memory with a copy on disk every second, no delivery guarantee.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from importlib.resources import files
from pathlib import Path

from workers.demo.processes import Child, DemoError

_START_SECONDS = 10.0
_STOP_SECONDS = 1.5
_LISTENS = re.compile(r"^\s*kafka\s+(127\.0\.0\.1:[0-9]{1,5})\s*$", re.MULTILINE)
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR")


def start_broker(folder: Path, data: Path, stop: threading.Event) -> tuple[Child, str]:
    """Start a broker with its log in ``folder`` and its data in ``data``; return it and its ``host:port``.

    Raises DemoError when it is not installed or does not listen within ten seconds. A ``stop`` that is set
    meanwhile ends the wait with DemoError too. End the broker with ``stop_broker``.
    """
    # Port 0: the broker takes a free one and says which.
    command = [_binary(), "start", "--only", "kafka", "--kafka-port", "0", "--data-dir", str(data)]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    broker = Child.start("broker", command, environment, folder)
    deadline = time.monotonic() + _START_SECONDS
    try:
        while time.monotonic() < deadline and not stop.is_set():
            match = _LISTENS.search(broker.log.read_text(encoding="utf-8", errors="replace"))
            if match:
                return broker, match.group(1)
            broker.check()
            stop.wait(0.05)
    except DemoError:
        stop_broker(broker)
        raise
    stop_broker(broker)
    if stop.is_set():
        raise DemoError("stopped while the embedded broker was starting")
    raise DemoError(
        f"the embedded broker did not listen within {_START_SECONDS:.0f} s; its log:\n{broker.tail()}"
    )


def stop_broker(broker: Child) -> None:
    """End the broker, in two seconds at most."""
    broker.stop(_STOP_SECONDS)


def _binary() -> str:
    try:
        path = Path(str(files("noida_db") / "noida-db"))
    except ModuleNotFoundError:
        path = Path()
    if not path.is_file():
        raise DemoError(
            "the embedded broker (the package noida-db) is not installed; "
            "install telex[demo], or give a Kafka that is already there with --bootstrap host:port"
        )
    if not os.access(path, os.X_OK):
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)
