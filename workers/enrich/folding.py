"""Text as names are compared in: without accents, vowel marks and letter variants, every offset known.

Case is kept, because "AP" and "ap" or "SANA" and "Sana" are not one word. The vowel signs of Indic scripts
are kept too, as the letters of these vowels: without them "ব্লক" and "বাংলাকে" would begin alike.
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
_VOWEL_NAME: Final = re.compile(r" LETTER (?:AA?|II?|UU?|VOCALIC L?R|[A-Z ]*E|AI|[A-Z ]*O|AU)$")
# What separates words without being a space: the non-joiner, where Persian may also write one.
_SPACES: Final = frozenset("\u200c\u3000")
_INDIC_VOWELS: Final = frozenset(
    char for char in map(chr, range(0x900, 0xE00)) if _VOWEL_NAME.search(unicodedata.name(char, ""))
)
_INDIC_BEGINS: Final = "\u0900"
# A word with so many consonants is known by them: its vowels are spelt in many ways ("रॉयटर्स", "रायटर्स").
_MIN_CONSONANTS: Final = 4
_HAN_AND_KANA: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN: Final = re.compile(rf"[{_HAN_AND_KANA}]|[^\W_{_HAN_AND_KANA}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a folded text, or one character of a script without spaces, with its place there.

    ``key`` is what names are compared by.
    """

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
        return [
            Token(word if (word := match.group()) < _INDIC_BEGINS else word_key(word), *match.span())
            for match in _TOKEN.finditer(self.text)
        ]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` lies in the original; marks that follow its last letter belong to it."""
        return self.offsets[start], self.offsets[end]


def fold(text: str) -> FoldedText:
    """Fold ``text``, character by character."""
    pieces, offsets = [], []
    for i, char in enumerate(text):
        if char < "\x80":
            pieces.append(char)
            offsets.append(i)
            continue
        piece = _fold_char(char)
        pieces.append(piece)
        offsets += [i] * len(piece)
    offsets.append(len(text))
    return FoldedText("".join(pieces), tuple(offsets))


def word_key(word: str) -> str:
    """What a folded ``word`` is compared by: itself, or a long Indic word's first letter and consonants."""
    if not _INDIC_BEGINS <= word[0] < "\u0e00":
        return word
    consonants = [char for char in word if char not in _INDIC_VOWELS]
    if len(consonants) < _MIN_CONSONANTS:
        return word
    return word[0] + "".join(char for char in word[1:] if char not in _INDIC_VOWELS)


def fold_phrase(text: str) -> str:
    """The folded, lower-case form of a phrase, to compare with lower-cased pieces of folded texts."""
    return fold(text).text.lower()


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    if char in _SPACES:
        return " "
    decomposed = unicodedata.normalize("NFKD", char)
    return "".join(_without_marks(c) for c in decomposed).translate(_LETTERS)


def _without_marks(char: str) -> str:
    """Nothing for a mark, but the letter of the vowel for an Indic vowel sign."""
    if unicodedata.category(char)[0] != "M":
        return char
    script, sign, vowel = unicodedata.name(char, "").partition(" VOWEL SIGN ")
    try:
        return unicodedata.lookup(f"{script} LETTER {vowel}") if sign else ""
    except KeyError:
        return ""
