"""The pieces of text and their vectors: all of the pre-trained ones for training, a part of them to ship.

A Unigram tokenizer (Kudo 2018) with fewer pieces still reads every text: a word whose piece is gone falls
into smaller ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor

from training.e5 import Weights
from workers.enrich.encoder.pieces import Piece, split_pieces
from workers.enrich.encoder.vectors import unpack_blocks


class Vocabulary:
    """Splits text into pieces and looks their vectors up."""

    def __init__(self, weights: Weights, kept: Sequence[int]) -> None:
        self.kept = list(kept)
        number = {old: new for new, old in enumerate(self.kept)}
        self.begin, self.end, self.pad = number[weights.begin], number[weights.end], number[weights.pad]
        self.tokenizer = make_tokenizer(
            [weights.pieces[old] for old in self.kept], unknown=number[weights.unknown]
        )
        self.nibbles: NDArray[np.uint8] = weights.vector_nibbles[self.kept]
        self.scales: NDArray[np.float16] = weights.vector_scales[self.kept]

    def pieces(self, text: str) -> list[Piece]:
        """The pieces of a text with their characters."""
        return split_pieces(self.tokenizer, text)

    def batch(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Vectors (rows, longest, hidden) and mask (rows, longest) of rows of pieces."""
        width = max(map(len, rows))
        ids = np.full((len(rows), width), self.pad)
        mask = np.zeros((len(rows), width), np.float32)
        for row, pieces in enumerate(rows):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        flat = ids.ravel()
        vectors = unpack_blocks(self.nibbles[flat], self.scales[flat]).reshape(*ids.shape, -1)
        return torch.from_numpy(vectors), torch.from_numpy(mask)


def make_tokenizer(pieces: Sequence[tuple[str, float]], unknown: int) -> Tokenizer:
    """The tokenizer of these pieces, normalising as the pre-training did."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=unknown))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def choose_pieces(weights: Weights, texts: Iterable[str], size: int) -> list[int]:
    """The special pieces, those that news uses, most used first, then the likeliest of the pre-training.

    Returns ``size`` numbers of pieces in their old order.
    """
    tokenizer = make_tokenizer(weights.pieces, weights.unknown)
    used = Counter(
        piece
        for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for piece in encoding.ids
    )
    special = [weights.begin, weights.pad, weights.end, weights.unknown]
    likeliest = sorted(range(len(weights.pieces)), key=lambda i: -weights.pieces[i][1])
    single = [i for i, (piece, _) in enumerate(weights.pieces) if len(piece.removeprefix("▁")) <= 1]
    order = dict.fromkeys([*special, *(piece for piece, _ in used.most_common()), *single, *likeliest])
    return sorted(list(order)[:size])
