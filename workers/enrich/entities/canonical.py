"""One key for all spellings of a person's name, across romanisations, scripts and languages.

The method, word by word:

1. Words are split at spaces and hyphens; apostrophes, points and the marks on letters fall away. The article
   (al-, el-, ال, аль-) is dropped, as is a word of descent that leads (Sayyid) and a single initial between
   other words.
2. A word of the list of ``names`` (data/romanisation.yaml) becomes that list's form. It holds common names
   that consonants alone do not tell apart, such as Hassan and Hussein.
3. Any other word in Latin, Cyrillic or Arabic letters becomes its consonants, each by the class of its sound
   (b for p too, since Arabic has no p; k for q and g; f for v and w …), doubled ones once; ``a`` leads a word
   that begins with a vowel. Vowels go, since Arabic script writes few of them, and so does an h at the end.
   Such a key holds no vowel but that first ``a``, so that it cannot be one of the list's forms.
4. A word in any other script (Han, Devanagari, Bengali …) stays as it is, folded: keys do not lead across to
   or from these.

Skeletons of consonants as keys of names are as old as Soundex (Russell, 1918); classes for Arabic script are
those of ALA-LC romanisation, merged where romanisations vary. The key is made from the name alone: people of
one name share it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent.parent / "data" / "romanisation.yaml"
_MAX_WORDS = 10
_MAX_WORD_CHARS = 40
_VOWEL = "."
_QUIET = str.maketrans(dict.fromkeys("'’‘ʼʻʿʾ`´ـ\u200d\u00ad\u200e\u200f.·", ""))
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff]+[^\W_]*)*")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[a-z]")
_BEYOND_ARABIC = re.compile("[پچژگکیہےٹڈڑںھ]")
_ARTICLE = "ال"
_GOD = frozenset({"الله", "اللہ", "allah", "ullah", "ollah", "аллах", "алла", "улла"})
_OF_GOD = re.compile("(?<=..)(?:الل[هہ]|[auo]llah|[ау]лла[х]?)$")
_FAITH = frozenset({"din", "deen", "dine", "الدين", "الدین", "дин", "eddin", "eddine", "uddin"})
_SERVANT = re.compile(r"^(?:abd|abdu|abdul|abdel|abdal|abdoul|abdool|عبد|абд|абдул|абдель)$")
# Abdurrahman, Abdessalam: the article within the name has taken the sound of the letter behind it.
_SERVANT_OF = re.compile(r"^(abd|абд)[aeouуаэе]+([rsnzdtрснздт])\2")
_SERVANTS = "abdl"
# Waw: a consonant at the head of a word, behind a long a inside it, and before a or a y.
_WAW = re.compile("^و|(?<=[^\\s]ا)و|(?<=[^اأإآع])و(?=[اآيیىے])")
_W = re.compile(r"w(?=[aeiouy])|^w")
_VOWELS = dict.fromkeys("eiyеэиійїєы", "I") | dict.fromkeys("ouwоуюўү", "U")
_U = re.compile("^у(?=[иэеоа])")


_MAX_KEY_CHARS = 200


@dataclass(frozen=True, slots=True)
class _Tables:
    names: Mapping[str, str]
    articles: frozenset[str]
    descent: frozenset[str]
    latin: tuple[re.Pattern[str], Mapping[str, str]]
    cyrillic: tuple[re.Pattern[str], Mapping[str, str]]
    arabic: tuple[re.Pattern[str], Mapping[str, str]]
    persian: Mapping[str, str]
    marked: dict[int, str]


def canonical_key(name: str) -> str:
    """The key of a person's name: its words' keys with hyphens between them, at most 200 characters.

    Pure: it depends on ``name`` and the tables alone. Empty for a name without a letter.
    """
    return "-".join(key_words(name))[:_MAX_KEY_CHARS].rstrip("-")


@lru_cache(maxsize=8192)
def key_words(name: str) -> tuple[str, ...]:
    """The key of a name, word by word in the name's order; see the module for the method."""
    tables = _tables()
    words = _split(name, tables)
    persian = _BEYOND_ARABIC.search(name) is not None
    if len(words) > 1:
        words = [word for word in words if word not in tables.articles] or words
    if len(words) > 1 and words[0] in tables.descent:
        words = words[1:]
    long = [word for word in words if len(word) > 1 or not word.isascii()]
    keys = list(_join(long or words, persian, tables))
    return tuple(keys) or tuple(word[:_MAX_WORD_CHARS] for word in words[:1])


@lru_cache(maxsize=8192)
def spelling_words(name: str) -> tuple[str, ...]:
    """As ``key_words``, with vowels in three classes, which tell "Maria" from "Mario".

    To compare two names within one script, whose spellings differ less than those across scripts.
    """
    tables = _tables()
    words = _split(name, tables)
    if len(words) > 1:
        words = [word for word in words if word not in tables.articles] or words
    persian = _BEYOND_ARABIC.search(name) is not None
    return tuple(_key(word, persian, tables, listed=True, vowels=True) for word in words)


def script_of(name: str) -> str:
    """The script of a name, of those that have sounds here: Latin, Cyrillic, Arabic; else nothing."""
    folded = name.casefold()
    for script, letters in (("Arabic", _ARABIC), ("Cyrillic", _CYRILLIC), ("Latin", _LATIN)):
        if letters.search(folded):
            return script
    return ""


def _split(name: str, tables: _Tables) -> list[str]:
    """The words of a name, lower-case and without marks; at most ten, which is more than names have."""
    text = name.casefold().replace("\u200c" + _ARTICLE, " " + _ARTICLE)
    # A silent h stands before the non-joiner in Persian ("خامنه‌ای").
    text = text.replace("ه\u200c", "").replace("\u200c", "").translate(_QUIET)
    words = []
    for match in _WORD.finditer(text):
        word = _unmarked(match.group()[: 2 * _MAX_WORD_CHARS], tables)[:_MAX_WORD_CHARS]
        head = _OF_GOD.sub("", word)
        if head != word:
            words.append(head)
            word = word[len(head) :]
        if word:
            words.append(word)
        if len(words) >= _MAX_WORDS:
            break
    return words


def _unmarked(word: str, tables: _Tables) -> str:
    """Without accents and vowel marks; marks that are letters of their script (Devanagari) stay."""
    if word.isascii():
        return word
    if _ARABIC.search(word):
        return "".join(char for char in word if not unicodedata.combining(char))
    composed = unicodedata.normalize("NFC", word).translate(tables.marked)
    if _CYRILLIC.search(composed):
        return composed
    decomposed = unicodedata.normalize("NFKD", composed)
    if not _LATIN.search(decomposed):
        return unicodedata.normalize("NFKC", word)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _join(words: Sequence[str], persian: bool, tables: _Tables) -> Iterator[str]:
    """The words' keys; what news writes as one word or as two ("Abdul Rahman", "Nasr Allah") is one."""
    pending = ""
    previous: str | None = None
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not pending and index < len(words) and word + words[index] in tables.names:
            word += words[index]
            index += 1
        elif _SERVANT.match(word) and index < len(words):
            if previous:
                yield previous
            previous, pending = None, _SERVANTS
            continue
        if word in _GOD:
            previous = _SERVANTS if pending else f"{previous or ''}l"
            pending = ""
            continue
        if word in _FAITH and previous:
            previous += "dn"
            continue
        key = _key(word, persian, tables, listed=not pending)
        if not key:
            continue
        if previous:
            yield previous
        previous, pending = pending + key, ""
    if previous or pending:
        yield previous or pending


def _key(word: str, persian: bool, tables: _Tables, *, listed: bool, vowels: bool = False) -> str:
    bare = word
    if word.startswith(_ARTICLE) and len(word) > len(_ARTICLE) + 2:
        bare = word.removeprefix(_ARTICLE)
    if listed:
        known = tables.names.get(word) or tables.names.get(bare)
        if known:
            return known
    if _ARABIC.search(word):
        return _from_arabic(bare, persian, tables)
    word = _SERVANT_OF.sub(r"abdul\2", word)
    if _CYRILLIC.search(word):
        text = _U.sub("в", word).replace("abdul", "абдул")
        return (
            _voiced(text, tables.cyrillic)
            if vowels
            else _skeleton(_sounds(text, tables.cyrillic), final=True)
        )
    if _LATIN.search(word):
        text = _W.sub("v", word).replace("w", "u")
        text = re.sub("^x", "kh", text)
        return _voiced(text, tables.latin) if vowels else _skeleton(_sounds(text, tables.latin))
    return word


def _from_arabic(word: str, persian: bool, tables: _Tables) -> str:
    text = _WAW.sub("ف", word).replace("و", "ا")
    pattern, classes = tables.arabic
    if persian:
        classes = {**classes, **tables.persian}
    sounds = "".join(classes[match.group()] for match in pattern.finditer(text))
    # Two like letters in Arabic script have a vowel between them that is not written.
    return _skeleton(sounds, final=True, doubled=True)


def _sounds(text: str, table: tuple[re.Pattern[str], Mapping[str, str]]) -> str:
    pattern, classes = table
    return "".join(classes[match.group()] for match in pattern.finditer(text))


def _voiced(text: str, table: tuple[re.Pattern[str], Mapping[str, str]]) -> str:
    """Consonants and vowels by class, of like ones in a row one."""
    pattern, classes = table
    sounds = ""
    for match in pattern.finditer(text):
        sound = classes[match.group()]
        sounds += _VOWELS.get(match.group(), "A") if sound == _VOWEL else sound
    return re.sub(r"(.)\1+", r"\1", sounds)


def _skeleton(sounds: str, *, final: bool = False, doubled: bool = False) -> str:
    """Consonants with a mark for a vowel at the head, without an h at the end behind a vowel.

    With ``final`` such an h goes behind any sound; ``doubled`` consonants stay two.
    """
    kept = sounds if doubled else re.sub(r"([a-z])\1+", r"\1", sounds)
    if len(kept) > 1 and (kept.endswith(_VOWEL + "h") or (final and kept.endswith("h"))):
        kept = kept[:-1]
    head = "a" if kept.startswith(_VOWEL) else ""
    skeleton = kept.replace(_VOWEL, "")
    return head + skeleton if skeleton else ""


@cache
def _tables() -> _Tables:
    data: Mapping[str, Any] = yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    marked = str.maketrans(data["latin_marked"])
    bare = _Tables(
        {},
        frozenset(data["articles"]),
        frozenset(data["descent"]),
        _table(data["latin"]),
        _table(data["cyrillic"]),
        _table(data["arabic"]),
        data["persian"],
        marked,
    )
    names: dict[str, str] = {}
    for key, spellings in data["names"].items():
        for spelling in spellings:
            folded = "".join(_split(spelling, bare))
            if names.setdefault(folded, key) != key:
                raise ValueError(f"romanisation.yaml: {spelling!r} stands under {names[folded]} and {key}")
    return _Tables(
        names, bare.articles, bare.descent, bare.latin, bare.cyrillic, bare.arabic, bare.persian, marked
    )


def _table(classes: Mapping[str, str]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    longest_first = sorted(classes, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), classes
