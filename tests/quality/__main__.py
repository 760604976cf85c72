"""Print the scorer's figures for labelled news: ``python -m tests.quality FOLDER``, see --help for more.

FOLDER holds ``score/score.py`` and ``gold/``; without them this says so and ends with status 0, since the
labelled news is not part of the project. The scorer runs the public batch command,
``telex enrich``, from outside; with ``--through-kafka`` the labelled article goes through a real Apache Kafka
instead. The entity figures that count are those of articles that no network saw (five folds): they are
measured where the networks of `make cross-validate` are, and kept beside this file. The tables of them and of
events in the README are written here. Without labelled news too, the slowest kinds of bad input are shown:
none may hold its neighbours up for a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.kafka.harness import load_starter
from tests.quality.confidence import judge_all, reliability_table
from tests.quality.labels import write_gold
from tests.quality.languages import language_table
from tests.quality.sources import judge, load_snippets, sources_table
from tests.support.hostile import corpus
from workers.enrich.language import LanguageIdentifier
from workers.enrich.message import load_processor
from workers.enrich.registry import SourceRegistry
from workers.settings import load_settings

FOLDS = Path("build/training")
UNSEEN = Path(__file__).with_name("unseen.json")
README = Path("README.md")
EVENT_LANGUAGES = ("en", "fr", "es", "ar", "fa", "de", "ru", "tr", "pt", "it", "id")


def main() -> int:
    parser = argparse.ArgumentParser(description="Print the scorer's figures for labelled news.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--through-kafka", action="store_true", help="the labelled article alone")
    parser.add_argument("--entities", action="store_true", help="leave the events out")
    args = parser.parse_args()
    scorer, gold = args.folder / "score" / "score.py", args.folder / "gold"
    console = Console(highlight=False)
    if not args.through_kafka:
        console.print(hostile_table())
        registry, identifier = SourceRegistry.load(), LanguageIdentifier()
        console.print(sources_table([judge(snippet, registry, identifier) for snippet in load_snippets()]))
    if not scorer.is_file() or not gold.is_dir():
        console.print(f"There is no labelled news in {args.folder}: nothing was scored.")
        return 0
    if args.through_kafka:
        with real_kafka() as bootstrap:
            command = f"{sys.executable} -m tests.quality.through_kafka --bootstrap {bootstrap}"
            console.print(document_line(scorer, gold, command) + ", through a real Apache Kafka")
        return 0
    archive = args.folder / "data" / "articles.tar.xz"
    if archive.is_file():
        console.print(language_table(archive, LanguageIdentifier()))
    console.print(document_line(scorer, gold))
    rows = entity_rows(scorer, args.folder)
    console.print(entity_table(rows))
    write_readme(rows)
    if args.entities:
        return 0
    events = event_rows(scorer, gold)
    console.print(event_table(events))
    if has_folds():
        write_events(events)
        judged = list(judge_all(gold, FOLDS))
        console.print(reliability_table(judged, "Confidence of published events, articles not seen"))
    return 0


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One language's figures, in percent: strict F1 on articles not seen, and what was learned from."""

    language: str
    articles: int
    unseen_f1: float | None
    precision: float
    recall: float
    f1: float
    by_type: dict[str, float]


def entity_rows(scorer: Path, shared: Path) -> list[EntityRow]:
    """Score every language that has labels; measure the unseen figures anew where the five networks are."""
    unseen: dict[str, float] = json.loads(UNSEEN.read_text()) if UNSEEN.exists() else {}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for language, (path, articles) in write_gold(shared, Path(folder)).items():
            result = score(scorer, "entities", "--gold", path)
            if has_folds():
                command = f"{sys.executable} -m tests.quality.unseen {FOLDS}"
                unseen[language] = score(scorer, "entities", "--gold", path, run=command)["entities"]["f1"]
            total = result["entities"]
            types = {kind: figure["f1"] for kind, figure in result["by_type"].items()}
            rows.append(
                EntityRow(
                    language,
                    articles,
                    unseen.get(language),
                    total["p"],
                    total["r"],
                    total["f1"],
                    types,
                )
            )
    UNSEEN.write_text(json.dumps(unseen, indent=1) + "\n")
    return rows


def has_folds() -> bool:
    """Whether the networks of `make cross-validate` are there."""
    return all((FOLDS / f"fold{fold}" / "accurate.onnx").is_file() for fold in range(5))


def entity_table(rows: Sequence[EntityRow]) -> Table:
    columns = ("articles", "F1, articles not seen", "P", "R", "F1", "PERSON", "ORGANIZATION", "LOCATION")
    table = Table("language", *columns, title="Entities, strict spans; five folds, then learned from")
    for row in rows:
        kinds = (f"{row.by_type.get(kind, 0.0)}" for kind in ("PERSON", "ORGANIZATION", "LOCATION"))
        unseen = "–" if row.unseen_f1 is None else f"{row.unseen_f1}"
        table.add_row(
            row.language,
            str(row.articles),
            unseen,
            f"{row.precision}",
            f"{row.recall}",
            f"{row.f1}",
            *kinds,
        )
    return table


def write_readme(rows: Sequence[EntityRow]) -> None:
    """Put the table of entity figures between its marks in the README."""
    lines = ["| | " + " | ".join(row.language for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for title, figures in (
        ("articles not seen (five folds)", [row.unseen_f1 for row in rows]),
        ("articles learned from", [row.f1 for row in rows]),
        ("articles", [row.articles for row in rows]),
    ):
        lines.append(f"| {title} | " + " | ".join("–" if x is None else str(x) for x in figures) + " |")
    _put_in_readme("entities", lines)


def write_events(rows: Sequence[tuple[str, str, list[str]]]) -> None:
    """Put the table of events in articles not seen between its marks in the README."""
    lines = ["| | " + " | ".join(_EVENT_COLUMNS) + " |", "|---" * (len(_EVENT_COLUMNS) + 1) + "|"]
    lines += [
        f"| {name} | " + " | ".join(figures) + " |" for name, kind, figures in rows if kind == "not seen"
    ]
    _put_in_readme("events", lines)


def _put_in_readme(name: str, lines: Sequence[str]) -> None:
    text = README.read_text(encoding="utf-8")
    start, end = f"<!-- {name}: written by make quality -->\n", f"<!-- /{name} -->"
    before, _, rest = text.partition(start)
    _, found, after = rest.partition(end)
    if found:
        README.write_text(before + start + "\n".join(lines) + "\n" + end + after, encoding="utf-8")


_EVENT_COLUMNS = (
    "precision",
    "recall",
    "F1",
    "status right",
    "actor's country",
    "recipient's country",
    "false alarms per 100 quiet sentences",
)


def event_rows(scorer: Path, gold: Path) -> list[tuple[str, str, list[str]]]:
    """Language, whether the articles were seen, and the figures, for every language with labelled events."""
    sets = [
        (language, gold / "ntrex_dev.events.jsonl", gold / "ntrex_dev" / f"{language}.tsv")
        for language in EVENT_LANGUAGES
    ]
    sets.append(("fa, agency reports", gold / "fars_dev.events.fa.jsonl", gold / "fars_dev.fa.tsv"))
    runs: list[tuple[str, str | None]] = [("learned from", None)]
    if has_folds():
        runs.insert(0, ("not seen", f"{sys.executable} -m tests.quality.unseen {FOLDS}"))
    rows = []
    for name, labels, text in sets:
        for kind, run in runs:
            result = score(scorer, "events", "--gold", labels, "--text", text, run=run)
            figures = [result["events"][key] for key in ("p", "r", "f1")]
            figures += [result[key] for key in ("status_accuracy", "actor_country", "recipient_country")]
            figures.append(result["false_alarms_per_100_quiet_sentences"])
            rows.append((name, kind, [str(figure) for figure in figures]))
    return rows


def event_table(rows: Sequence[tuple[str, str, list[str]]]) -> Table:
    title = "Typed events, firm ones, sentence level; five folds (articles not seen), then learned from"
    table = Table("language", "articles", *_EVENT_COLUMNS, title=title)
    for name, kind, figures in rows:
        table.add_row(name, kind, *figures)
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
