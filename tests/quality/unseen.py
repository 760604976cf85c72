"""The batch command with, for each article, the network that never saw it: ``python -m tests.quality.unseen
FOLDS``.

FOLDS holds the five networks of `make cross-validate`. Reads articles and writes enriched ones as
``telex enrich`` does; the article's id, without a language behind its last full stop, tells its fifth.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import orjson

from training.corpus import fold_of
from workers.contract.encoding import encode
from workers.contract.records import Rejection
from workers.enrich.message import enrich_message, limits_of
from workers.enrich.pipeline import Pipeline
from workers.enrich.syntax import Parsers
from workers.settings import load_settings

LANGUAGE = re.compile(r"\.[a-z]{2}$")


def main(folds: Path) -> int:
    lines = sys.stdin.buffer.readlines()
    by_fold: dict[int, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        by_fold[fold_of(LANGUAGE.sub("", orjson.loads(line)["id"]))].append(number)
    answers: dict[int, bytes] = {}
    whole = Pipeline.load(limits_of(load_settings({})), networks=folds / "fold0")
    for fold, numbers in by_fold.items():
        pipeline = replace(whole, parsers=Parsers.load(networks=folds / f"fold{fold}"))
        for number in numbers:
            outcome = enrich_message(lines[number], pipeline)
            if isinstance(outcome, Rejection):
                raise SystemExit(f"line {number + 1}: {outcome.message}")
            answers[number] = encode(outcome)
    for number in range(len(lines)):
        sys.stdout.buffer.write(answers[number] + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
