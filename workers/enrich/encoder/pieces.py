"""Pieces of words, the units that the network reads."""

from __future__ import annotations

from typing import NamedTuple

from tokenizers import Tokenizer


class Piece(NamedTuple):
    """A piece: its number in the vocabulary and its characters ``start`` up to ``end`` of the text."""

    id: int
    start: int
    end: int


def split_pieces(tokenizer: Tokenizer, text: str) -> list[Piece]:
    """The pieces of ``text`` in order; the space before a word is no part of its first piece.

    Of a row of spaces one piece is kept.
    """
    encoding = tokenizer.encode(text, add_special_tokens=False)
    pieces = []
    was_space = False
    for number, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        while start < end and text[start].isspace():
            start += 1
        if start < end or not was_space:
            pieces.append(Piece(number, start, end))
        was_space = start == end
    return pieces
