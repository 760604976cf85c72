"""``telex run``: the workers that live beside Kafka."""

from __future__ import annotations

import argparse

from workers.settings import Settings, load_settings

HELP = "run a worker: articles from Kafka, enriched articles and events back to it, until Ctrl-C or SIGTERM"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `telex run`."""
    parser.add_argument("worker", choices=("enrich",), help="which worker")
    parser.add_argument(
        "--processes", type=int, metavar="N", help="worker processes, one per core at most (TELEX_PROCESSES)"
    )
    # For tests of delivery, which have no need of language models.
    parser.add_argument("--process-factory", help=argparse.SUPPRESS)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run the worker; return its exit status."""
    from workers.delivery import DEFAULT_PROCESS_FACTORY, run_enrich

    if args.processes is not None:
        settings = load_settings(processes=args.processes)
    return run_enrich(settings, args.process_factory or DEFAULT_PROCESS_FACTORY)
