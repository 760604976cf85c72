"""Proposed mentions weighed against known names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workers.contract.records import EntityType
from workers.enrich.entities.knowledge import KnownName
from workers.enrich.entities.reading import Mention, Reading, Trust
from workers.enrich.entities.words import Match

_ORGANIZATION = EntityType.ORGANIZATION
# A capital acronym this short may be a common word of a headline in capitals.
_SHORT_ACRONYM = 4
_SHORT_WORD = 4


def settle(
    reading: Reading, proposed: Sequence[Mention], known: Mapping[int, Match[KnownName]]
) -> list[Mention]:
    """Mentions in order, none overlapping: equal spans take the known type, longer spans win.

    Of overlapping proposals the first in ``proposed`` counts.
    """
    owner: dict[int, Mention] = {}
    for mention in proposed:
        if not any(index in owner for index in range(mention.first, mention.last)):
            owner.update(dict.fromkeys(range(mention.first, mention.last), mention))
    dropped = _tiled_by_known(reading, owner, known)
    settled: list[Mention] = []
    reached = 0
    for _, found in sorted(known.items()):
        match = _without_article(reading, found)
        others = {owner[index] for index in range(match.first, match.last) if index in owner} - dropped
        if not others and not _stands_alone(reading, match):
            continue
        if any(_is_more(reading, other, match) for other in others):
            continue
        first = _with_nationality(reading, match)
        if first < reached:
            continue
        reached = match.last
        others |= {owner[index] for index in range(first, match.first) if index in owner}
        dropped |= others
        trust = Trust.KNOWN if match.value.certain else Trust.CONTEXT
        start = reading.words[first].start
        end = max([match.end, *(other.end for other in others if other.last == match.last)])
        settled.append(Mention(first, match.last, start, end, match.value.type, trust, match.value))
    settled += [mention for mention in dict.fromkeys(owner.values()) if mention not in dropped]
    settled = [_typed_by_noun(reading, mention) for mention in settled]
    return _typed_by_brackets(reading, sorted(settled, key=lambda mention: mention.first))


def _tiled_by_known(
    reading: Reading, owner: Mapping[int, Mention], known: Mapping[int, Match[KnownName]]
) -> set[Mention]:
    """Proposals that are two known names with a dash or a stroke between them ("Mali-Sénégal")."""
    tiled = set()
    for match in known.values():
        following = known.get(match.last)
        whole = owner.get(match.first)
        if (
            following is not None
            and whole is not None
            and (whole.first, whole.last) == (match.first, following.last)
            and reading.gap(following.first).strip() in ("-", "–", "/")
        ):
            tiled.add(whole)
    return tiled


def _without_article(reading: Reading, match: Match[KnownName]) -> Match[KnownName]:
    """At the head of a sentence an article's capital is the sentence's, when the name does without it."""
    first = match.first
    if (
        match.last - first > 1
        and first in reading.initial
        and reading.words[first].key in reading.rules.articles
        and reading.keys(first + 1, match.last) in reading.rules.known
    ):
        return replace(match, first=first + 1)
    return match


def _is_more(reading: Reading, other: Mention, match: Match[KnownName]) -> bool:
    """Whether a proposal is a longer name around the known one, not just adjectives and labels around it."""
    if not (other.first <= match.first and match.last <= other.last):
        return False
    frame = [*reading.words[other.first : match.first], *reading.words[match.last : other.last]]
    rules = reading.rules
    return not all(
        word.key in rules.place_labels
        or word.key in rules.small_words
        or (rules.is_demonym(word.key) and not (word.text[0].isupper() and match.value.type is _ORGANIZATION))
        for word in frame
    )


def _with_nationality(reading: Reading, match: Match[KnownName]) -> int:
    """Where the name of a body that every country may have begins: "Russian Foreign Ministry"."""
    before = match.first - 1
    if match.value.generic and not reading.rules.adjectives_follow and before >= 0:
        follows = reading.gap(match.first) == " " and reading.is_capital(before)
        if follows and reading.rules.is_demonym(reading.words[before].key):
            return before
    return match.first


def _stands_alone(reading: Reading, match: Match[KnownName]) -> bool:
    """A known name that the recogniser did not see must not be a piece of a longer one."""
    word = reading.words[match.first].text
    if reading.headline[match.first] and match.last - match.first == 1 and word.isupper():
        return match.value.type is not _ORGANIZATION or len(word) >= _SHORT_ACRONYM
    # Without capitals a short word may be a name's and yet none: "مالی" is Mali and "financial".
    if match.last - match.first == 1 and len(word) <= _SHORT_WORD and word.lower() == word.upper():
        return False
    if match.value.certain:
        return True
    before, after = match.first - 1, match.last
    if (
        before >= 0
        and before not in reading.initial
        and reading.gap(match.first) == " "
        and reading.goes_on(before)
    ):
        return False
    return not (after < len(reading.words) and reading.gap(after) == " " and reading.goes_on(after))


def _typed_by_noun(reading: Reading, mention: Mention) -> Mention:
    """A name that begins or ends with a noun of organisations ("Conseil …", "… Council") is one."""
    if mention.known or mention.last - mention.first < 2:
        return mention
    first, last = reading.words[mention.first].key, reading.words[mention.last - 1].key
    rules = reading.rules
    if (
        first in rules.organisation_heads
        or first in rules.organisation_nouns
        or last in rules.organisation_nouns
    ):
        return replace(mention, type=_ORGANIZATION, trust=Trust.CONTEXT)
    return mention


def _typed_by_brackets(reading: Reading, mentions: Sequence[Mention]) -> list[Mention]:
    """A short form in brackets behind a body's name is that body's: "Police nationale d'Haïti (PNH)"."""
    by_first = {mention.first: mention for mention in mentions}
    for mention in mentions:
        if mention.type is not _ORGANIZATION or mention.last >= len(reading.words):
            continue
        word = reading.words[mention.last]
        if reading.text[mention.end : word.start] != " (" or reading.text[word.end : word.end + 1] != ")":
            continue
        following = by_first.get(mention.last)
        if following is None and any(char.isupper() for char in word.text):
            new = reading.mention(mention.last, mention.last + 1, _ORGANIZATION, Trust.CONTEXT)
            by_first[mention.last] = new
        elif following is not None and following.known is None:
            by_first[mention.last] = replace(following, type=_ORGANIZATION, trust=Trust.CONTEXT)
    return [by_first[first] for first in sorted(by_first)]
