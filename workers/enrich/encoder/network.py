"""The network as the worker runs it: ONNX Runtime on one thread, word vectors mapped from the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import onnxruntime
import orjson
from numpy.typing import NDArray
from tokenizers import Tokenizer

from workers.enrich.encoder.decoding import NamedSpan, decode
from workers.enrich.encoder.labels import HEAD_SIZES
from workers.enrich.encoder.pieces import Piece, split_pieces
from workers.enrich.encoder.triggers import Trigger, find_triggers
from workers.enrich.encoder.units import split_units
from workers.enrich.encoder.vectors import unpack_blocks

MODEL_DIRECTORY: Final = Path(__file__).parent / "model"
# The networks there are; the first one is the usual one.
NETWORKS: Final = ("accurate",)
_MAX_PIECES: Final = 480
_HEAD_ENDS: Final = list(accumulate(HEAD_SIZES.values()))[:-1]


class Readout(NamedTuple):
    """The named spans and the triggers of events of one text."""

    names: list[NamedSpan]
    triggers: list[Trigger]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A part of a text: its number, its place, its pieces."""

    text: int
    start: int
    end: int
    pieces: list[Piece]


def network_version(name: str, directory: Path = MODEL_DIRECTORY) -> str:
    """The first letters of the hash of a network's file, as the card has it."""
    return str(orjson.loads((directory / "model.json").read_bytes())["sha256"][f"{name}.onnx"][:12])


class Encoder:
    """Finds names and triggers of events in texts of any language and length; loads in a part of a second."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        nibbles: NDArray[np.uint8],
        scales: NDArray[np.float16],
        marks: tuple[int, int],
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._nibbles = nibbles
        self._scales = scales
        self._begin, self._end = marks

    @classmethod
    def load(cls, name: str, directory: Path = MODEL_DIRECTORY) -> Self:
        """Load the network ``name``, one of `NETWORKS`. Raises OSError when its files are not there."""
        about = orjson.loads((directory / "model.json").read_bytes())
        options = onnxruntime.SessionOptions()
        # A worker process has one core; more workers, not more threads, use a machine.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return cls(
            onnxruntime.InferenceSession(
                (directory / f"{name}.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
            ),
            Tokenizer.from_file(str(directory / "tokenizer.json")),
            np.load(directory / "vectors.npy", mmap_mode="r"),
            np.load(directory / "scales.npy", mmap_mode="r"),
            (about["begin"], about["end"]),
        )

    def read(self, texts: Sequence[str]) -> list[Readout]:
        """What each text names and reports, left to right; every part of a text is read."""
        found: list[Readout] = [Readout([], []) for _ in texts]
        for unit in self._units(texts):
            part = texts[unit.text][unit.start : unit.end]
            scores = self._run(unit.pieces)
            names = decode(part, unit.pieces, scores["mentions"], scores["clitics"])
            found[unit.text].names.extend(
                NamedSpan(name.start + unit.start, name.end + unit.start, name.label) for name in names
            )
            found[unit.text].triggers.extend(
                trigger.moved(unit.start) for trigger in find_triggers(part, unit.pieces, names, scores)
            )
        return [Readout(list(_without_overlaps(names)), triggers) for names, triggers in found]

    def _units(self, texts: Sequence[str]) -> Iterator[_Unit]:
        for number, text in enumerate(texts):
            for start, end in split_units(text):
                pieces = split_pieces(self._tokenizer, text[start:end])
                for part in _parts(pieces):
                    yield _Unit(number, start, end, part)

    def _run(self, pieces: Sequence[Piece]) -> dict[str, NDArray[np.float32]]:
        """The heads' scores of each piece of a unit, without those of the marks of begin and end.

        One unit at a time: so its scores depend on nothing else, as they would where several share the range
        of their 8-bit numbers. It is faster too, since a unit fits a core's cache and none is padded.
        """
        ids = np.array([self._begin, *(piece.id for piece in pieces), self._end])
        vectors = unpack_blocks(self._nibbles[ids], self._scales[ids])[None]
        mask = np.ones((1, len(ids)), np.float32)
        (scores,) = self._session.run(["scores"], {"vectors": vectors, "mask": mask})
        return dict(zip(HEAD_SIZES, np.split(scores[0, 1:-1], _HEAD_ENDS, axis=1), strict=True))


def _parts(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """The pieces in parts that the network can read, cut between words where there are any."""
    while len(pieces) > _MAX_PIECES:
        size = _MAX_PIECES
        while size > _MAX_PIECES // 2 and pieces[size].start == pieces[size - 1].end:
            size -= 1
        yield pieces[:size]
        pieces = pieces[size:]
    if pieces:
        yield pieces


def _without_overlaps(spans: list[NamedSpan]) -> Iterator[NamedSpan]:
    """Spans from left to right; of two that share a character the first."""
    end = 0
    for span in sorted(spans):
        if span.start >= end:
            yield span
            end = span.end
