"""What the operator's commands say and ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.table import Table

from workers.admin.connection import AdminError

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_NOT_CONFIRMED = 2

_PIPE_WIDTH = 240


def guarded(command: str, action: Callable[[], int]) -> int:
    """Run ``action``; a fault becomes one line on standard error and the exit status 1."""
    try:
        return action()
    except AdminError as error:
        sys.stderr.write(f"telex {command}: {error}\n")
        return EXIT_FAILED


def confirm(command: str, question: str, *, yes: bool) -> int | None:
    """Ask before a change; None when it may go on, else the exit status.

    With ``yes`` nothing is asked. Without it and without a terminal nothing is changed either, and a line on
    standard error says so.
    """
    if yes:
        return None
    if not sys.stdin.isatty():
        sys.stderr.write(f"telex {command}: nothing was changed: there is no terminal to ask; give --yes\n")
        return EXIT_NOT_CONFIRMED
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in {"y", "yes"}:
        return None
    sys.stdout.write("nothing was changed\n")
    return EXIT_NOT_CONFIRMED


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; in a pipe no cell is cut."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, emoji=False, width=_PIPE_WIDTH)
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("-" if cell is None else one_line(str(cell), _PIPE_WIDTH) for cell in row))
    console.print(table)


def one_line(text: str, limit: int) -> str:
    """``text`` in ``limit`` characters at most, with whatever could move a terminal's cursor replaced."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(character if character.isprintable() else "\ufffd" for character in cut)
