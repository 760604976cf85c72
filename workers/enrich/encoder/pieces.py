"""Pieces of words, the units that the network reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tokenizers import Tokenizer

# Scripts without spaces: Thai, Lao, Burmese, Khmer, Kana, Han. Any piece may begin a word.
_UNSPACED_SCRIPTS: Final = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"),
)


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


def is_in_scripts(letter: str, scripts: Sequence[tuple[str, str]]) -> bool:
    """Whether a letter is in one of the scripts, each given by its first and last; none is Latin or Greek."""
    return letter > "\u05ff" and any(first <= letter <= last for first, last in scripts)


def is_inside_word(text: str, place: int) -> bool:
    """Whether the letter at ``place`` goes on with the word of the letter before it."""
    if not 0 < place < len(text) or not (text[place].isalnum() and text[place - 1].isalnum()):
        return False
    return not is_in_scripts(text[place], _UNSPACED_SCRIPTS)
