"""``python -m bench``: Telex and a naive peer on the same articles and broker, one after the other."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from rich.console import Console
from rich.table import Table

from bench.corpus import Corpus, make_corpus, read_values
from bench.measure import KafkaFigures, PipelineFigures, measure_pipeline, measure_system
from bench.names import STOCK, STOCK_LANGUAGE, NameFigures, measure_names
from bench.systems import start_peer, start_telex, telex_environment
from workers.delivery.clients import connection_options
from workers.demo.broker import start_broker, stop_broker
from workers.demo.lines import one_line
from workers.demo.processes import DemoError
from workers.demo.samples import load_samples
from workers.demo.session import apply_topics
from workers.enrich.encoder.network import NETWORKS
from workers.enrich.message import limits_of
from workers.settings import SettingsError, load_settings

_STOP_SECONDS = 5.0
_PARTITIONS = 12
_MAX_ARTICLES = 400
_FILE_WIDTH = 130
_EXIT_FAILED = 1
_EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and report; return the exit status."""
    args = _parser().parse_args(argv)
    console = Console(stderr=args.json == "-", highlight=False)
    if not console.is_terminal:
        console = Console(stderr=args.json == "-", highlight=False, width=_FILE_WIDTH)
    # Ends the children as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    folder = Path(tempfile.mkdtemp(prefix="telex-bench-"))
    try:
        report = _measure(args, console, folder)
    except (DemoError, SettingsError) as error:
        for line in str(error).splitlines():
            console.print(f"bench: {one_line(line, 500)}", markup=False)
        return _EXIT_FAILED
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if args.json == "-":
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    elif args.json:
        Path(args.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(args: argparse.Namespace, console: Console, folder: Path) -> dict[str, Any]:
    limits = limits_of(load_settings({}))
    languages = frozenset(filter(None, args.languages.split(","))) if args.languages != "all" else frozenset()
    corpora = [make_corpus("samples", load_samples(), limits, languages, _MAX_ARTICLES)]
    corpora += [
        make_corpus(path.name, read_values(path), limits, languages, _MAX_ARTICLES) for path in args.articles
    ]
    for corpus in corpora:
        words = sum(article.words for article in corpus.articles)
        console.print(f"{corpus.name}: {len(corpus.articles)} articles, {words} words", markup=False)

    console.print("measuring the finding of names …")
    every = [
        make_corpus(path.name, read_values(path), limits, frozenset(), _MAX_ARTICLES)
        for path in args.articles
    ]
    names = measure_names([*every, *corpora][:1], NETWORKS, args.seconds / 8)
    _show_names(names, console)

    console.print("measuring the pipeline alone …")
    pipeline = measure_pipeline(corpora, limits, args.seconds)
    _show_pipeline(pipeline, console)

    with ExitStack() as running:
        bootstrap = args.bootstrap
        if bootstrap is None:
            broker, bootstrap = start_broker(folder, folder / "broker-data", threading.Event())
            running.callback(stop_broker, broker)
            console.print("on the embedded broker, which is for development only; a real Kafka: --bootstrap")
        prefix = f"bench-{secrets.token_hex(4)}-"
        environment = telex_environment(bootstrap, prefix)
        connection = connection_options(load_settings(environment))
        apply_topics(environment, folder, threading.Event())
        admin = KafkaAdminClient(**connection)
        running.callback(admin.close)
        running.callback(_delete_topics, admin, prefix)
        replication_factor = -1 if args.bootstrap else 1
        admin.create_topics(
            {
                f"{prefix}{name}": {"num_partitions": _PARTITIONS, "replication_factor": replication_factor}
                for name in ("peer-articles", "peer-entities")
            }
        )
        figures: list[KafkaFigures] = []
        rates: dict[str, float] = {}
        for name in ("telex", "peer"):
            system = (
                start_telex(environment, folder) if name == "telex" else start_peer(bootstrap, prefix, folder)
            )
            running.callback(system.child.stop, _STOP_SECONDS)
            console.print(f"measuring {system.name} behind Kafka …")
            figures += measure_system(system, connection, corpora, args.seconds, rates)
            system.child.stop(_STOP_SECONDS)
        _show_systems(corpora, figures, console)
    return {
        "machine": {
            "cores": os.cpu_count(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        },
        "broker": args.bootstrap or "embedded",
        "corpora": [
            {"name": c.name, "articles": len(c.articles), "words": sum(a.words for a in c.articles)}
            for c in corpora
        ],
        "names": [asdict(f) for f in names],
        "pipeline": [
            {
                "corpus": f.corpus,
                "language": f.language,
                "articles": f.articles,
                "articles_per_core_second": f.articles_per_core_second,
                "words_per_core_second": f.words_per_core_second,
                "stage_seconds": f.stages,
            }
            for f in pipeline
        ],
        "systems": [f.as_json() for f in figures],
    }


def _delete_topics(admin: KafkaAdminClient, prefix: str) -> None:
    """Take away what this run has made, and nothing else."""
    admin.delete_topics([topic for topic in admin.list_topics() if topic.startswith(prefix)])


def _show_names(figures: Sequence[NameFigures], console: Console) -> None:
    """Words a second by language, against the stock pipeline on its language and against French."""
    rates = {(f.language, f.system): f.words_per_core_second for f in figures}
    stock = rates.get((STOCK_LANGUAGE, STOCK))
    table = Table("language", title="Finding names, words/s on one core", title_justify="left")
    systems = [*NETWORKS, STOCK]
    for system in systems:
        table.add_column(system, justify="right")
    for heading in (f"{NETWORKS[0]} / {STOCK}", "time a word, French is 1"):
        table.add_column(heading, justify="right")
    french = rates.get((STOCK_LANGUAGE, NETWORKS[0]))
    for language in sorted({f.language for f in figures}):
        own = rates[language, NETWORKS[0]]
        cells = [f"{rates[language, s]:,.0f}" if (language, s) in rates else "–" for s in systems]
        table.add_row(
            language,
            *cells,
            f"{own / stock:.2f}" if stock and language == STOCK_LANGUAGE else "–",
            f"{french / own:.2f}" if french else "–",
        )
    console.print(table)


def _show_pipeline(figures: Sequence[PipelineFigures], console: Console) -> None:
    table = Table("corpus", "language", title="Pipeline alone, one core", title_justify="left")
    for heading in ("articles/s", "words/s", "ms/article", "share of the time by stage"):
        table.add_column(heading, justify="left" if "share" in heading else "right")
    for f in figures:
        total = sum(f.stages.values())
        shares = sorted(((seconds / total, stage) for stage, seconds in f.stages.items()), reverse=True)
        table.add_row(
            f.corpus,
            f.language,
            f"{f.articles_per_core_second:.1f}",
            f"{f.words_per_core_second:,.0f}",
            f"{1000 / f.articles_per_core_second:.1f}",
            ", ".join(f"{stage} {share:.0%}" for share, stage in shares if share >= 0.01),
        )
    console.print(table)


def _show_systems(corpora: Sequence[Corpus], figures: Sequence[KafkaFigures], console: Console) -> None:
    for corpus in corpora:
        telex, peer = (f for f in figures if f.corpus == corpus.name)
        table = Table(f"{corpus.name}, behind Kafka", title_justify="left")
        for heading in (telex.system, peer.system, "ratio"):
            table.add_column(heading, justify="right")
        rows = [
            ("articles/s, one process", telex.articles_per_second, peer.articles_per_second, "{:.1f}"),
            ("articles/s per core", telex.articles_per_core_second, peer.articles_per_core_second, "{:.1f}"),
            ("words/s per core", telex.words_per_core_second, peer.words_per_core_second, "{:,.0f}"),
            (
                f"latency p50, ms, at {telex.latency_rate:.1f} articles/s",
                telex.latency_p50_seconds * 1000,
                peer.latency_p50_seconds * 1000,
                "{:,.0f}",
            ),
            (
                f"latency p99, ms, of {telex.latencies}",
                telex.latency_p99_seconds * 1000,
                peer.latency_p99_seconds * 1000,
                "{:,.0f}",
            ),
            (
                "peak memory, MB",
                telex.peak_memory_bytes / 1e6,
                peer.peak_memory_bytes / 1e6,
                "{:,.0f}",
            ),
        ]
        for name, ours, theirs, form in rows:
            table.add_row(name, form.format(ours), form.format(theirs), f"{ours / theirs:.2f}")
        console.print(table)
    console.print(
        "Per core: by CPU time. The peer names entities; no events, sources, dead letters, transactions."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures speed, latency and memory next to a naive peer, in about three minutes.",
    )
    parser.add_argument(
        "--articles",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="measure with this JSON-lines file, or with those of this tar archive, too; can be repeated",
    )
    parser.add_argument(
        "--languages", default="fr,en", help="articles of these languages, or all (default: %(default)s)"
    )
    parser.add_argument(
        "--bootstrap", metavar="HOST:PORT", help="a Kafka that is there; else the embedded broker"
    )
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=12.0,
        help="for each thing that is measured (default: %(default)s)",
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures there too; - is standard output")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.5 <= seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0.5 to 600")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
