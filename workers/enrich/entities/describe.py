"""What an article says of a person besides the name: title, rank or office, and the country in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.contract.records import EntityType
from workers.enrich.entities.knowledge import LanguageRules
from workers.enrich.entities.reading import Mention, Reading

_MAX_ROLES = 3
_MAX_ROLE_WORDS = 14
_MAX_ROLE_CHARS = 100
# How far into an apposition its head may stand: "X, the former Iraqi defence minister".
_MAX_BEFORE_HEAD = 5
_MAX_HEAD_WORDS = 4
_MAX_ADDRESS_WORDS = 2
_INSIDE = frozenset({" ", "\u00a0", "-", "'", "’", ". ", "."})


@dataclass(frozen=True, slots=True)
class Role:
    """A role as the article words it and the country that it names, if it names one."""

    text: str
    country: str | None


class Surroundings:
    """What stands around the mentions of one field."""

    def __init__(self, reading: Reading, rules: LanguageRules) -> None:
        self._reading = reading
        self._rules = rules
        self._owners = reading.owners()

    def role(self, mention: Mention) -> Role | None:
        """The role of the person mentioned here: before the name, else in apposition after it."""
        before = list(self._roles_before(mention))[::-1]
        text = ", ".join(self._text(*span) for span in before)
        if before and len(text) <= _MAX_ROLE_CHARS:
            named = [country for span in before if (country := self._country_in(*span))]
            return Role(text, named[0] if named else self._country_before(before[0][0]))
        after = self._role_after(mention)
        if after is None or len(self._text(*after)) > _MAX_ROLE_CHARS:
            return None
        return Role(self._text(*after), self._country_in(*after) or self._possessor(after[0]))

    def nationality(self, mention: Mention) -> str | None:
        """The country of an adjective of nationality directly beside the name."""
        reading = self._reading
        if mention.first and reading.gap(mention.first) == " ":
            country = reading.demonym_before(mention.first)
            if country:
                return country
        if mention.last < len(reading.words) and reading.gap(mention.last) == " ":
            match = reading.demonym_at(mention.last)
            return match.value if match else None
        return None

    def country_inside(self, mention: Mention) -> str | None:
        """The country in a body's own name ("Indonesian Red Cross", "ministère russe de la Défense")."""
        return self._country_in(mention.first, mention.last)

    def bearer(self, mention: Mention) -> str | None:
        """The country of whose the body is: "Iran's Foreign Ministry", "le Sénat américain"."""
        return self.country_inside(mention) or self.nationality(mention) or self._possessor(mention.first)

    def _text(self, first: int, last: int) -> str:
        words = self._reading.words
        original = self._reading.parse.field.original
        return " ".join(original[words[first].start : words[last - 1].end].split())

    def _roles_before(self, mention: Mention) -> Iterator[tuple[int, int]]:
        """Role phrases that lead up to the name, nearest first: "le commandant du X, le général Y"."""
        reading, rules = self._reading, self._rules
        end = self._before_address(mention.first)
        gaps = {" ", "\u00a0", ", "}
        if end not in reading.initial:
            # "Gen. Smith" is a title; "… of the Pentagon. Smith" is another sentence.
            gaps.add(". ")
        for _ in range(_MAX_ROLES):
            if not end or reading.gap(end) not in gaps:
                return
            start = self._role_start(end)
            if start is None:
                return
            yield start, end
            end = start
            while end and reading.words[end - 1].key in rules.articles and reading.gap(end) in _INSIDE:
                end -= 1
            gaps = {", "} if end < start or reading.gap(end) == ", " else {" "}

    def _before_address(self, first: int) -> int:
        """Where the form of address before a name begins ("avocat Me X"), else the name."""
        for start in range(max(0, first - _MAX_ADDRESS_WORDS), first):
            if self._reading.honorific_end(start) == first:
                return start
        return first

    def _role_start(self, end: int) -> int | None:
        """Where the role phrase that ends before the word begins: the nearest head of a role to its left."""
        reading = self._reading
        if reading.stops[end - 1]:
            return None
        for start in range(end - 1, max(-1, end - 1 - _MAX_ROLE_WORDS), -1):
            owner = self._owners.get(start)
            if owner is not None and owner.type is EntityType.PERSON:
                return None
            if 0 < reading.role_end(start) <= end:
                return self._widen(start)
            if self._ends_phrase(start) or start in reading.initial or reading.gap(start) not in _INSIDE:
                return None
        return None

    def _widen(self, start: int) -> int:
        """Take the words before a head that belong to it: "ancien", "Iranian Foreign", "Hezbollah"."""
        reading = self._reading
        for first in range(max(0, start - _MAX_HEAD_WORDS), start):
            if reading.role_end(first) > start:
                start = first
                break
        while start and start not in reading.initial and reading.gap(start) in (" ", "-"):
            if not self._belongs_to_head(start - 1, start):
                break
            start -= 1
        return start

    def _belongs_to_head(self, index: int, head: int) -> bool:
        reading, rules = self._reading, self._rules
        key = reading.words[index].key
        if reading.role_end(index) or key in rules.role_prefixes:
            return True
        if rules.adjectives_follow or key in rules.articles:
            return False
        owner = self._owners.get(index)
        if owner is not None:
            return owner.type is not EntityType.PERSON
        both_capital = reading.is_capital(index) and reading.is_capital(head)
        return both_capital or rules.is_demonym(key) or key in rules.portfolio_words

    def _role_after(self, mention: Mention) -> tuple[int, int] | None:
        """A role in apposition: "X, le conseiller à la sécurité nationale", "X, 45, mayor of Leeds"."""
        reading = self._reading
        start = self._apposition(mention.last)
        if start is None:
            return None
        head = start
        while not reading.role_end(head):
            head += 1
            if head >= min(len(reading.words), start + _MAX_BEFORE_HEAD) or reading.gap(head) not in _INSIDE:
                return None
            if self._ends_phrase(head - 1):
                return None
        last = reading.role_end(head)
        while last < len(reading.words) and last - head < _MAX_ROLE_WORDS:
            owner = self._owners.get(last)
            if owner is not None and owner.type is EntityType.PERSON:
                return None
            gap = reading.gap(last)
            if gap not in _INSIDE or gap.startswith(".") or self._ends_phrase(last):
                break
            last += 1
        while last > head + 1 and reading.stops[last - 1]:
            last -= 1
        return self._widen(head), last

    def _ends_phrase(self, index: int) -> bool:
        """Whether a word belongs to no role: a common word that links no complement to its noun."""
        key, rules = self._reading.words[index].key, self._rules
        inside = key in rules.role_links or key in rules.articles
        return self._reading.stops[index] and not inside

    def _apposition(self, index: int) -> int | None:
        """The first word after the comma behind a name, and after an age in between."""
        reading = self._reading
        words = reading.words
        if index >= len(words) or not reading.gap(index).startswith(", "):
            return None
        if not words[index].key.isdecimal():
            return index
        index += 1
        if index < len(words) and words[index].key in self._rules.ages:
            index += 1
        return index if index < len(words) and reading.gap(index).startswith(", ") else None

    def _country_in(self, first: int, last: int) -> str | None:
        reading, rules = self._reading, self._rules
        for index in range(first, last):
            demonym = reading.demonym_at(index)
            if demonym and demonym.last <= last:
                return demonym.value
            match = rules.names.at(reading.text, reading.words, index)
            if match and match.last <= last and match.value.country and not reading.is_hyphened(match.last):
                return match.value.country
        return None

    def _country_before(self, start: int) -> str | None:
        """The country of an adjective or a possessor just before a role: "Iran's president"."""
        if start and self._reading.gap(start) == " ":
            country = self._reading.demonym_before(start)
            if country:
                return country
        return self._possessor(start)

    def _possessor(self, start: int) -> str | None:
        """The country of the name just before a role in English: "Iran's president", "Kremlin spokesman"."""
        reading = self._reading
        if self._rules.adjectives_follow or not start or reading.gap(start) != " ":
            return None
        index = start - 1
        if index and reading.words[index].key == "s" and reading.gap(index) in ("'", "’"):
            index -= 1
        owner = self._owners.get(index)
        return owner.known.country if owner is not None and owner.known else None
