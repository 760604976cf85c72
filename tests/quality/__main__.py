"""Print the scorer's figures for labelled news: ``python -m tests.quality FOLDER [--through-kafka]``.

FOLDER holds ``score/score.py`` and ``gold/``; without them this says so and ends with status 0, since the
labelled news is not part of the project. The scorer runs the public batch command,
``telex enrich``, from outside; with ``--through-kafka`` the labelled article goes through a real Apache Kafka
instead. Without labelled news too, the slowest kinds of bad input are shown: none may hold its neighbours up
for a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.kafka.harness import load_starter
from tests.support.hostile import corpus
from workers.enrich.message import load_processor
from workers.settings import load_settings

EVENT_LANGUAGES = ("en", "fr", "es", "ar", "fa", "de", "ru", "tr", "pt", "it", "id")
ENTITY_LANGUAGES = ("fr", "en", "ar", "fa")


def main() -> int:
    parser = argparse.ArgumentParser(description="Print the scorer's figures for labelled news.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--through-kafka", action="store_true")
    args = parser.parse_args()
    scorer, gold = args.folder / "score" / "score.py", args.folder / "gold"
    console = Console(highlight=False)
    if not args.through_kafka:
        console.print(hostile_table())
    if not scorer.is_file() or not gold.is_dir():
        console.print(f"There is no labelled news in {args.folder}: nothing was scored.")
        return 0
    if args.through_kafka:
        with real_kafka() as bootstrap:
            command = f"{sys.executable} -m tests.quality.through_kafka --bootstrap {bootstrap}"
            console.print(document_line(scorer, gold, command) + ", through a real Apache Kafka")
        return 0
    console.print(document_line(scorer, gold))
    console.print(entity_table(scorer, gold))
    console.print(event_table(scorer, gold))
    return 0


def entity_table(scorer: Path, gold: Path) -> Table:
    table = Table(
        "language", "P", "R", "F1", "PERSON", "ORGANIZATION", "LOCATION", title="Entities, strict spans"
    )
    for language in ENTITY_LANGUAGES:
        result = score(scorer, "entities", "--gold", gold / f"ntrex_dev.entities.{language}.jsonl")
        total = result["entities"]
        kinds = [
            f"{result['by_type'].get(k, {'f1': 0.0})['f1']}" for k in ("PERSON", "ORGANIZATION", "LOCATION")
        ]
        table.add_row(language, *(f"{total[k]}" for k in ("p", "r", "f1")), *kinds)
    return table


def event_table(scorer: Path, gold: Path) -> Table:
    columns = ("P", "R", "F1", "status", "actor country", "recipient country", "false alarms / 100 quiet")
    table = Table("language", *columns, title="Typed events, firm ones, sentence level")
    sets = [
        (language, gold / "ntrex_dev.events.jsonl", gold / "ntrex_dev" / f"{language}.tsv")
        for language in EVENT_LANGUAGES
    ]
    sets.append(("fa, agency reports", gold / "fars_dev.events.fa.jsonl", gold / "fars_dev.fa.tsv"))
    for name, labels, text in sets:
        result = score(scorer, "events", "--gold", labels, "--text", text)
        table.add_row(
            name,
            *(f"{result['events'][k]}" for k in ("p", "r", "f1")),
            f"{result['status_accuracy']}",
            f"{result['actor_country']}",
            f"{result['recipient_country']}",
            f"{result['false_alarms_per_100_quiet_sentences']}",
        )
    return table


def document_line(scorer: Path, gold: Path, run: str | None = None) -> str:
    document = score(scorer, "document", "--gold", gold / "seed.fr.json", run=run)
    return (
        f"One fully labelled French article: {figures(document['events'])}; mentions found "
        f"{document['entity_mentions_found']}; sources {', '.join(document['sources'])}"
    )


def hostile_table(shown: int = 5) -> Table:
    process = load_processor(load_settings({}))
    seconds: dict[str, float] = {}
    for kind in corpus():
        started = time.perf_counter()
        process(kind.value)
        seconds[kind.name] = time.perf_counter() - started
    table = Table("kind", "seconds", title=f"Bad input: the slowest of {len(seconds)} kinds")
    for name in sorted(seconds, key=seconds.__getitem__, reverse=True)[:shown]:
        table.add_row(name, f"{seconds[name]:.2f}")
    return table


@contextmanager
def real_kafka() -> Iterator[str]:
    starter = load_starter()
    ports = starter.free_ports(2)
    with tempfile.TemporaryDirectory() as folder:
        cluster = starter.start(Path(folder), ports[:1], starter.fetch_libs(), ports[1:])
        try:
            yield cluster.bootstrap
        finally:
            cluster.stop()


def score(scorer: Path, *arguments: str | Path, run: str | None = None) -> dict[str, Any]:
    run = run or f"{Path(sys.executable).with_name('telex')} enrich"
    command = [sys.executable, scorer, *arguments, "--run", run, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def figures(result: dict[str, Any]) -> str:
    return f"{result['tp']} events right, {result['fp']} extra, {result['fn']} missed"


if __name__ == "__main__":
    sys.exit(main())
