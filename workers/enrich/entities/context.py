"""Mentions that the words around them give away: people behind a title, the place of a dateline."""

from __future__ import annotations

from dataclasses import replace

from workers.contract.records import EntityType
from workers.enrich.entities.reading import SPACES, Mention, Reading, Trust

_PERSON = EntityType.PERSON
_AFTER_TITLE = (*SPACES, ". ", ".\u00a0", ".")
_DATELINE_LINES = 3
_DATELINE_WORDS = 4
_DATELINE_CHARS = 60
_DATE_CHARS = 25
_DASHES = ("-", "–", "—", "/", "(", ",")


def add_titled_people(reading: Reading) -> None:
    """Whom a form of address stands before is a person, whatever the network saw there."""
    owners = reading.owners()
    changed: dict[Mention, Mention] = {}
    added: list[Mention] = []
    index = 0
    while index < len(reading.words):
        first = reading.honorific_end(index)
        if not first:
            index += 1
            continue
        index = first
        if not _may_begin_name(reading, first):
            continue
        current = owners.get(first)
        if current is None:
            person = _person_at(reading, first)
            if person is not None and not any(i in owners for i in range(first, person.last)):
                added.append(person)
        elif current.first == first:
            namesake = current.type is EntityType.LOCATION and current.trust > Trust.CONTEXT
            if current.trust <= Trust.CONTEXT or namesake:
                changed[current] = replace(
                    current, type=_PERSON, trust=Trust.CONTEXT, known=None, addressed=namesake
                )
    reading.mentions = [changed.get(mention, mention) for mention in reading.mentions]
    reading.add(added)


def _may_begin_name(reading: Reading, first: int) -> bool:
    return first < len(reading.words) and reading.gap(first) in _AFTER_TITLE and not reading.is_title(first)


def _person_at(reading: Reading, first: int) -> Mention | None:
    last = reading.name_run(first, titled=True)
    if last == first or reading.words[last - 1].key in reading.rules.organisation_nouns:
        return None
    return reading.mention(first, last, _PERSON, Trust.CONTEXT)


def add_datelines(reading: Reading) -> None:
    """The place that opens an agency's report: "GAFSA, 22 nov. (TAP) -", "OTTAWA —"."""
    covered = reading.covered()
    words = reading.words
    added: list[Mention] = []
    index = 0
    for _ in range(_DATELINE_LINES):
        last = index
        while last < len(words) and last - index < _DATELINE_WORDS and reading.is_capital(last):
            if last > index and reading.gap(last) not in (" ", "-"):
                break
            last += 1
        if last > index and not any(covered[index:last]) and _opens_report(reading, last):
            added.append(reading.mention(index, last, EntityType.LOCATION, Trust.CONTEXT))
        index = max(last, index + 1)
        while index < len(words) and "\n" not in reading.gap(index):
            index += 1
        if index >= len(words):
            break
    reading.add(added)


def _opens_report(reading: Reading, last: int) -> bool:
    word = reading.words[last - 1]
    tail = reading.text[word.end : word.end + _DATELINE_CHARS].partition("\n")[0]
    if word.text.isupper() and len(word.text) > 3:
        return tail.lstrip().startswith(_DASHES)
    date = tail.partition("(")[0]
    has_date = len(date) < _DATE_CHARS and any(char.isdigit() for char in date)
    return tail.startswith(", ") and "(" in tail and has_date
