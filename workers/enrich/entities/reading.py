"""One field of an article as the entity rules read it: words, what is known of each, and mentions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from spacy.tokens import Doc

from workers.contract.records import EntityType
from workers.enrich.entities.knowledge import KnownName, LanguageRules
from workers.enrich.entities.words import HYPHENS, JOINERS, Keys, Match, Word, split_words
from workers.enrich.syntax import Parse

SPACES = (" ", "\u00a0", "\u202f", "\u200c")
_OPENING = frozenset("«“:•–—*>[|…")
_QUOTES = frozenset("\"'‘’(")
_MAX_RUN_WORDS = 6
_MAX_DEMONYM_WORDS = 3
_HEADLINE_SHARE = 0.7


class Trust(IntEnum):
    """How much speaks for a mention's type; the weights are added up over an article."""

    GUESS = 1
    MODEL = 2
    CONTEXT = 4
    KNOWN = 8


@dataclass(frozen=True, slots=True)
class Mention:
    """Words ``first`` up to ``last`` (exclusive) name something: the characters ``start`` to ``end``.

    The type of an ``addressed`` person ("Mr London") does not follow the article's other uses of the name.
    """

    first: int
    last: int
    start: int
    end: int
    type: EntityType
    trust: Trust
    known: KnownName | None = None
    addressed: bool = False


@dataclass(slots=True)
class Reading:
    """One field: ``mentions`` are those found so far, in order and without overlap.

    ``initial`` are the words whose capital may be the sentence's; ``headline`` tells of each word whether its
    line has nearly all words in capitals, where a capital says nothing; ``stops`` tells which words
    are of the language's commonest, such as pronouns and prepositions.
    """

    index: int
    parse: Parse
    rules: LanguageRules
    text: str
    words: list[Word]
    stops: list[bool]
    initial: frozenset[int]
    headline: list[bool]
    mentions: list[Mention] = field(default_factory=list)

    @classmethod
    def of(cls, index: int, parse: Parse, rules: LanguageRules) -> Reading:
        """Read the parse of the article's field number ``index``."""
        text = parse.field.clean
        cuts = {place for span in parse.doc.ents for place in (span.start_char, span.end_char)}
        words = split_words(text, cuts)
        return cls(
            index,
            parse,
            rules,
            text,
            words,
            _stop_words(parse.doc, words) if rules.has_stop_words else [False] * len(words),
            _initial_words(parse.doc, words),
            _headline_words(text, words),
        )

    def gap(self, index: int) -> str:
        """What stands before the word, back to the word before it."""
        return self.text[self.words[index - 1].end if index else 0 : self.words[index].start]

    def keys(self, first: int, last: int) -> Keys:
        """The folded words of a span."""
        return tuple(word.key for word in self.words[first:last])

    def is_capital(self, index: int) -> bool:
        """Whether the word begins with a capital."""
        return self.words[index].text[0].isupper()

    def role_end(self, index: int) -> int:
        """Where the title or office that begins at the word ends; 0 when none does."""
        match = self.rules.roles.at(self.text, self.words, index)
        return match.last if match else 0

    def honorific_end(self, index: int) -> int:
        """Where the form of address that begins at the word ends; 0 when none does."""
        match = self.rules.honorifics.at(self.text, self.words, index)
        return match.last if match else 0

    def is_title(self, index: int) -> bool:
        """Whether a title or a form of address begins at the word."""
        return bool(self.role_end(index) or self.honorific_end(index))

    def demonym_at(self, index: int) -> Match[str] | None:
        """The adjective of nationality that begins here, with its country."""
        return self.rules.demonym_at(self.text, self.words, index)

    def demonym_before(self, end: int) -> str | None:
        """The country of the adjective of nationality that ends before the word: the longest one."""
        for first in range(max(0, end - _MAX_DEMONYM_WORDS), end):
            match = self.demonym_at(first)
            if match is not None and match.last == end:
                return match.value
        return None

    def is_hyphened(self, index: int) -> bool:
        """Whether a hyphen joins the word to the one before it."""
        return 0 < index < len(self.words) and self.gap(index) in HYPHENS

    def goes_on(self, index: int) -> bool:
        """Whether the word may be a further word of a name: a capital, and no word of another kind."""
        word, rules = self.words[index], self.rules
        return (
            word.text[0].isupper()
            and (word.key,) not in rules.not_names
            and not rules.is_demonym(word.key)
            and word.key not in rules.articles
            and not (len(word.text) == 1 and self.text[word.end : word.end + 1] != ".")
            and not self.honorific_end(index)
        )

    def name_run(self, first: int, *, titled: bool) -> int:
        """Where the run of name words that begins at ``first`` ends: capitals, with particles between them.

        After a form of address the first word is a name even when it is a common one ("M. Yuan").
        """
        last = first
        while last < len(self.words) and last - first < _MAX_RUN_WORDS:
            if last > first and self.gap(last) not in JOINERS | {". "}:
                break
            is_name = self.goes_on(last) or (titled and last == first and self.is_capital(last))
            if not is_name and not self._leads_on(first, last):
                break
            last += 1
        while last > first and not self.is_capital(last - 1):
            last -= 1
        return last

    def _leads_on(self, first: int, index: int) -> bool:
        """A particle before a capital; an article or "de" does not begin a name, except with a hyphen."""
        words, rules = self.words, self.rules
        if words[index].key not in rules.particles or index + 1 >= len(words):
            return False
        if not self.is_capital(index + 1) or self.gap(index + 1) not in JOINERS:
            return False
        loose = words[index].key in rules.articles or words[index].key in rules.name_links
        return not (loose and index == first and self.gap(index + 1) != "-")

    def mention(
        self, first: int, last: int, kind: EntityType, trust: Trust, known: KnownName | None = None
    ) -> Mention:
        """A mention of these words; the full stop of initials ("U.S.") belongs to it."""
        tail = self.words[last - 1]
        end = tail.end
        initials = (
            last - first > 1 and len(tail.text) == 1 and tail.text.isupper() and self.gap(last - 1) == "."
        )
        if initials and self.text[end : end + 1] == ".":
            end += 1
        return Mention(first, last, self.words[first].start, end, kind, trust, known)

    def covered(self) -> bytearray:
        """For each word whether a mention has it."""
        marks = bytearray(len(self.words))
        for mention in self.mentions:
            for index in range(mention.first, mention.last):
                marks[index] = 1
        return marks

    def owners(self) -> dict[int, Mention]:
        """For each word of a mention that mention."""
        return {index: mention for mention in self.mentions for index in range(mention.first, mention.last)}

    def add(self, new: Iterable[Mention]) -> None:
        """Add mentions that overlap none."""
        self.mentions = sorted([*self.mentions, *new], key=lambda mention: mention.first)


def _stop_words(doc: Doc, words: Sequence[Word]) -> list[bool]:
    """Whether the token that each word lies in is one of spaCy's stop words of the language."""
    if not words or not len(doc):
        return [False] * len(words)
    # Token by token would cost more than all other rules together.
    tokens = np.searchsorted(doc.to_array("IDX"), [word.start for word in words], side="right") - 1
    return [bool(stop) for stop in doc.to_array("IS_STOP")[tokens].tolist()]


def _initial_words(doc: Doc, words: Sequence[Word]) -> frozenset[int]:
    """First words of sentences, and those after a colon, a bullet or an opening quotation mark."""
    text = doc.text
    starts = [sentence.start_char for sentence in doc.sents]
    initial = set()
    position = 0
    for index, word in enumerate(words):
        if position < len(starts) and starts[position] <= word.start:
            initial.add(index)
            while position < len(starts) and starts[position] <= word.start:
                position += 1
            continue
        before = text[max(0, word.start - 3) : word.start]
        mark = before.rstrip()[-1:]
        if mark in _OPENING or (mark in _QUOTES and (before[-2:-1].isspace() or not before[-2:-1])):
            initial.add(index)
    return frozenset(initial)


def _headline_words(text: str, words: Sequence[Word]) -> list[bool]:
    flags: list[bool] = []
    start = 0
    while start < len(words):
        stop = start + 1
        while stop < len(words) and "\n" not in text[words[stop - 1].end : words[stop].start]:
            stop += 1
        long = [word.text for word in words[start:stop] if len(word.text) > 3 and word.text.isalpha()]
        upper = sum(word[0].isupper() for word in long)
        flags += [len(long) > 3 and upper > _HEADLINE_SHARE * len(long)] * (stop - start)
        start = stop
    return flags
