"""One article, one reading of each name: types agreed over the whole article, repeats found everywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from workers.contract.records import EntityType
from workers.enrich.entities.knowledge import LanguageRules
from workers.enrich.entities.reading import Mention, Reading, Trust
from workers.enrich.entities.words import HYPHENS, Keys, NameIndex

_PERSON, _LOCATION = EntityType.PERSON, EntityType.LOCATION
_MIN_REPEAT_CHARS = 3
_MAX_HYPHENS = 4
_PLACE_VOTE = 3
# Above what any number of other votes in one article adds up to.
_CERTAIN_VOTE = 1_000_000


def harmonise(readings: Sequence[Reading], rules: LanguageRules) -> None:
    """Give all mentions of a name one type, then add the places where the recogniser missed a name it knows.

    A name's type is what most speaks for over the article (a title before it, a list, the model); a surname
    alone follows the full name.
    """
    votes = _count_votes(readings, rules)
    types = {keys: _winner(tally) for keys, tally in votes.items()}
    surnames = _surnames(types, votes, rules)
    types |= dict.fromkeys(surnames, _PERSON)
    for reading in readings:
        untitled = [_untitled(reading, mention, types) for mention in reading.mentions]
        reading.mentions = [_retyped(reading, mention, types) for mention in untitled]
    index = _repeatable(readings, types, rules)
    for reading in readings:
        _add_repeats(reading, index)


def surname_of(keys: Keys, rules: LanguageRules) -> Keys:
    """The family name in a full name: its last word with the particles before it."""
    start = len(keys) - 1
    while start > 1 and keys[start - 1] in rules.particles:
        start -= 1
    return keys[start:]


def is_full_name(reading: Reading, mention: Mention) -> bool:
    """Whether a person is named with more than the family name ("Al-Araji" is one)."""
    size = mention.last - mention.first
    if size < 2:
        return False
    hyphened = reading.gap(mention.first + 1) in HYPHENS
    return size > 2 or not (hyphened and reading.words[mention.first].key in reading.rules.particles)


def _winner(tally: Mapping[EntityType, int]) -> EntityType:
    return max(tally, key=lambda kind: (tally[kind], kind is _PERSON))


def _count_votes(readings: Sequence[Reading], rules: LanguageRules) -> dict[Keys, dict[EntityType, int]]:
    votes: dict[Keys, dict[EntityType, int]] = defaultdict(lambda: defaultdict(int))
    for reading in readings:
        for mention in reading.mentions:
            tally = votes[reading.keys(mention.first, mention.last)]
            tally[mention.type] += _CERTAIN_VOTE if _is_certain(mention) else mention.trust
            before = mention.first - 1
            if before < 0 or mention.trust > Trust.MODEL or reading.gap(mention.first) != " ":
                continue
            if reading.words[before].key in rules.place_prepositions:
                tally[_LOCATION] += _PLACE_VOTE
    return votes


def _is_certain(mention: Mention) -> bool:
    return mention.known is not None and mention.known.certain


def _surnames(
    types: Mapping[Keys, EntityType], votes: Mapping[Keys, Mapping[EntityType, int]], rules: LanguageRules
) -> set[Keys]:
    """Family names of the people named in full; a name that certainly means something else stays that."""
    found: set[Keys] = set()
    for keys, kind in types.items():
        if kind is not _PERSON or len(keys) < 2:
            continue
        surname = surname_of(keys, rules)
        for part in (surname, surname[-1:], keys[1:]):
            known = rules.known.get(part)
            rival = max(
                (votes[part][other] for other in votes.get(part, ()) if other is not _PERSON), default=0
            )
            if (known is None or not known.certain) and rival < _CERTAIN_VOTE and len(part[-1]) > 1:
                found.add(part)
    return found


def _untitled(reading: Reading, mention: Mention, types: Mapping[Keys, EntityType]) -> Mention:
    """A title with a name of the article's people behind it is that person, not a body."""
    first = reading.role_end(mention.first)
    if mention.type is _PERSON or not mention.first < first < mention.last:
        return mention
    if types.get(reading.keys(first, mention.last)) is not _PERSON:
        return mention
    return reading.mention(first, mention.last, _PERSON, Trust.CONTEXT)


def _retyped(reading: Reading, mention: Mention, types: Mapping[Keys, EntityType]) -> Mention:
    kind = types[reading.keys(mention.first, mention.last)]
    if kind is mention.type or mention.addressed:
        return mention
    return replace(mention, type=kind, known=None, trust=Trust.CONTEXT)


def _repeatable(
    readings: Sequence[Reading], types: Mapping[Keys, EntityType], rules: LanguageRules
) -> NameIndex[EntityType]:
    """The article's names, and the surnames of its people, as they are spelled."""
    names: dict[str, EntityType] = {}
    for reading in readings:
        for mention in reading.mentions:
            names[reading.text[mention.start : mention.end]] = mention.type
            keys = reading.keys(mention.first, mention.last)
            if mention.type is not _PERSON or len(keys) < 2:
                continue
            for size in {len(surname_of(keys, rules)), 1, len(keys) - 1}:
                if types.get(keys[-size:]) is _PERSON:
                    start = reading.words[mention.last - size].start
                    names.setdefault(reading.text[start : mention.end], _PERSON)
    return NameIndex(
        (name, kind)
        for name, kind in names.items()
        if " " in name or (len(name) >= _MIN_REPEAT_CHARS and name[0].isupper())
    )


def _add_repeats(reading: Reading, index: NameIndex[EntityType]) -> None:
    covered = reading.covered()
    added = []
    for match in index.find(reading.text, reading.words):
        if any(covered[match.first : match.last]) or not _is_name_here(
            reading, match.first, match.last, covered
        ):
            continue
        first = _whole_name(reading, match.first) if match.value is _PERSON else match.first
        if any(covered[first : match.first]):
            first = match.first
        covered[first : match.last] = b"\x01" * (match.last - first)
        added.append(reading.mention(first, match.last, match.value, Trust.GUESS))
    reading.add(added)


def _whole_name(reading: Reading, first: int) -> int:
    """Where a repeated surname's name begins: with a particle or a given name before it."""
    rules = reading.rules
    for _ in range(_MAX_HYPHENS):
        before = first - 1
        if before < 0 or reading.gap(first) not in HYPHENS:
            break
        if reading.words[before].key not in rules.particles and not reading.is_capital(before):
            break
        first = before
    return first


def _is_name_here(reading: Reading, first: int, last: int, covered: bytearray) -> bool:
    """Whether a repeat is a name of its own: with its capital, and not one word of a longer unknown name."""
    if last - first > 1:
        return any(map(reading.is_capital, range(first, last)))
    if not reading.is_capital(first):
        return False
    words, rules = reading.words, reading.rules
    follows = last < len(words) and reading.gap(last) == " " and reading.is_capital(last)
    if follows and rules.is_demonym(words[last].key):
        return False
    if first in reading.initial:
        return not reading.stops[first]
    before = first - 1
    if before < 0 or reading.gap(first) not in (" ", "-") or not reading.is_capital(before):
        return True
    if before in reading.initial or reading.headline[first] or covered[before]:
        return True
    return rules.is_demonym(words[before].key) or reading.is_title(before)
