"""From scores of pieces to events: the words that carry one, its type and status, and who takes part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.enrich.encoder.decoding import NamedSpan
from workers.enrich.encoder.labels import (
    MODE_LABELS,
    ROLE_LABELS,
    ROLE_SIZE,
    SECTOR_LABELS,
    STATUS_LABELS,
    TRIGGER_LABELS,
)
from workers.enrich.encoder.pieces import Piece, is_inside_word

Floats = NDArray[np.float32]

# What is less likely is not reported: that a piece carries any event, fills a role, or has a mode. What is
# made of the rest is for the reader of the events to choose, by thresholds that are no lower.
LEAST_PROBABILITY: Final = 0.1
LEAST_FILLER: Final = 0.25
LEAST_MODE: Final = 0.1


class Filler(NamedTuple):
    """Characters that stand for somebody, or some place, with a part in an event."""

    role: str
    start: int
    end: int
    probability: float
    sector: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """Characters ``start`` up to ``end`` carry an event of a type.

    ``statuses`` has the probability of each status, ``modes`` of each mode that is not hopeless.
    """

    type: str
    start: int
    end: int
    probability: float
    statuses: Mapping[str, float]
    modes: Mapping[str, float]
    fillers: tuple[Filler, ...]

    def moved(self, by: int) -> Trigger:
        """The same, ``by`` characters further on."""
        return Trigger(
            self.type,
            self.start + by,
            self.end + by,
            self.probability,
            self.statuses,
            self.modes,
            tuple(filler._replace(start=filler.start + by, end=filler.end + by) for filler in self.fillers),
        )


def find_triggers(
    text: str, pieces: Sequence[Piece], names: Sequence[NamedSpan], scores: Mapping[str, Floats]
) -> list[Trigger]:
    """The triggers of a unit in text order.

    ``names`` are those found in the unit, left to right; ``scores`` has those of each head, (pieces, labels).
    """
    types = _softmax(scores["triggers"])
    best = types[:, 1:].argmax(-1) + 1
    runs = list(_runs(np.where(1 - types[:, 0] >= LEAST_PROBABILITY, best, 0)))
    if not runs:
        return []
    atoms = list(_atoms(text, pieces, names))
    queries = np.stack([scores["role_queries"][run].mean(0) for run, _ in runs])
    likely = np.maximum.reduceat(
        _role_probabilities(queries, scores["role_keys"]), [atom.pieces.start for atom in atoms], axis=-1
    )
    return [
        _trigger(text, pieces, run, label, list(_fillers(atoms, parts, scores["sectors"])), scores)
        for (run, label), parts in zip(runs, likely, strict=True)
        if pieces[run.stop - 1].end > pieces[run.start].start
    ]


def _trigger(
    text: str,
    pieces: Sequence[Piece],
    run: slice,
    label: int,
    fillers: Sequence[Filler],
    scores: Mapping[str, Floats],
) -> Trigger:
    statuses = _softmax(scores["statuses"][run].mean(0))
    modes = _softmax(scores["modes"][run].mean(0))
    start, end = pieces[run.start].start, pieces[run.stop - 1].end
    while is_inside_word(text, start):
        start -= 1
    while is_inside_word(text, end):
        end += 1
    return Trigger(
        type=TRIGGER_LABELS[label],
        start=start,
        end=end,
        probability=round(float(_softmax(scores["triggers"][run])[:, label].max()), 4),
        statuses={name: round(float(p), 4) for name, p in zip(STATUS_LABELS, statuses, strict=True)},
        modes={
            name: round(float(p), 4) for name, p in zip(MODE_LABELS, modes, strict=True) if p > LEAST_MODE
        },
        fillers=tuple(fillers),
    )


def _runs(labels: NDArray[np.intp]) -> Iterator[tuple[slice, int]]:
    """Rows of places with one label that is not 0."""
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    for start, end in pairwise(edges):
        if start < end and labels[start]:
            yield slice(start, end), int(labels[start])


class _Atom(NamedTuple):
    """A name or a word: its characters and its pieces."""

    start: int
    end: int
    pieces: slice


def _atoms(text: str, pieces: Sequence[Piece], names: Sequence[NamedSpan]) -> Iterator[_Atom]:
    """The unit as names and the words between them, left to right."""
    index = 0
    remaining = list(reversed(names))
    while index < len(pieces):
        first, piece = index, pieces[index]
        while remaining and remaining[-1].end <= piece.start:
            remaining.pop()
        if remaining and piece.end > remaining[-1].start:
            name = remaining.pop()
            while index < len(pieces) and pieces[index].start < name.end:
                index += 1
            yield _Atom(name.start, name.end, slice(first, max(index, first + 1)))
            index = max(index, first + 1)
            continue
        index += 1
        while index < len(pieces) and _is_same_word(text, pieces[index - 1], pieces[index]):
            if remaining and pieces[index].end > remaining[-1].start:
                break
            index += 1
        yield _Atom(piece.start, pieces[index - 1].end, slice(first, index))


def _is_same_word(text: str, before: Piece, piece: Piece) -> bool:
    if before.end != piece.start or before.end == before.start or piece.start == piece.end:
        return before.end > piece.start
    return is_inside_word(text, piece.start)


def _role_probabilities(queries: Floats, keys: Floats) -> Floats:
    """(triggers, roles, pieces): how likely a piece has that role in the event of that trigger."""
    roles = len(ROLE_LABELS)
    asked = queries.reshape(-1, roles, ROLE_SIZE)
    answered = keys.reshape(-1, roles, ROLE_SIZE)
    scores = np.einsum("ers,prs->erp", asked, answered) / np.sqrt(ROLE_SIZE)
    return np.asarray(1 / (1 + np.exp(-scores)), np.float32)


def _fillers(atoms: Sequence[_Atom], parts: Floats, sectors: Floats) -> Iterator[Filler]:
    """Rows of likely names and words; ``parts`` (roles, atoms) has each as likely as its likeliest piece."""
    for role, best in zip(ROLE_LABELS, parts, strict=True):
        for run, _ in _runs((best >= LEAST_FILLER).astype(np.intp)):
            covered = atoms[run]
            inside = slice(covered[0].pieces.start, covered[-1].pieces.stop)
            yield Filler(
                role,
                covered[0].start,
                covered[-1].end,
                round(float(best[run].max()), 4),
                SECTOR_LABELS[int(_softmax(sectors[inside]).mean(0).argmax())],
            )


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)
