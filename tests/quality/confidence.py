"""How far the confidence of events can be trusted: ``python -m tests.quality.confidence FOLDER FOLDS``.

FOLDER holds ``gold/``, FOLDS the five networks of `make cross-validate`; each article is read by the one that
did not learn from it. Prints, by tenths of confidence, how many published events are right: a firm event of
that type in that sentence. What a careful reader may leave out counts neither way. The weights in
``scoring.yaml`` were fitted on four of the folds, so the last one, which neither the networks nor the weights
have seen, has a table of its own. With ``--fit``, prints weights fitted on all five as ``scoring.yaml`` has
them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from training.corpus import EVENT_LABELS_DIRECTORY, fold_of, read_rows
from workers.contract.records import Article
from workers.enrich.entities import recognise_entities
from workers.enrich.events.coder import code_events, read_triggers
from workers.enrich.events.reading import make_reading
from workers.enrich.events.rules import WEIGHTS
from workers.enrich.events.score import features_of
from workers.enrich.message import limits_of
from workers.enrich.pipeline import Pipeline
from workers.enrich.sources import credit_sources
from workers.enrich.syntax import Parsers
from workers.enrich.text import prepare_fields
from workers.settings import load_settings

LAST_FOLD = 4
_ROUNDS = 30
_RIDGE = 1e-3
_NAMES = sorted(WEIGHTS)


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, whether it is right (None: neither way), and whether it is published, how sure."""

    fold: int
    right: bool | None
    features: tuple[float, ...]
    confidence: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description="How far the confidence of events can be trusted.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("folds", type=Path)
    parser.add_argument("--fit", action="store_true", help="print weights fitted anew")
    args = parser.parse_args()
    judged = list(judge_all(args.folder / "gold", args.folds))
    console = Console(highlight=False)
    console.print(reliability_table(judged, "Confidence of published events, articles not seen"))
    last = [each for each in judged if each.fold == LAST_FOLD]
    console.print(reliability_table(last, "The same, the fold that the weights have not seen either"))
    if args.fit:
        for name, weight in fit_weights(judged).items():
            console.print(f"{name}: {weight:.3f}")


def judge_all(gold: Path, folds: Path) -> Iterator[Judged]:
    """Every candidate of the development half, in all languages that have events."""
    sets = [
        (path.stem, gold / "ntrex_dev" / path.name, gold / "ntrex_dev.events.jsonl")
        for path in sorted(EVENT_LABELS_DIRECTORY.glob("??.tsv"))
    ]
    sets.append(("fa", gold / "fars_dev.fa.tsv", gold / "fars_dev.events.fa.jsonl"))
    pipeline = Pipeline.load(limits_of(load_settings({})), networks=folds / "fold0")
    for fold in range(LAST_FOLD + 1):
        parsers = Parsers.load(networks=folds / f"fold{fold}")
        for language, text, labels in sets:
            events = {row["line"]: row["events"] for row in map(json.loads, labels.open(encoding="utf-8"))}
            articles: dict[str, list[tuple[int, str]]] = defaultdict(list)
            for article, number, sentence in read_rows(text):
                if fold_of(article) == fold:
                    articles[article].append((number, sentence))
            for sentences in articles.values():
                yield from _judge_article(pipeline, parsers, language, sentences, events, fold)


def _judge_article(
    pipeline: Pipeline,
    parsers: Parsers,
    language: str,
    sentences: Sequence[tuple[int, str]],
    events: dict[int, list[dict[str, object]]],
    fold: int,
) -> Iterator[Judged]:
    text = "".join(f"{sentence}\n" for _, sentence in sentences)
    article = Article(id="a", text=text)
    fields = prepare_fields(article, len(text))
    parses = parsers.parse(fields, language)
    sources = credit_sources(article, fields, language, pipeline.registry)
    entities = recognise_entities(parses, language, sources, pipeline.entity_knowledge)
    knowledge = pipeline.event_knowledge
    reading = make_reading(parses[0], language, entities, sources, None, knowledge)
    published = set(code_events(parses, language, entities, sources, None, knowledge))
    candidates = list(read_triggers(reading, knowledge))
    start = 0
    for number, sentence in sentences:
        inside = [pair for pair in candidates if start <= pair[0].start < start + len(sentence)]
        start += len(sentence) + 1
        firm = Counter(str(e["type"]) for e in events.get(number, ()) if not e.get("optional"))
        optional = Counter(str(e["type"]) for e in events.get(number, ()) if e.get("optional"))
        for trigger, draft in sorted(inside, key=lambda pair: -pair[1].confidence):
            right: bool | None = firm[trigger.type] > 0
            if right:
                firm[trigger.type] -= 1
            elif optional[trigger.type] > 0:
                optional[trigger.type] -= 1
                right = None
            features = features_of(reading, trigger, draft.actors, draft.recipients, knowledge.rules)
            yield Judged(
                fold,
                right,
                tuple(features[name] for name in _NAMES),
                draft.confidence if draft in published else None,
            )


def reliability_table(judged: Sequence[Judged], title: str) -> Table:
    """Ten bins of confidence, and how far confidence and share of right events are apart on average."""
    told = [(each.confidence, each.right) for each in judged if each.confidence and each.right is not None]
    table = Table("confidence", "events", "mean confidence", "right", title=title)
    apart = 0.0
    for tenth in range(10):
        inside = [(confidence, right) for confidence, right in told if min(int(confidence * 10), 9) == tenth]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            share = sum(right for _, right in inside) / len(inside)
            apart += abs(mean - share) * len(inside) / len(told)
            table.add_row(
                f"{tenth / 10} to {(tenth + 1) / 10}", str(len(inside)), f"{mean:.2f}", f"{share:.2f}"
            )
        else:
            table.add_row(f"{tenth / 10} to {(tenth + 1) / 10}", "0", "–", "–")
    table.add_row("calibration error", str(len(told)), f"{apart:.3f}", "", style="bold")
    return table


def fit_weights(judged: Sequence[Judged]) -> dict[str, float]:
    """The bias and weights of a logistic regression over all candidates (Newton's method, a slight ridge)."""
    known = [each for each in judged if each.right is not None]
    rows = np.array([(1.0, *each.features) for each in known])
    wanted = np.array([float(bool(each.right)) for each in known])
    weights = np.zeros(rows.shape[1])
    ridge = np.diag([0.0, *[_RIDGE * len(known)] * len(_NAMES)])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (wanted - likely) - ridge @ weights
        curve = (rows * (likely * (1 - likely))[:, None]).T @ rows + ridge
        weights += np.linalg.solve(curve, slope)
    return dict(zip(("bias", *_NAMES), weights.tolist(), strict=True))


if __name__ == "__main__":
    main()
