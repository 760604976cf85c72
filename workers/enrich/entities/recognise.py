"""Mentions of people, organisations and places in one field, with exact spans.

The network names them (`propose`); what is known of names and what stands around them then confirms, types
and completes its list.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from spacy.tokens import Doc

from workers.contract.records import EntityType
from workers.enrich.entities.context import add_datelines, add_titled_people
from workers.enrich.entities.knowledge import Credit, KnownName, LanguageRules
from workers.enrich.entities.known import settle
from workers.enrich.entities.reading import SPACES, Mention, Reading, Trust
from workers.enrich.entities.words import HYPHENS, Match, Word
from workers.enrich.syntax import Parse

_TYPES = {"PER": EntityType.PERSON, "ORG": EntityType.ORGANIZATION, "LOC": EntityType.LOCATION}
_PERSON, _ORGANIZATION, _LOCATION = EntityType.PERSON, EntityType.ORGANIZATION, EntityType.LOCATION
_SPACED_DASHES = (" - ", " – ", " — ", " -- ")
_BREAKS = frozenset("\n()/")
_AND = frozenset({"and", "et"})
_MAX_NAME_WORDS = 14
_MAX_ROLE_WORDS = 4
_MIN_OFFICE_WORDS = 2


def read(index: int, parse: Parse, rules: LanguageRules, credited: Sequence[Credit] = ()) -> Reading:
    """Recognise the mentions of one field by itself; ``credited`` tells where it names its sources."""
    reading = Reading.of(index, parse, rules)
    known = {match.first: match for match in rules.names.find(reading.text, reading.words)}
    known.update((match.first, match) for match in _credited_names(reading, credited))
    proposed = list(propose(parse.doc, reading.words))
    if rules.names_have_capitals:
        taken = {index for mention in proposed for index in range(mention.first, mention.last)}
        proposed = [piece for mention in proposed for piece in _repair(reading, mention, taken)]
    reading.mentions = settle(reading, proposed, known)
    add_titled_people(reading)
    add_datelines(reading)
    return reading


def propose(doc: Doc, words: Sequence[Word]) -> Iterator[Mention]:
    """What the network names, left to right."""
    index = 0
    for span in doc.ents:
        while index < len(words) and words[index].start < span.start_char:
            index += 1
        first = index
        while index < len(words) and words[index].end <= span.end_char:
            index += 1
        if index > first:
            yield Mention(first, index, span.start_char, span.end_char, _TYPES[span.label_], Trust.MODEL)


def _credited_names(reading: Reading, credited: Sequence[Credit]) -> Iterator[Match[KnownName]]:
    """A source's names count where the credit stands, even one that means other things elsewhere."""
    for credit in credited:
        index = bisect_left(reading.words, credit.start, key=lambda word: word.start)
        while index < len(reading.words) and reading.words[index].start < credit.end:
            match = credit.names.at(reading.text, reading.words, index)
            if match:
                yield match
                break
            index += 1


def _repair(reading: Reading, mention: Mention, taken: AbstractSet[int]) -> Iterator[Mention]:
    """Trim one proposal to the names in it, several, one or none; complete one that was cut short.

    ``taken`` are the words of all proposals; none grows into another.
    """
    kind = mention.type
    if kind is _ORGANIZATION and (titled := _titled(reading, mention)):
        yield from titled.people
        return
    for piece in _pieces(reading, mention.first, mention.last, kind):
        start = _trim_start(reading, *piece, kind)
        stop = _trim_end(reading, start, piece[1], kind)
        if start >= stop or _is_no_name(reading, start, stop):
            continue
        if not reading.headline[start]:
            stop = _extend_end(reading, start, stop, kind, taken)
            start = _extend_start(reading, start, stop, kind, taken)
        if (start, stop) == (mention.first, mention.last):
            # With its own marks at the end: "EE. UU."
            yield mention
        elif stop - start <= _MAX_NAME_WORDS:
            yield reading.mention(start, stop, kind, Trust.MODEL)


class _Titled(NamedTuple):
    """A proposal that is an office of several words: whom it names behind it, if anybody."""

    people: tuple[Mention, ...]


def _titled(reading: Reading, mention: Mention) -> _Titled | None:
    """An office with capitals that the network took for a body ("Général de division Mohammad Pakpour").

    Of one word it says too little ("General Electric").
    """
    first, last, rules = reading.role_end(mention.first), mention.last, reading.rules
    if not first or reading.keys(mention.first, last) in rules.known:
        return None
    if first < last and reading.words[first].key in rules.name_links:
        # "Conseiller à la sécurité nationale"
        return _Titled(())
    if first - mention.first < _MIN_OFFICE_WORDS:
        return None
    if first >= last:
        return _Titled(())
    names = reading.gap(first) in SPACES and all(map(reading.is_capital, range(first, last)))
    return _Titled((reading.mention(first, last, _PERSON, Trust.CONTEXT),)) if names else None


def _pieces(reading: Reading, first: int, last: int, kind: EntityType) -> Iterator[tuple[int, int]]:
    """Cut where no name goes on: at line breaks and brackets, and between the members of a list of people."""
    start = first
    for index in range(first + 1, last):
        gap = reading.gap(index)
        if not _BREAKS.isdisjoint(gap) or gap in _SPACED_DASHES or (kind is _PERSON and "," in gap):
            yield start, index
            start = index
        elif kind is _PERSON and reading.words[index].key in _AND:
            yield start, index
            start = index + 1
    if start < last:
        yield start, last


def _trim_start(reading: Reading, first: int, last: int, kind: EntityType) -> int:
    rules = reading.rules
    while first < last and not rules.names.at(reading.text, reading.words, first):
        step = _leading(reading, first, last, kind)
        if not step and first in reading.initial and reading.stops[first]:
            step = 1
        if not step:
            if reading.is_capital(first) or _begins_with_particle(reading, first, last):
                break
            if kind is not _PERSON and reading.words[first].key in rules.place_nouns:
                break
            if kind is _ORGANIZATION and rules.lower_organisation_nouns.at(
                reading.text, reading.words, first
            ):
                break
            step = 1
        first += step
    return first


def _trim_end(reading: Reading, first: int, last: int, kind: EntityType) -> int:
    rules = reading.rules
    while first < last:
        word = reading.words[last - 1]
        gap = reading.gap(last - 1)
        lower = not reading.is_capital(last - 1) and not (last - first > 1 and gap in HYPHENS)
        possessive = word.key == "s" and lower and gap in ("'", "’")
        if (
            (possessive and reading.keys(first, last) not in rules.known)
            or (lower and (kind is _PERSON or word.key in rules.small_words))
            or (lower and not rules.adjectives_follow)
            or (word.text[0].isdigit() and kind is not _ORGANIZATION)
        ):
            last -= 1
        else:
            break
    return last


def _leading(reading: Reading, first: int, last: int, kind: EntityType) -> int:
    """How many words at the front are article, form of address, title or label; 0 for none."""
    word, rules = reading.words[first], reading.rules
    capital = reading.is_capital(first)
    if word.key in rules.articles and (not capital or first in reading.initial):
        return 0 if _begins_with_particle(reading, first, last) else 1
    honorific = reading.honorific_end(first)
    if honorific and honorific < last + (kind is _PERSON):
        return honorific - first
    role = reading.role_end(first)
    if role and role <= last and (kind is _PERSON or not capital):
        return role - first
    if (
        kind is _PERSON
        and last - first > 1
        and (rules.is_demonym(word.key) or word.key in rules.role_prefixes)
    ):
        return 1
    if kind is _ORGANIZATION and rules.is_demonym(word.key):
        # "British UN envoy": the envoy is British.
        body = rules.known.get(reading.keys(first + 1, last))
        return 1 if body is not None and body.is_international else 0
    if kind is _LOCATION and word.key in rules.place_labels and last - first > 1:
        return 0 if capital and reading.words[first + 1].key not in rules.name_links else 1
    return 0


def _begins_with_particle(reading: Reading, first: int, last: int) -> bool:
    """A small word that belongs to the name after it ("al-Araji", "bin Salman"), as an article does not."""
    word, rules = reading.words[first], reading.rules
    if word.key not in rules.particles or first + 1 >= last:
        return False
    gap = reading.gap(first + 1)
    return gap == "-" or (gap == " " and word.key not in rules.articles and word.key not in rules.name_links)


def _is_no_name(reading: Reading, first: int, last: int) -> bool:
    rules = reading.rules
    keys = reading.keys(first, last)
    if keys in rules.known:
        return False
    portfolio = rules.portfolios.at(reading.text, reading.words, first)
    if keys in rules.not_names or (portfolio is not None and portfolio.last >= last):
        return True
    if all(rules.is_demonym(key) or (key,) in rules.not_names or key in rules.name_links for key in keys):
        return True
    if len(keys) == 1 and (len(keys[0]) == 1 or keys[0].isdecimal() or reading.role_end(first)):
        return True
    return keys[0] not in rules.place_nouns and not any(map(reading.is_capital, range(first, last)))


def _extend_end(reading: Reading, first: int, last: int, kind: EntityType, taken: AbstractSet[int]) -> int:
    """Complete a name that was cut short: further capitals, what a hyphen joins, a particle between them."""
    words = reading.words
    while last < len(words) and last - first < _MAX_NAME_WORDS and last not in taken:
        gap = reading.gap(last)
        hyphened = gap in HYPHENS
        if not hyphened and (gap not in SPACES or last in reading.initial):
            break
        if reading.goes_on(last) or (hyphened and kind is _PERSON and words[last].text.isalpha()):
            last += 1
        elif kind is _PERSON and last + 1 < len(words) and _is_inner_particle(reading, last):
            last += 2
        else:
            break
    return last


def _is_inner_particle(reading: Reading, index: int) -> bool:
    key, rules = reading.words[index].key, reading.rules
    if key not in rules.particles or key in rules.name_links:
        return False
    return reading.gap(index + 1) in (" ", "-", "'", "’") and reading.goes_on(index + 1)


def _extend_start(reading: Reading, first: int, last: int, kind: EntityType, taken: AbstractSet[int]) -> int:
    rules = reading.rules
    while first and last - first <= _MAX_NAME_WORDS and reading.gap(first) in (*SPACES, "-"):
        if kind is _PERSON and last - first > 1:
            break
        before = first - 1
        if before in taken or before in reading.initial:
            break
        if not reading.goes_on(before) or reading.role_end(before):
            break
        if kind is _PERSON and (
            reading.words[before].key in rules.role_prefixes or _ends_title(reading, first)
        ):
            break
        first = before
    return first


def _ends_title(reading: Reading, index: int) -> bool:
    """Whether a role or form of address of several words ends just before the word."""
    starts = range(max(0, index - _MAX_ROLE_WORDS), index)
    return any(index in (reading.role_end(start), reading.honorific_end(start)) for start in starts)
