"""Words of a field as the entity rules see them: runs of letters and digits, not a model's tokens.

In Han and Kana, which have no spaces, each character is a word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

_HAN_AND_KANA = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# Marks of vowels and tones belong to the letter before them.
_MARKS = "".join(char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char)[0] == "M")
_WORD = re.compile(rf"[{_HAN_AND_KANA}]|[^\W_{_HAN_AND_KANA}](?:[^\W_{_HAN_AND_KANA}]|[{_MARKS}])*")
# Letters that one name is written with in several keyboards' ways.
_LETTERS = str.maketrans("يىكةہھ", "ییکههه", "\u0640\u200d")
# What may stand between two words of one name; a comma or another mark only where the name itself has it.
JOINERS = frozenset({" ", "\u00a0", "\u202f", "\u200c", "-", "\u2010", "\u2011", "'", "’", "", "."})
HYPHENS = frozenset({"-", "\u2010", "\u2011"})
# Spellings of one name that differ in capitals only; more than data ever has.
_MAX_SPELLINGS = 8

Keys = tuple[str, ...]
T = TypeVar("T")


class Word(NamedTuple):
    """A run of letters and digits: its place in the field, itself, and its folded form."""

    start: int
    end: int
    text: str
    key: str


def fold(text: str) -> str:
    """Without case and accents, for comparing names."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)


def split_words(text: str, cuts: Iterable[int] = ()) -> list[Word]:
    """The words of ``text`` in order; linear in its length.

    A word is cut at the places in ``cuts``, where a name begins or ends inside it ("ب" + "بغداد").
    """
    folded: dict[str, str] = {}
    words = []
    places = sorted(cuts)
    for match in _WORD.finditer(text):
        start, end = match.span()
        for place in places[bisect_right(places, start) : bisect_left(places, end)]:
            words.append(_word(text, start, place, folded))
            start = place
        words.append(_word(text, start, end, folded))
    return words


def _word(text: str, start: int, end: int, folded: dict[str, str]) -> Word:
    word = text[start:end]
    key = folded.get(word)
    if key is None:
        key = folded[word] = fold(word)
    return Word(start, end, word, key)


def keys_of(name: str) -> Keys:
    """The folded words of a name."""
    return tuple(word.key for word in split_words(name))


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """Words ``first`` up to ``last`` (exclusive) are a known name; ``end`` is where its characters end."""

    first: int
    last: int
    end: int
    value: T


@dataclass(frozen=True, slots=True)
class _Spelling(Generic[T]):
    name: str
    words: list[Word]
    value: T


class NameIndex(Generic[T]):
    """Known names by their words, to find them in running text; of two at one place the longer wins.

    A name's capitals must be in the text too (all of them for a word all in capitals); what the name has in
    lower case may stand there either way. Of two values for one spelling the first counts.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        self._lengths: dict[str, list[int]] = {}
        self._spellings: dict[Keys, list[_Spelling[T]]] = {}
        for name, value in names:
            words = split_words(name)
            if not words:
                continue
            spellings = self._spellings.setdefault(tuple(word.key for word in words), [])
            if len(spellings) < _MAX_SPELLINGS:
                spellings.append(_Spelling(name, words, value))
        for keys in self._spellings:
            lengths = self._lengths.setdefault(keys[0], [])
            if len(keys) not in lengths:
                lengths.append(len(keys))
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)

    def at(self, text: str, words: Sequence[Word], index: int) -> Match[T] | None:
        """The longest known name that begins at this word."""
        for length in self._lengths.get(words[index].key, ()):
            if index + length > len(words):
                continue
            found = words[index : index + length]
            for spelling in self._spellings.get(tuple(word.key for word in found), ()):
                if _fits(text, found, spelling):
                    end = found[-1].end
                    if spelling.name.endswith(".") and text[end : end + 1] == ".":
                        end += 1
                    return Match(index, index + length, end, spelling.value)
        return None

    def find(self, text: str, words: Sequence[Word]) -> Iterator[Match[T]]:
        """All known names, left to right, without overlap."""
        return find_names(self.at, text, words)


def find_names(
    at: Callable[[str, Sequence[Word], int], Match[T] | None], text: str, words: Sequence[Word]
) -> Iterator[Match[T]]:
    """All names that ``at`` knows at a word, left to right, without overlap."""
    index = 0
    while index < len(words):
        match = at(text, words, index)
        if match is None:
            index += 1
        else:
            yield match
            index = match.last


def _fits(text: str, found: Sequence[Word], spelling: _Spelling[T]) -> bool:
    for position, (have, want) in enumerate(zip(found, spelling.words, strict=True)):
        if not _has_capitals(have.text, want.text):
            return False
        if position:
            gap = text[found[position - 1].end : have.start]
            own = spelling.name[spelling.words[position - 1].end : want.start]
            if gap not in JOINERS and gap != own:
                return False
    return True


def _has_capitals(have: str, want: str) -> bool:
    if len(want) > 1 and want.isupper():
        return have == want
    return have[0].isupper() or not want[0].isupper()
