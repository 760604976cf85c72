"""Figures of the written files, through the same code as the worker's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from training.corpus import Sentence
from workers.enrich.encoder.network import Encoder


@dataclass(frozen=True, slots=True)
class Figure:
    """Mentions found with exact span and type, found beside them, and missed."""

    right: int = 0
    extra: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """The strict F1, in percent."""
        return round(200 * self.right / max(1, 2 * self.right + self.extra + self.missed), 1)

    def __add__(self, other: Figure) -> Figure:
        return Figure(self.right + other.right, self.extra + other.extra, self.missed + other.missed)


def measure(encoder: Encoder, sentences: Sequence[Sentence]) -> dict[str, Figure]:
    """Strict figures by language, each sentence read by itself."""
    figures: dict[str, Figure] = defaultdict(Figure)
    for sentence, readout in zip(sentences, encoder.read([s.text for s in sentences]), strict=True):
        found = {tuple(span) for span in readout.names}
        wanted = {(label.start, label.end, label.type) for label in sentence.labels}
        right = len(found & wanted)
        figures[sentence.language] += Figure(right, len(found) - right, len(wanted) - right)
    return dict(sorted(figures.items()))
