"""Text as names are compared in: without accents, vowel marks and letter variants, every offset known.

Case is kept, because "AP" and "ap" or "SANA" and "Sana" are not one word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Arabic yeh and kaf in their Persian letters, feminine ending and Urdu heh as heh; one apostrophe, one dash.
_LETTERS: Final = str.maketrans(
    {
        **dict.fromkeys("يىے", "ی"),
        **dict.fromkeys("ةہھە", "ه"),
        **dict.fromkeys("’‘ʼ´", "'"),
        **dict.fromkeys("–—‑−", "-"),
        **dict.fromkeys("ـ\u200d\u00ad", ""),
        "ك": "ک",
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
    }
)
# What separates words without being a space: the non-joiner, where Persian may also write one.
_SPACES: Final = frozenset("\u200c\u3000")
_HAN_AND_KANA: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN: Final = re.compile(rf"[{_HAN_AND_KANA}]|[^\W_{_HAN_AND_KANA}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a folded text, or one character of a script without spaces, with its place there."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text; ``offsets[i]`` is where ``text[i]`` comes from, and one more entry ends the original."""

    text: str
    offsets: tuple[int, ...]

    @property
    def tokens(self) -> list[Token]:
        """The words in order, found anew at each call."""
        return [Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(self.text)]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` lies in the original; marks that follow its last letter belong to it."""
        return self.offsets[start], self.offsets[end]


def fold(text: str) -> FoldedText:
    """Fold ``text``, character by character."""
    pieces, offsets = [], []
    for i, char in enumerate(text):
        piece = char if char < "\x80" else _fold_char(char)
        pieces.append(piece)
        offsets += [i] * len(piece)
    offsets.append(len(text))
    return FoldedText("".join(pieces), tuple(offsets))


def fold_phrase(text: str) -> str:
    """The folded, lower-case form of a phrase, to compare with lower-cased pieces of folded texts."""
    return fold(text).text.lower()


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    if char in _SPACES:
        return " "
    decomposed = unicodedata.normalize("NFKD", char)
    return "".join(c for c in decomposed if unicodedata.category(c)[0] != "M").translate(_LETTERS)
