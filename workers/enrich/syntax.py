"""Tokens, sentences and named spans in any language; lemmas and dependencies where a spaCy model has them.

Which model or tokenizer serves a language stands in ``data/languages/<language>/model.yaml``; every other has
tokens and sentences by rule. Names are found by one network in all of them. Character offsets are the
article's own.
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

import workers.enrich.encoder.component  # noqa: F401 - registers telex_mentions
from workers.enrich.encoder.network import MODEL_DIRECTORY
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
    """The models of all languages that have one and the rules for the others, each loaded once."""

    def __init__(self, models: Mapping[str, Language], others: Language) -> None:
        self._models = dict(models)
        self._others = others

    @classmethod
    def load(
        cls,
        languages: Iterable[str] | None = None,
        networks: Path = MODEL_DIRECTORY,
        network: str = "accurate",
    ) -> Self:
        """Load the models of ``languages`` (ISO 639-1; default: all that have a ``model.yaml``).

        ``network`` is the one that finds the names, of those in the directory ``networks``.

        Raises OSError when the package of a model or the network is not there.
        """
        found = {path.parent.name: path for path in sorted(LANGUAGES_DIRECTORY.glob("*/model.yaml"))}
        wanted = found.keys() if languages is None else found.keys() & set(languages)
        names = {"model": network, "directory": str(networks)}
        return cls(
            {language: _load_model(found[language], names) for language in sorted(wanted)},
            _load_rules("xx", names),
        )

    def models(self) -> list[tuple[str, str, str]]:
        """Each trained model as (language, model name, version)."""
        return [
            (language, f"{nlp.meta['lang']}_{nlp.meta['name']}", str(nlp.meta["version"]))
            for language, nlp in self._models.items()
            if nlp.has_pipe("parser")
        ]

    @contextmanager
    def memory_zone(self) -> Iterator[None]:
        """Free on leaving what the models learnt of words since entering, so that a long run does not grow.

        No parse made inside may be used outside.
        """
        with ExitStack() as zones:
            for nlp in (*self._models.values(), self._others):
                zones.enter_context(nlp.memory_zone())
            yield

    def parse(self, fields: Sequence[FieldText], language: str) -> tuple[Parse, ...]:
        """Parse each field in order; a language without a model has no lemmas and no dependencies."""
        nlp = self._models.get(language, self._others)
        return tuple(Parse(field, _parse_lines(nlp, field.clean)) for field in fields)


def _load_model(path: Path, names: dict[str, str]) -> Language:
    model = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "blank" in model:
        return _load_rules(model["blank"], names)
    nlp = spacy.load(model["package"], exclude=model.get("exclude", ()))
    nlp.add_pipe("telex_sentence_starts", first=True)
    return _with_names(nlp, names)


def _load_rules(language: str, names: dict[str, str]) -> Language:
    nlp = spacy.blank(language)
    nlp.add_pipe("sentencizer")
    return _with_names(nlp, names)


def _with_names(nlp: Language, names: dict[str, str]) -> Language:
    """The pipeline with the network before all else: where a name ends, a token ends."""
    nlp.add_pipe("telex_mentions", first=True, config=names)
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
