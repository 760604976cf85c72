"""Names that a common noun begins, in languages whose adjectives and complements follow their noun.

"ministère russe de la Défense", "Conseil de souveraineté", "détroit d'Ormuz", "place Kléber".
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.contract.records import EntityType
from workers.enrich.entities.reading import Mention, Reading, Trust

_GAPS = (" ", "'", "’", "\u00a0")
_MAX_COMPLEMENTS = 3
_MAX_CAPITALS = 5
_MAX_LINKS = 3


def names_with_heads(reading: Reading) -> Iterator[Mention]:
    """The names in the field that begin with such a noun, left to right."""
    if not reading.rules.adjectives_follow:
        return
    index = 0
    while index < len(reading.words):
        last, kind = _name_at(reading, index)
        if last > index + 1 and not _begins_no_name(reading, index, last):
            yield reading.mention(index, last, kind, Trust.CONTEXT)
            index = last
        else:
            index += 1


def _name_at(reading: Reading, index: int) -> tuple[int, EntityType]:
    """Where the name that the word begins ends; ``index`` when it begins none."""
    rules, key = reading.rules, reading.words[index].key
    if reading.is_capital(index):
        if index not in reading.initial and key in rules.organisation_heads:
            return _after_head(reading, index + 1, common_nouns=True), EntityType.ORGANIZATION
        return index, EntityType.ORGANIZATION
    if key in rules.place_nouns:
        linked = key in rules.linked_place_nouns
        return _after_complement(reading, index + 1, linked=linked), EntityType.LOCATION
    head = rules.lower_organisation_nouns.at(reading.text, reading.words, index)
    if head is None:
        return index, EntityType.ORGANIZATION
    last = _after_head(reading, head.last, common_nouns=False)
    return (last if last > head.last else index), EntityType.ORGANIZATION


def _begins_no_name(reading: Reading, first: int, last: int) -> bool:
    keys = reading.keys(first, last)
    return len(keys[-1]) == 1 or any(
        keys[:size] in reading.rules.not_names for size in range(2, len(keys) + 1)
    )


def _after_head(reading: Reading, last: int, *, common_nouns: bool) -> int:
    """Where the name goes on to: adjectives, then complements, with a common noun only if so allowed."""
    end, bare = last, True
    for _ in range(_MAX_COMPLEMENTS):
        position = _after_adjectives(reading, end, nationality=True)
        bare = bare and position == end
        following = _after_complement(reading, position, linked=True)
        if following == position and common_nouns:
            noun = _after_links(reading, position, before_noun=True)
            if noun > position and reading.tags[noun] == "NOUN" and not reading.is_capital(noun):
                following = _after_adjectives(reading, noun + 1, nationality=False)
        if following == position:
            break
        end, bare = following, False
    return _after_adjectives(reading, end, nationality=not bare) if common_nouns else end


def _after_adjectives(reading: Reading, index: int, *, nationality: bool) -> int:
    while index < len(reading.words) and reading.gap(index) == " " and not reading.is_capital(index):
        demonym = reading.rules.is_demonym(reading.words[index].key)
        if (demonym and not nationality) or not (demonym or reading.tags[index] == "ADJ"):
            break
        index += 1
    return index


def _after_links(reading: Reading, index: int, *, before_noun: bool) -> int:
    """Past "de", "du", "de la" …; only a common noun may follow "à" or "et de"."""
    start = index
    while index < len(reading.words) and index - start < _MAX_LINKS and reading.gap(index) in _GAPS:
        if not _is_link(reading, index, first=index == start, before_noun=before_noun):
            break
        index += 1
    return index if index < len(reading.words) and reading.gap(index) in _GAPS else start


def _is_link(reading: Reading, index: int, *, first: bool, before_noun: bool) -> bool:
    rules, key = reading.rules, reading.words[index].key
    if key in rules.complement_links or (not first and key in rules.articles):
        return True
    if not before_noun or not first:
        return False
    if key in rules.noun_links:
        return True
    following = reading.words[index + 1].key if index + 1 < len(reading.words) else ""
    return key in rules.joining_links and (
        following in rules.complement_links or following in rules.noun_links
    )


def _after_complement(reading: Reading, index: int, *, linked: bool) -> int:
    """Where a complement with capitals ends ("de la Défense", "Kléber"); ``index`` when there is none."""
    words, rules = reading.words, reading.rules
    start = _after_links(reading, index, before_noun=False) if linked else index
    if start >= len(words) or reading.gap(start) not in _GAPS or start in reading.initial:
        return index
    if reading.honorific_end(start) or not reading.is_capital(start):
        return index
    last = start
    while last < len(words) and reading.is_capital(last) and last - start < _MAX_CAPITALS:
        if last > start and reading.gap(last) not in (" ", "-"):
            break
        match = rules.names.at(reading.text, words, last)
        last = match.last if match else last + 1
    portfolio = rules.portfolios.at(reading.text, words, start)
    return max(last, portfolio.last) if portfolio else last
