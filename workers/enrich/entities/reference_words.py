"""Words that tell whether a phrase means one certain person, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from workers.enrich.entities.words import fold

DATA_FILE = Path(__file__).parent.parent / "data" / "references.yaml"


@dataclass(frozen=True, slots=True)
class ReferenceWords:
    """Words of one language that tell whether a phrase means one certain person; folded, see ``words.fold``.

    The keys are explained in ``data/references.yaml``; a language without an entry there has none.
    """

    articles: frozenset[str] = frozenset()
    plural: frozenset[str] = frozenset()
    plural_after_noun: frozenset[str] = frozenset()
    one_endings: tuple[str, ...] = ()
    article_prefix: str = ""
    links: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    plural_endings: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path = DATA_FILE) -> dict[str, Self]:
        """The words of each language that has an entry; raises OSError or yaml.YAMLError for a bad file."""
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return {language: cls._of(entry) for language, entry in data.items()}

    @classmethod
    def _of(cls, entry: Mapping[str, Any]) -> Self:
        folded = {key: frozenset(map(fold, value)) for key, value in entry.items() if isinstance(value, list)}
        return cls(
            articles=folded.get("articles", frozenset()),
            plural=folded.get("plural", frozenset()),
            plural_after_noun=folded.get("plural_after_noun", frozenset()),
            one_endings=tuple(entry.get("one_endings", ())),
            article_prefix=fold(entry.get("article_prefix", "")),
            links=folded.get("links", frozenset()),
            state=folded.get("state", frozenset()),
            ambiguous=folded.get("ambiguous", frozenset()),
            posts=folded.get("posts", frozenset()),
            endings=folded.get("endings", frozenset()),
            plural_endings=folded.get("plural_endings", frozenset()),
        )

    @property
    def has_article(self) -> bool:
        """Whether the language has a definite article, as a word or as part of one."""
        return bool(self.articles or self.article_prefix)
