"""Print the scorer's figures for labelled news: ``python -m tests.quality FOLDER``.

FOLDER holds ``score/score.py`` and ``gold/``; without them this says so and ends with status 0, since the
labelled news is not part of the project. The scorer runs the public batch command,
``telex enrich``, from outside.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

EVENT_LANGUAGES = ("en", "fr", "es", "ar", "fa", "de", "ru", "tr", "pt", "it", "id")
ENTITY_LANGUAGES = ("fr", "en", "ar", "fa")


def main(folder: Path) -> int:
    scorer, gold = folder / "score" / "score.py", folder / "gold"
    if not scorer.is_file() or not gold.is_dir():
        print(f"There is no labelled news in {folder}: nothing was scored.")
        return 0
    console = Console(highlight=False)
    document = score(scorer, "document", "--gold", gold / "seed.fr.json")
    console.print(f"[bold]One fully labelled French article[/bold]: {figures(document['events'])}")
    console.print(
        f"  mentions {document['entity_mentions_found']}, sources {', '.join(document['sources'])}, "
        f"language {document['language']}\n"
    )
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


def score(scorer: Path, *arguments: str | Path) -> dict[str, Any]:
    telex = Path(sys.executable).with_name("telex")
    command = [sys.executable, scorer, *arguments, "--run", f"{telex} enrich", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def figures(result: dict[str, Any]) -> str:
    return f"{result['tp']} events right, {result['fp']} extra, {result['fn']} missed"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
