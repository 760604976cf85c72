"""How the demo shows what it sees: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.rule import Rule
from rich.spinner import Spinner
from rich.text import Text

from workers.demo.lines import DeadLine, EventLine, one_line
from workers.demo.tally import Tally

_STATUS_SECONDS = 5.0
_LINE_CHARS = 400
_INDENT = 9
_EMBEDDED = (
    "       an embedded broker, for development only: it carries no delivery guarantee\n"
    "       with a real Kafka: make run BOOTSTRAP=host:port"
)
_TYPE_STYLES = {
    **dict.fromkeys(("AGREE", "CONSULT", "SUPPORT", "CONCEDE"), "green"),
    **dict.fromkeys(("COOPERATE", "AID", "RETREAT"), "cyan"),
    **dict.fromkeys(("REQUEST", "ACCUSE", "REJECT", "THREATEN"), "yellow"),
    **dict.fromkeys(("PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"), "red"),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: Kafka, whether it is the embedded broker, the worker's HTTP address and its log."""

    bootstrap: str
    embedded: bool
    http: str
    log: str

    def lines(self) -> tuple[str, ...]:
        """The same for people, a line each."""
        return (
            f"worker {self.http}/metrics  {self.http}/healthz  {self.http}/readyz",
            f"log    {self.log}",
            f"Kafka  {self.bootstrap}",
            *((_EMBEDDED,) if self.embedded else ()),
        )


class View(Protocol):
    """What the session tells its user."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def step(self, text: str) -> None:
        """Say what is being done now."""

    def begin(self, places: Places, tally: Tally) -> None:
        """Show where things are; from now on the tally is shown as it grows."""

    def event(self, line: EventLine) -> None:
        """Show one typed event."""

    def dead(self, line: DeadLine) -> None:
        """Show one dead letter."""

    def note(self, text: str) -> None:
        """Show one remark."""

    def refresh(self) -> None:
        """Show the tally as it is now, when it is time to."""

    def finish(self) -> None:
        """Show the tally for the last time."""


def summary(tally: Tally, now: float) -> str:
    """The counts and rates in a line."""
    refused = f" · {tally.refused} refused by Kafka" if tally.refused else ""
    return (
        f"articles {tally.fed} in · {tally.enriched} enriched · {tally.dead} dead · lag {tally.waiting}"
        f"{refused} · {tally.articles_per_second(now):.1f}/s   "
        f"events {tally.events} · {tally.events_per_second(now):.1f}/s"
    )


class PlainView:
    """Lines without colour or movement, for files and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tally: Tally | None = None
        self._shown = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tally = None

    def step(self, text: str) -> None:
        """See View."""
        self._line(f"{text} …")

    def begin(self, places: Places, tally: Tally) -> None:
        """See View."""
        self._tally = tally
        self._shown = time.monotonic()
        for line in places.lines():
            self._line(line)

    def event(self, line: EventLine) -> None:
        """See View."""
        self._line(
            f"{line.clock}  event  {line.type:<9} {line.status:<12} {line.source:<10} {line.language:<3} "
            f"{line.actors} → {line.recipients}  “{line.evidence}”"
        )

    def dead(self, line: DeadLine) -> None:
        """See View."""
        self._line(f"{line.clock}  dead   {line.reason}: {line.message}  “{line.excerpt}”")

    def note(self, text: str) -> None:
        """See View."""
        self._line(one_line(text, _LINE_CHARS))

    def refresh(self) -> None:
        """See View."""
        now = time.monotonic()
        if self._tally is not None and now - self._shown >= _STATUS_SECONDS:
            self._shown = now
            self._line(summary(self._tally, now))

    def finish(self) -> None:
        """See View."""
        if self._tally is not None:
            self._line(summary(self._tally, time.monotonic()))

    def _line(self, text: str) -> None:
        self._console.file.write(text + "\n")
        self._console.file.flush()


class TerminalView:
    """Events scroll by, the counts stay at the bottom of the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(Text(""), console=console, refresh_per_second=4)
        self._places: Places | None = None
        self._tally: Tally | None = None
        self._step: Spinner | Text = Text("")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._step = Text("stopped", "bright_black")
        self.refresh()
        self._live.stop()

    def step(self, text: str) -> None:
        """See View."""
        self._step = Spinner("dots", Text(f"{text} …"))
        self.refresh()

    def begin(self, places: Places, tally: Tally) -> None:
        """See View."""
        self._places, self._tally = places, tally
        self._step = Text("Ctrl-C stops everything", "bright_black")
        self.refresh()

    def event(self, line: EventLine) -> None:
        """See View."""
        head = Text.assemble(
            (line.clock, "dim"),
            " ",
            (f"{line.type:<9}", f"bold {_TYPE_STYLES.get(line.type, 'white')}"),
            " ",
            (f"{line.status:<12}", "" if line.status == "asserted" else "italic"),
            " ",
            (f"{line.source:<10} {line.language:<3}", "blue"),
            " ",
            line.actors,
            (" → ", "dim"),
            line.recipients,
        )
        self._print(head)
        self._print(Text(" " * _INDENT + line.evidence, "dim"))

    def dead(self, line: DeadLine) -> None:
        """See View."""
        self._print(Text(f"{line.clock} dead letter · {line.reason} · {line.message}", "bright_black"))

    def note(self, text: str) -> None:
        """See View."""
        self._print(Text(one_line(text, _LINE_CHARS), "bold"))

    def refresh(self) -> None:
        """See View."""
        rows = [] if self._tally is None else [Text(summary(self._tally, time.monotonic()), "bold")]
        if self._places is not None:
            rows += [Text(line, "bright_black") for line in self._places.lines()]
        self._live.update(Group(Rule(style="bright_black"), *rows, self._step), refresh=True)

    def finish(self) -> None:
        """See View."""
        self.refresh()

    def _print(self, text: Text) -> None:
        self._console.print(text, no_wrap=True, overflow="ellipsis", crop=True)


def open_view() -> View:
    """The view that fits standard output."""
    console = Console(highlight=False, markup=False, emoji=False)
    return TerminalView(console) if console.is_terminal else PlainView(console)
