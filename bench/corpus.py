"""The articles that are measured with."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from workers.contract.records import Rejection
from workers.demo.processes import DemoError
from workers.enrich.article import Limits, read_article
from workers.enrich.language import LanguageIdentifier
from workers.enrich.text import prepare_fields

_MAX_LINE_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class BenchArticle:
    """One article as it is sent, without its id; ``words`` as `count_words` counts them, title included."""

    content: dict[str, Any]
    language: str
    words: int

    def message(self, article_id: str) -> bytes:
        """The value to send under this id."""
        return orjson.dumps(self.content | {"id": article_id})


@dataclass(frozen=True, slots=True)
class Corpus:
    """A named set of articles."""

    name: str
    articles: tuple[BenchArticle, ...]


def make_corpus(
    name: str, values: Iterable[bytes], limits: Limits, languages: frozenset[str], at_most: int
) -> Corpus:
    """Keep the well-formed articles of these languages (an empty set: of all), spread over the whole input.

    Every article gets its language, told or identified, so that both sides start from the same knowledge.
    """
    identifier = LanguageIdentifier()
    articles = []
    for value in values:
        article = read_article(_with_language(value), limits)
        if isinstance(article, Rejection):
            continue
        language = identifier.identify(article, prepare_fields(article, limits.max_analysed_chars))
        if languages and language not in languages:
            continue
        content = {"title": article.title, "text": article.text, "language": language}
        words = count_words(f"{article.title or ''} {article.text}")
        articles.append(BenchArticle(content, language, words))
    if not articles:
        raise DemoError(f"{name}: there is no article to measure with")
    step = max(1, len(articles) // at_most)
    return Corpus(name, tuple(articles[::step][:at_most]))


def count_words(text: str) -> int:
    """What stands between white space, and a word for each one and a half Han characters."""
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    return len(text.split()) if han * 5 < len(text) else round(han / 1.5)


def read_values(path: Path) -> Iterator[bytes]:
    """The lines of a JSON-lines file, or of every ``.jsonl`` member of a tar archive.

    Raises DemoError for one that cannot be read.
    """
    try:
        if tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.name.endswith(".jsonl") else None
                    if file is not None:
                        yield from _lines(file)
        else:
            with path.open("rb") as file:
                yield from _lines(file)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise DemoError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def _lines(file: Any) -> Iterator[bytes]:
    while line := file.readline(_MAX_LINE_BYTES):
        yield line


def _with_language(value: bytes) -> bytes:
    """Name the language field as Telex does; some corpora call it ``lang``."""
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    if not isinstance(content, dict) or "lang" not in content:
        return value
    content["language"] = content.pop("lang")
    return orjson.dumps(content)
