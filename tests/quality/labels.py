"""Labelled articles as the scorer reads them: the given ones, and our own labels beside the given texts."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from training.corpus import Sentence, read_news

LANGUAGES = ("fr", "en", "ar", "fa", "es", "de", "ru", "tr", "id", "pt", "it")


def write_gold(shared: Path, folder: Path) -> dict[str, tuple[Path, int]]:
    """Write one file of labelled articles for each language; return it with the number of its articles."""
    articles: dict[str, dict[str, list[Sentence]]] = defaultdict(lambda: defaultdict(list))
    for sentence in read_news(shared):
        if sentence.labels is None:
            continue
        articles[sentence.language][sentence.article].append(sentence)
    written = {}
    for language in LANGUAGES:
        path = folder / f"{language}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for article, sentences in articles[language].items():
                file.write(json.dumps(_record(article, language, sentences), ensure_ascii=False) + "\n")
        written[language] = (path, len(articles[language]))
    return written


def _record(article: str, language: str, sentences: list[Sentence]) -> dict[str, object]:
    text, entities = "", []
    for sentence in sentences:
        entities += [
            {"start": len(text) + label.start, "end": len(text) + label.end, "type": label.type}
            for label in sentence.labels or ()
        ]
        text += sentence.text + "\n"
    return {"id": f"{article}.{language}", "text": text, "entities": entities}
