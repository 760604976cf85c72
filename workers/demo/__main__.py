"""``python -m workers.demo``: see Telex at work on this machine."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType

from workers.demo.articles import read_articles
from workers.demo.lines import one_line
from workers.demo.processes import DemoError
from workers.demo.samples import load_samples
from workers.demo.session import Options, run_session
from workers.demo.view import open_view
from workers.settings import SettingsError

_EXIT_FAILED = 1
_MAX_RATE = 1000.0
_LINE_CHARS = 500


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    args = _parser().parse_args(argv)
    # A terminal or pipe that cannot show Arabic gets question marks, not an error.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stderr.reconfigure(errors="replace")  # type: ignore[union-attr]
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        articles: Iterable[bytes] = read_articles(args.articles) if args.articles else load_samples()
        once = args.once or not sys.stdout.isatty()
        run_session(Options(articles, args.bootstrap, args.rate, once), open_view(), stop)
    except (DemoError, SettingsError) as error:
        first, *others = str(error).splitlines()
        sys.stderr.write(f"demo: {one_line(first, _LINE_CHARS)}\n")
        sys.stderr.writelines(f"  {one_line(line, _LINE_CHARS)}\n" for line in others)
        return _EXIT_FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers.demo",
        description="Starts a broker and the enrich worker, feeds articles and shows the typed events live.",
    )
    parser.add_argument(
        "--articles", type=Path, metavar="FILE", help="feed this JSON-lines file instead of the samples"
    )
    parser.add_argument(
        "--bootstrap",
        metavar="HOST:PORT",
        help="use the Kafka that is there; without it an embedded broker for development is started",
    )
    parser.add_argument("--once", action="store_true", help="stop when every article has its answer")
    parser.add_argument(
        "--rate", type=_rate, default=2.0, metavar="N", help="articles a second (default: %(default)s)"
    )
    return parser


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= _MAX_RATE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and up to {_MAX_RATE:.0f}")
    return rate


if __name__ == "__main__":
    sys.exit(main())
