"""Tokens, sentences, names and triggers of events in any language.

Which tokenizer of spaCy serves a language stands in ``data/languages/<language>/model.yaml``; every other has
spaCy's general one. Names and triggers are found by one network in all of them. Character offsets are the
article's own.
"""

from __future__ import annotations

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

from workers.enrich.encoder.component import triggers_of
from workers.enrich.encoder.network import MODEL_DIRECTORY
from workers.enrich.encoder.triggers import Trigger
from workers.enrich.text import FieldText

LANGUAGES_DIRECTORY = Path(__file__).parent / "data" / "languages"


@dataclass(frozen=True, slots=True)
class Parse:
    """One field of an article, read: ``doc.text == field.clean``.

    The document lives in the memory zone it was made in; keep nothing of it longer.
    """

    field: FieldText
    doc: Doc

    @property
    def triggers(self) -> Sequence[Trigger]:
        """The words that carry an event, in text order, with who takes part in it."""
        return triggers_of(self.doc)


class Parsers:
    """A spaCy pipeline a language that has its own tokenizer and one for the others, each loaded once."""

    def __init__(self, pipelines: Mapping[str, Language], others: Language) -> None:
        self._pipelines = dict(pipelines)
        self._others = others

    @classmethod
    def load(
        cls,
        languages: Iterable[str] | None = None,
        networks: Path = MODEL_DIRECTORY,
        network: str = "accurate",
    ) -> Self:
        """Load the pipelines of ``languages`` (ISO 639-1; default: all that have a ``model.yaml``).

        ``network`` is the one that reads, of those in the directory ``networks``.

        Raises OSError when the network is not there.
        """
        found = {path.parent.name: path for path in sorted(LANGUAGES_DIRECTORY.glob("*/model.yaml"))}
        wanted = found.keys() if languages is None else found.keys() & set(languages)
        reader = {"model": network, "directory": str(networks)}
        return cls(
            {
                language: _load(yaml.safe_load(found[language].read_text(encoding="utf-8"))["blank"], reader)
                for language in sorted(wanted)
            },
            _load("xx", reader),
        )

    @contextmanager
    def memory_zone(self) -> Iterator[None]:
        """Free on leaving what the pipelines learnt of words since entering: a long run does not grow.

        No parse made inside may be used outside.
        """
        with ExitStack() as zones:
            for nlp in (*self._pipelines.values(), self._others):
                zones.enter_context(nlp.memory_zone())
            yield

    def parse(self, fields: Sequence[FieldText], language: str) -> tuple[Parse, ...]:
        """Read each field in order."""
        nlp = self._pipelines.get(language, self._others)
        return tuple(Parse(field, nlp(field.clean)) for field in fields)


def _load(tokenizer: str, reader: dict[str, str]) -> Language:
    """A pipeline with the network before all else: where a name ends, a token ends."""
    nlp = spacy.blank(tokenizer)
    nlp.add_pipe("telex_reader", config=reader)
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("telex_lines")
    # How much of a text is analysed is the caller's to bound, not the tokenizer's.
    nlp.max_length = sys.maxsize
    return nlp


@Language.component("telex_lines", assigns=["token.is_sent_start"])
def _start_sentences_at_lines(doc: Doc) -> Doc:
    """Headlines, datelines and paragraphs often have no full stop: a line begins a sentence."""
    for before, token in pairwise(doc):
        if "\n" in before.text:
            token.is_sent_start = True
    return doc
