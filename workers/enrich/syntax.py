"""Tokens, sentences, lemmas, dependencies and named spans, by the spaCy model of the article's language.

Which model serves a language stands in ``data/languages/<language>/model.yaml``; a language without that
file has no parse. Character offsets in a parse are the article's own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import spacy
import yaml
from spacy.language import Language
from spacy.tokens import Doc

from workers.enrich.text import FieldText

LANGUAGES_DIRECTORY = Path(__file__).parent / "data" / "languages"
_SENTENCE_ENDS = frozenset(".!?…:;\"»”’')]")
_MIN_CHARS_PER_TOKEN = 2.5
_SPARE_TOKENS = 100
_LINE = re.compile(r"[^\n]*\n\s*|[^\n]+")


@dataclass(frozen=True, slots=True)
class Parse:
    """One field of an article, read: ``doc.text == field.clean``.

    The document lives in the memory zone it was made in; keep nothing of it longer.
    """

    field: FieldText
    doc: Doc


class Parsers:
    """The models of all languages that have one, each loaded once."""

    def __init__(self, models: Mapping[str, Language]) -> None:
        self._models = dict(models)

    @classmethod
    def load(cls, languages: Iterable[str] | None = None) -> Self:
        """Load the models of ``languages`` (ISO 639-1; default: all that have a ``model.yaml``).

        Raises OSError when the package of a model is not installed.
        """
        found = {path.parent.name: path for path in sorted(LANGUAGES_DIRECTORY.glob("*/model.yaml"))}
        wanted = found.keys() if languages is None else found.keys() & set(languages)
        return cls({language: _load_model(found[language]) for language in sorted(wanted)})

    @property
    def languages(self) -> frozenset[str]:
        """The languages that `parse` reads."""
        return frozenset(self._models)

    def models(self) -> list[tuple[str, str, str]]:
        """Each model as (language, model name, version)."""
        return [
            (language, f"{nlp.meta['lang']}_{nlp.meta['name']}", str(nlp.meta["version"]))
            for language, nlp in self._models.items()
        ]

    @contextmanager
    def memory_zone(self) -> Iterator[None]:
        """Free on leaving what the models learnt of words since entering, so that a long run does not grow.

        No parse made inside may be used outside.
        """
        with ExitStack() as zones:
            for nlp in self._models.values():
                zones.enter_context(nlp.memory_zone())
            yield

    def parse(self, fields: Sequence[FieldText], language: str) -> tuple[Parse, ...]:
        """Parse each field in order; empty for a language without a model."""
        nlp = self._models.get(language)
        if nlp is None:
            return ()
        return tuple(Parse(field, _parse_lines(nlp, field.clean)) for field in fields)


def _load_model(path: Path) -> Language:
    model = yaml.safe_load(path.read_text(encoding="utf-8"))
    nlp = spacy.load(model["package"], exclude=model.get("exclude", ()))
    nlp.add_pipe("telex_sentence_starts", first=True)
    # How much of a text is analysed is the caller's to bound, not the tokenizer's.
    nlp.max_length = sys.maxsize
    return nlp


def _parse_lines(nlp: Language, text: str) -> Doc:
    """Parse each line by itself: headlines, datelines and paragraphs often have no full stop.

    A line break inside what a model reads is a word to it, one that its training hardly had.
    """
    lines = list(_readable_lines(nlp, text))
    readable = iter(nlp.pipe(doc for doc, is_readable in lines if is_readable))
    parsed = [next(readable) if is_readable else doc for doc, is_readable in lines]
    # Unread lines have no tensor. Nothing comes of no lines.
    whole = Doc.from_docs(parsed, ensure_whitespace=False, exclude=["tensor"])  # type: ignore[call-arg]
    return whole or nlp.make_doc("")


def _readable_lines(nlp: Language, text: str) -> Iterator[tuple[Doc, bool]]:
    """Each line and whether it is worth reading; one that is not becomes a single token.

    Parsing takes time by the token. Language has four characters a token and more; rows of brackets have one,
    and would keep a worker busy for many seconds.
    """
    chars = tokens = 0
    for line in _LINE.findall(text):
        doc = nlp.make_doc(line)
        chars += len(line)
        is_readable = tokens + len(doc) <= chars / _MIN_CHARS_PER_TOKEN + _SPARE_TOKENS
        tokens += len(doc) if is_readable else 1
        if not is_readable:
            doc = Doc(nlp.vocab, words=[line], spaces=[False], heads=[0], deps=["dep"])
        yield doc, is_readable


@Language.component("telex_sentence_starts", assigns=["token.is_sent_start"])
def _start_sentences_after_full_stops(doc: Doc) -> Doc:
    """Within a line a sentence begins only behind a mark that can end one; where it does the parser says."""
    for before, token in pairwise(doc):
        if token.is_space or before.text[-1] not in _SENTENCE_ENDS:
            token.is_sent_start = False
    return doc
