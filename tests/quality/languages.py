"""How often the language of an article is found, on real articles whose language is known."""

from __future__ import annotations

import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from workers.contract.records import Article
from workers.enrich.language import LanguageIdentifier
from workers.enrich.text import prepare_fields

_MAX_ANALYSED_CHARS = 16_000
# A title has some words: as short as what is asked about is.
_SHORT_CHARS = 60
# A text of so few characters is no article to tell a language from; it counts among the short ones.
_LEAST_TEXT_CHARS = 20


def language_table(archive: Path, identifier: LanguageIdentifier) -> Table:
    """A row for each language: whole articles, titles alone, and titles of fewer than sixty characters."""
    columns = ("articles", "right", "titles alone", "right", "very short ones", "right")
    table = Table("language", *columns, title="Languages, found from the text alone")
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(columns))
    for language, title, text in _articles(archive):
        whole = _is_right(identifier, language, f"{title}\n{text}")
        alone = _is_right(identifier, language, title)
        is_article = len(text.strip()) >= _LEAST_TEXT_CHARS
        for name in (language, "all"):
            row = counts[name]
            row[0] += is_article
            row[1] += is_article and whole
            row[2] += 1
            row[3] += alone
            row[4] += len(title) < _SHORT_CHARS
            row[5] += alone and len(title) < _SHORT_CHARS
    for name in sorted(counts, key=lambda name: (name == "all", name)):
        table.add_row(name, *map(str, counts[name]), style="bold" if name == "all" else None)
    return table


def _is_right(identifier: LanguageIdentifier, language: str, text: str) -> bool:
    article = Article(id="a", text=text)
    return identifier.identify(article, prepare_fields(article, _MAX_ANALYSED_CHARS)) == language


def _articles(path: Path) -> Iterator[tuple[str, str, str]]:
    """Language, title and text of each article that has a language."""
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            for line in file or ():
                record = json.loads(line)
                if "lang" in record:
                    yield record["lang"], record["title"], record["text"]
