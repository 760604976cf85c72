"""The network as a spaCy component: `telex_reader` sets ``doc.ents`` and ``doc._.triggers`` in any language.

A component, so that Doc, the matchers, displaCy and ``nlp.pipe`` are the ways to use what it finds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from workers.enrich.encoder.decoding import NamedSpan
from workers.enrich.encoder.network import MODEL_DIRECTORY, Encoder
from workers.enrich.encoder.triggers import Trigger

_TRIGGERS = "triggers"
Doc.set_extension(_TRIGGERS, default=(), force=True)


@cache
def load_encoder(name: str, directory: str) -> Encoder:
    """The network ``name``, loaded once a process however many pipelines use it."""
    return Encoder.load(name, Path(directory))


@Language.factory(
    "telex_reader",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type", "doc._.triggers"],
    default_config={"model": "accurate", "directory": str(MODEL_DIRECTORY)},
)
def make_reader(nlp: Language, name: str, model: str, directory: str) -> Reader:
    """The component of a pipeline; ``model`` is the network to use, of those in ``directory``.

    Put it first: it may split tokens.
    """
    del nlp, name
    return Reader(load_encoder(model, directory))


class Reader:
    """Marks people, organisations and places (PER, ORG, LOC) and triggers of events in documents."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def __call__(self, doc: Doc) -> Doc:
        """Mark one document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Mark documents in batches, in order."""
        for docs in _batches(stream, batch_size):
            readouts = self._encoder.read([doc.text for doc in docs])
            for doc, (names, triggers) in zip(docs, readouts, strict=True):
                marked = _marked(doc, names)
                marked._.set(_TRIGGERS, tuple(triggers))
                yield marked


def triggers_of(doc: Doc) -> Sequence[Trigger]:
    """The triggers that the component marked, in text order."""
    triggers: Sequence[Trigger] = doc._.get(_TRIGGERS)
    return triggers


def _batches(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    docs = iter(stream)
    while batch := list(islice(docs, size)):
        yield batch


def _marked(doc: Doc, spans: list[NamedSpan]) -> Doc:
    """``doc`` with these entities; a token that a name begins or ends in is split there."""
    doc = _with_cuts(doc, sorted({place for span in spans for place in (span.start, span.end)}))
    starts = {token.idx: token.i for token in doc}
    ends = {token.idx + len(token): token.i + 1 for token in doc}
    entities = [
        Span(doc, starts[span.start], ends[span.end], label=span.label)
        for span in spans
        if span.start in starts and span.end in ends
    ]
    doc.set_ents(entities)
    return doc


def _with_cuts(doc: Doc, cuts: Sequence[int]) -> Doc:
    """A document with more tokens where a cut is inside one; linear, as splitting them one by one is not."""
    words: list[str] = []
    spaces: list[bool] = []
    for token in doc:
        inner = cuts[bisect_right(cuts, token.idx) : bisect_left(cuts, token.idx + len(token))]
        bounds = [0, *(cut - token.idx for cut in inner), len(token)]
        words += [token.text[start:end] for start, end in pairwise(bounds)]
        spaces += [False] * len(inner) + [bool(token.whitespace_)]
    if len(words) == len(doc):
        return doc
    split = Doc(doc.vocab, words=words, spaces=spaces, user_data=doc.user_data)
    split._context = doc._context
    return split
