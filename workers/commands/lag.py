"""``telex lag``: how far the enrich workers are."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from workers.settings import Settings

HELP = "show how far the workers are behind, in offsets (the end of a transaction takes one, too)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--json", action="store_true", help="one JSON array in place of a table")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print the lag of every partition; returns 0, or 1 when Kafka cannot be reached."""
    from workers.admin.terminal import guarded

    return guarded("lag", lambda: _run(args, settings))


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from workers.admin.connection import open_admin
    from workers.admin.group import read_lag
    from workers.admin.terminal import EXIT_DONE, print_table

    with open_admin(settings) as admin:
        lags = read_lag(admin, settings.group_id, settings.topic("articles"))
    if args.json:
        print(json.dumps([asdict(lag) for lag in lags]))
        return EXIT_DONE
    rows: list[tuple[object, ...]] = [
        (lag.group, lag.topic, lag.partition, lag.committed, lag.end, lag.lag) for lag in lags
    ]
    rows.append(("total", None, None, None, None, sum(lag.lag for lag in lags)))
    print_table(("group", "topic", "partition", "committed", "end", "lag"), rows)
    return EXIT_DONE
