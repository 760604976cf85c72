"""Labelled sentences from every set that the network learns from.

The news labelled by our guidelines (``gold``, with our own labels beside it) is told apart from other
people's sets (``ner``), which follow other guidelines and only prepare the network.
"""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.enrich.encoder.labels import ENTITY_LABELS

LABELS_DIRECTORY = Path(__file__).parent / "labels"
FOLDS = 5
_LABELLED_LANGUAGES = ("fr", "en", "ar", "fa")
# Sets of other people's, with the most sentences taken of each; the order of the file decides which.
_OTHER_SETS = {
    "ar.anercorp.train": 3_472,
    "fa.parstwiner.train": 2_000,
    "de.germeval14": 1_200,
    "tr.turkish-wiki.train": 1_200,
    "id.idner-news-2k.train": 1_464,
    "ru.wikiner.train": 1_200,
    "en.re3d-government": 468,
    "en.wikigold": 800,
}


@dataclass(frozen=True, slots=True)
class Label:
    """Characters ``start`` up to ``end`` of a sentence name something of the type (PER, ORG or LOC)."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with every name in it; sentences of one ``article`` follow each other.

    ``article`` is the same for the translations of an article, so that they stay on one side of a split.
    """

    text: str
    labels: tuple[Label, ...]
    article: str
    language: str
    set: str


def fold_of(article: str) -> int:
    """The fifth of the articles that an article belongs to, the same on every machine."""
    return zlib.crc32(article.encode()) % FOLDS


def read_news(shared: Path) -> list[Sentence]:
    """The development half in all languages that have labels: those of ``gold`` and our own."""
    gold = shared / "gold"
    sentences = [
        sentence
        for language in _LABELLED_LANGUAGES
        for record in _lines(gold / f"ntrex_dev.entities.{language}.jsonl")
        for sentence in _split(record, record["id"].rsplit(".", 1)[0], language, "news")
    ]
    for path in sorted(LABELS_DIRECTORY.glob("*.tsv")):
        sentences += _own_labels(path, gold / "ntrex_dev" / path.name)
    return sentences


def read_more(shared: Path) -> list[Sentence]:
    """The further labelled news: made for the project, agency reports, and newspapers."""
    return [
        sentence
        for path in sorted((shared / "gold" / "more").glob("*.jsonl"))
        for record in _lines(path)
        for sentence in _split(record, record["id"], record["language"], "more")
    ]


def read_others(shared: Path) -> list[Sentence]:
    """Other people's sets, each up to its cap."""
    sentences = []
    with tarfile.open(shared / "data" / "ner.tar.xz") as archive:
        for name, cap in _OTHER_SETS.items():
            member = archive.extractfile(f"ner/{name}.jsonl")
            if member is None:
                raise FileNotFoundError(name)
            for number, line in zip(range(cap), member, strict=False):
                sentences.append(_from_tags(json.loads(line), f"{name}.{number}", name))
    return sentences


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _split(record: dict[str, Any], article: str, language: str, name: str) -> Iterator[Sentence]:
    """The lines of an article's text, which are its sentences."""
    start = 0
    for line in record["text"].split("\n"):
        end = start + len(line)
        labels = tuple(
            Label(entity["start"] - start, entity["end"] - start, entity["type"])
            for entity in sorted(record["entities"], key=lambda entity: int(entity["start"]))
            if entity["start"] >= start and entity["end"] <= end and entity["type"] in ENTITY_LABELS
        )
        if line.strip():
            yield Sentence(line, labels, article, language, name)
        start = end + 1


def _own_labels(labels: Path, texts: Path) -> Iterator[Sentence]:
    """Our own labels, which name what a sentence has from left to right."""
    sentences = {}
    for line in texts.read_text(encoding="utf-8").splitlines():
        article, number, text = line.split("\t")
        sentences[number] = (article, text)
    for line in labels.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        number, *names = line.split("\t")
        article, text = sentences[number]
        yield Sentence(text, tuple(_found(names, text)), article, labels.stem, "news")


def _found(names: Sequence[str], text: str) -> Iterator[Label]:
    position = 0
    for name in names:
        kind, _, surface = name.partition(":")
        start = text.index(surface, position)
        position = start + len(surface)
        yield Label(start, position, kind)


def _from_tags(record: dict[str, Any], article: str, name: str) -> Sentence:
    """A sentence of tokens with BIO tags, its tokens joined by spaces."""
    text = ""
    labels: list[Label] = []
    inside = False
    for token, tag in zip(record["tokens"], record["tags"], strict=True):
        start = len(text) + bool(text)
        text = f"{text} {token}" if text else token
        kind = tag[2:]
        inside = inside and tag[:1] == "I" and labels[-1].type == kind
        if inside:
            labels[-1] = Label(labels[-1].start, len(text), kind)
        elif kind in ENTITY_LABELS:
            labels.append(Label(start, len(text), kind))
            inside = True
    return Sentence(text, tuple(labels), article, name[:2], name)
