"""Child processes: started apart from the terminal's signals, ended with all that they started."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_TAIL_BYTES = 16_384
_KILLED_GRACE_SECONDS = 2.0


class DemoError(Exception):
    """It cannot go on; the message is for the user, and may have the end of a log under its first line."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running child process whose standard output and error go to the file ``log``."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Child:
        """Start ``command`` with its log in ``folder``; raises DemoError when it cannot be started.

        The child gets a session of its own: a Ctrl-C in the terminal reaches the demo alone, which then ends
        its children in the right order.
        """
        log = folder / f"{name}.log"
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(  # noqa: S603  # our own command, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    start_new_session=True,
                )
        except OSError as error:
            raise DemoError(f"{name}: cannot start {command[0]}: {error.strerror or error}") from None
        return cls(name, process, log)

    def ended(self) -> int | None:
        """The exit status, or None while the process runs."""
        return self.process.poll()

    def check(self) -> None:
        """Raise DemoError, with the end of the log, when the process has ended."""
        status = self.ended()
        if status is not None:
            raise DemoError(f"{self.name} ended with status {status}; the end of its log:\n{self.tail()}")

    def tail(self, lines: int = 15) -> str:
        """The last ``lines`` lines of the log; they may hold article text, so print them sanitised."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
                content = file.read(_TAIL_BYTES)
        except OSError as error:
            return f"(its log cannot be read: {error.strerror})"
        return "\n".join(content.decode("utf-8", "replace").splitlines()[-lines:]) or "(its log is empty)"

    def stop(self, grace_seconds: float) -> None:
        """End the process and everything it has started: ask, wait ``grace_seconds``, then kill."""
        family = _descendants(self.process.pid)
        if self.ended() is None:
            self.process.terminate()
            try:
                self.process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                # It may have started others since it was asked.
                family = list({*family, *_descendants(self.process.pid)})
                self.process.kill()
                self.process.wait(_KILLED_GRACE_SECONDS)
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=_KILLED_GRACE_SECONDS)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
