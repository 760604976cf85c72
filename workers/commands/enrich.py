"""``telex enrich < articles.jsonl > enriched.jsonl``: the pipeline without Kafka."""

from __future__ import annotations

import argparse
import sys

from workers.settings import Settings

HELP = "enrich articles, one JSON object a line, from standard input to standard output"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="use N cores (default: 1)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Enrich every line in order; each line that cannot be read is told on standard error.

    Returns 0, or 1 when a line was rejected.
    """
    from concurrent.futures.process import BrokenProcessPool

    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from workers.contract.records import Rejection
    from workers.enrich.batch import enrich_lines, read_lines
    from workers.logging import configure_logging

    if args.processes < 1:
        print("telex enrich: --processes must be 1 or more", file=sys.stderr)
        return 2
    configure_logging(settings)
    rejected = 0
    lines = read_lines(sys.stdin.buffer, settings.max_message_bytes)
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("articles", total=None)
        try:
            for result in enrich_lines(lines, settings, args.processes):
                if isinstance(result.value, Rejection):
                    rejected += 1
                    reason, message = result.value.reason, result.value.message
                    print(f"telex enrich: line {result.line_number}: {reason}: {message}", file=sys.stderr)
                else:
                    sys.stdout.buffer.write(result.value + b"\n")
                progress.advance(task)
        except BrokenProcessPool:
            print("telex enrich: a process was killed (out of memory?); the output is cut", file=sys.stderr)
            return 1
        sys.stdout.buffer.flush()
    return 1 if rejected else 0
