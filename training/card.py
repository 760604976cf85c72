"""The model card: what the network is, what it learned from, what it gives and what it does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from training.corpus import Sentence
from training.evaluate import measure
from training.export import write_about
from workers.enrich.encoder.network import Encoder

_TEXT = Path(__file__).parent / "card.md"


def write_card(
    directory: Path,
    marks: dict[str, Any],
    names: Sequence[str],
    news: Sequence[Sentence],
    check: Sequence[Sentence],
    build: Path,
) -> None:
    """Measure the written files and write ``CARD.md`` and ``model.json`` beside them.

    The cross-validated figures are those of the last run with --cross-validate, if there was one.
    """
    figures: dict[str, Any] = {}
    for name in names:
        encoder = Encoder.load(name, directory)
        unseen = build / f"{name}.cross-validation.json"
        figures[name] = {
            "fitted": {language: figure.f1 for language, figure in measure(encoder, news).items()},
            "unseen": json.loads(unseen.read_text(encoding="utf-8")) if unseen.exists() else {},
            "check": {language: figure.f1 for language, figure in measure(encoder, check).items()},
        }
    files = [*(f"{name}.onnx" for name in names), "tokenizer.json", "vectors.npy", "scales.npy"]
    hashes = {file: sha256((directory / file).read_bytes()).hexdigest() for file in files}
    write_about({**marks, "sha256": hashes, "figures": figures}, directory)
    table = "\n".join(line for name in names for line in _table(name, figures[name]))
    (directory / "CARD.md").write_text(
        _TEXT.read_text(encoding="utf-8").replace("{figures}", table), encoding="utf-8"
    )


def _table(name: str, figures: dict[str, Any]) -> list[str]:
    languages = sorted({*figures["fitted"], *figures["check"]})
    lines = [
        f"`{name}.onnx` | " + " | ".join(languages),
        "|".join(["---", *("---" for _ in languages)]),
    ]
    for title, key in (
        ("articles left out (five folds)", "unseen"),
        ("articles learned from", "fitted"),
        ("made sentences left out", "check"),
    ):
        lines.append(
            f"{title} | " + " | ".join(str(figures[key].get(language, "–")) for language in languages)
        )
    return [*("| " + line + " |" for line in lines), ""]
