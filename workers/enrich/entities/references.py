"""Places where an article means a person by the office alone: "le commandant en chef du CGRI".

What the article says of each person's office is taken apart: its head, which the list of roles knows
("commandant en chef"), the words and names that complete it (CGRI), the words before it, and the country.
Every other phrase of the text that has such a head is then held against the offices of the article's people.
It means the one person whom it fits; where it fits two it means nobody. Mentions of one entity are
interchangeable ("CGRI", "Corps des gardiens de la révolution islamique"), a nationality must be the person's,
a word that the office does not have speaks against it.

A phrase that says the whole of an office counts anywhere behind the person's first mention, one that says
less ("the minister") only near a mention. Languages with an article need the definite one; in those without,
nothing less than the whole office, of more than one word, will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from workers.contract.records import Entity, EntityType, FieldName, Span
from workers.enrich.entities.knowledge import LanguageRules
from workers.enrich.entities.reading import Reading
from workers.enrich.entities.reference_words import ReferenceWords
from workers.enrich.entities.words import HYPHENS, Keys, Word, split_words

_PERSON, _LOCATION = EntityType.PERSON, EntityType.LOCATION
_APOSTROPHES = frozenset({"'", "’"})
_SPACES = frozenset({" ", "\u00a0", "\u202f", "\u200c", ""})
_INSIDE = _SPACES | HYPHENS | _APOSTROPHES
_COMMAS = frozenset({", ", "، ", "，"})
# What may stand between an office and the name of its holder, in either order.
_BESIDE = _SPACES | _COMMAS | {". "}
_MAX_BEFORE = 4
_MAX_AFTER = 18
_MAX_DEMONYM_WORDS = 3
_MAX_NAME_WORDS = 14
_MIN_STEM = 4
# From how many words on a head says enough by itself in a language without articles ("وزیر امور خارجه").
_MIN_HEAD = 3
# How many words behind the last mention of a person less than the whole office may mean the person.
_NEAR_WORDS = 150
# How many offices a person has, and how many offices of one first or last word are compared with a phrase; no
# true article comes near them.
_MAX_OFFICES = 8
_MAX_COMPARED = 30


# A mention: field, first and last character.
_Place = tuple[FieldName, int, int]


@dataclass(frozen=True, slots=True)
class _Name:
    """A mention among words: ``atom`` stands for its entity, ``country`` is set for a country's name."""

    first: int
    last: int
    atom: str
    country: str | None
    is_person: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """Words to take apart, of a field or of one role, and the names among them by first and last word."""

    text: str
    words: Sequence[Word]
    initial: AbstractSet[int]
    starting: Mapping[int, _Name]
    ending: Mapping[int, _Name]

    def gap(self, index: int) -> str:
        return self.text[self.words[index - 1].end if index else 0 : self.words[index].start]


@dataclass(frozen=True, slots=True)
class _Office:
    """An office of a person: ``before`` and ``after`` are words and names around its ``head``."""

    head: Keys
    before: Keys
    after: Keys
    country: str | None


@dataclass(frozen=True, slots=True)
class _Before:
    """What stands before the head of a phrase: where the phrase begins, its words, country and article.

    ``outer`` is where the article or possessor before it begins; ``determined`` if there is one, or if the
    language has none, ``definite`` if the phrase means one certain person.
    """

    first: int
    outer: int
    atoms: Keys
    country: str | None
    determined: bool
    definite: bool


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a phrase fits an office: words ``first`` up to ``last``.

    ``whole`` if it says all of the office, ``named`` if it says the country.
    """

    first: int
    last: int
    whole: bool
    named: bool


@dataclass(slots=True)
class _Person:
    """``seen`` is the word of the last mention or reference, ``rival`` whether another holder came since."""

    entity: Entity
    offices: list[_Office] = field(default_factory=list)
    seen: int | None = None
    rival: bool = False

    def see(self, place: int) -> None:
        self.seen, self.rival = place, False

    def add(self, office: _Office | None, finder: _Finder) -> None:
        if office is None:
            return
        for form in finder.forms(office):
            if form not in self.offices and len(self.offices) < _MAX_OFFICES:
                self.offices.append(form)


def role_references(
    readings: Sequence[Reading],
    entities: Sequence[Entity],
    rules: LanguageRules,
    words: ReferenceWords,
) -> dict[str, tuple[Span, ...]]:
    """Where the article means a person by the office alone: entity id to places, in reading order.

    ``readings`` are the fields as ``join`` got them, title first, ``entities`` what it made of them. A place
    is the phrase without its article; it stands behind the person's first mention and overlaps no mention but
    those of the bodies and countries in it. People who are never so meant are not in the result. The time is
    linear in the length of the article.
    """
    people = {entity.id: _Person(entity) for entity in entities if entity.type is _PERSON}
    if not people:
        return {}
    finder = _Finder(rules, words)
    owners = {(span.field, span.start, span.end): entity for entity in entities for span in entity.mentions}
    lines = [_line(reading, owners, rules) for reading in readings]
    _read_offices(readings, lines, people, owners, finder)
    compared = _by_word(people)
    found: dict[str, list[Span]] = {}
    passed = 0
    for reading, line in zip(readings, lines, strict=True):
        for person, fit in _references(line, passed, people, compared, finder):
            found.setdefault(person.entity.id, []).append(_span(reading, fit))
        passed += len(line.words)
    return {identity: tuple(spans) for identity, spans in found.items()}


def _span(reading: Reading, fit: _Fit) -> Span:
    text = reading.parse.field
    start, end = reading.words[fit.first].start, reading.words[fit.last - 1].end
    return Span(text.name, start, end, text.original[start:end])


def _line(reading: Reading, owners: Mapping[_Place, Entity], rules: LanguageRules) -> _Line:
    names = []
    for mention in reading.mentions:
        entity = owners.get((reading.parse.field.name, mention.start, mention.end))
        if entity is not None:
            names.append(_name(mention.first, mention.last, entity, rules))
    return _Line(
        reading.text,
        reading.words,
        reading.initial,
        {name.first: name for name in names},
        {name.last: name for name in names},
    )


def _name(first: int, last: int, entity: Entity, rules: LanguageRules) -> _Name:
    country = None
    if entity.type is _LOCATION and entity.country and rules.countries.find(entity.name) == entity.country:
        country = entity.country
    return _Name(first, last, f"#{entity.id}", country, entity.type is _PERSON)


def _read_offices(
    readings: Sequence[Reading],
    lines: Sequence[_Line],
    people: Mapping[str, _Person],
    entities: Mapping[_Place, Entity],
    finder: _Finder,
) -> None:
    """Give each person the offices that the article names beside a mention."""
    names: dict[Keys, Entity] = {}
    for reading in readings:
        for mention in reading.mentions:
            entity = entities.get((reading.parse.field.name, mention.start, mention.end))
            if entity is not None and entity.id not in people:
                names.setdefault(reading.keys(mention.first, mention.last), entity)
    for person in people.values():
        for piece in (person.entity.role or "").split(", "):
            person.add(finder.office_of(piece, names), finder)
    for line in lines:
        for first, last in _heads(line, finder):
            for name, office in finder.offices_beside(line, first, last):
                if name.atom[1:] in people:
                    people[name.atom[1:]].add(office, finder)


def _heads(line: _Line, finder: _Finder) -> Iterator[tuple[int, int]]:
    """The heads of offices outside the names of the line, left to right."""
    index = 0
    while index < len(line.words):
        name = line.starting.get(index)
        last = name.last if name is not None else finder.head_end(line, index)
        if last and name is None:
            yield index, last
        index = last or index + 1


def _by_word(people: Mapping[str, _Person]) -> dict[str, list[tuple[_Person, _Office]]]:
    """The offices by the beginnings of their heads' first and last words."""
    found: dict[str, list[tuple[_Person, _Office]]] = {}
    for person in people.values():
        for office in person.offices:
            for stem in {office.head[0][:_MIN_STEM], office.head[-1][:_MIN_STEM]}:
                found.setdefault(stem, []).append((person, office))
    return found


def _references(
    line: _Line,
    passed: int,
    people: Mapping[str, _Person],
    compared: Mapping[str, Sequence[tuple[_Person, _Office]]],
    finder: _Finder,
) -> Iterator[tuple[_Person, _Fit]]:
    """The places of one field, left to right; ``passed`` is how many words the fields before it have."""
    index = taken = 0
    while index < len(line.words):
        name = line.starting.get(index)
        if name is not None:
            person = people.get(name.atom[1:])
            if person is not None:
                person.see(passed + index)
            index = name.last
            continue
        last = finder.head_end(line, index)
        if last:
            stem = finder.bare(line.words[index].key)[:_MIN_STEM]
            meant = _meant(line, index, last, passed, compared.get(stem, ()), finder)
            if meant is not None and meant[1].first >= taken:
                meant[0].see(passed + index)
                yield meant
                last = taken = meant[1].last
        index = last or index + 1


def _meant(
    line: _Line,
    first: int,
    last: int,
    passed: int,
    compared: Sequence[tuple[_Person, _Office]],
    finder: _Finder,
) -> tuple[_Person, _Fit] | None:
    """The one person whom the phrase around the head of these words fits."""
    if not compared or len(compared) > _MAX_COMPARED:
        return None
    before = finder.before(line, first)
    fits: dict[str, tuple[_Person, _Fit]] = {}
    for person, office in compared:
        fit = finder.fit(line, first, last, before, office, person.entity.country)
        known = fits.get(person.entity.id)
        if fit is not None and (known is None or (fit.whole, fit.last) > (known[1].whole, known[1].last)):
            fits[person.entity.id] = (person, fit)
    whole = [found for found in fits.values() if found[1].whole]
    candidates = whole or list(fits.values())
    if len(candidates) == 1:
        person, fit = candidates[0]
        if person.seen is None or _is_beside_name(line, before.outer, fit.last, finder):
            return None
        near = passed + first - person.seen <= _NEAR_WORDS
        if fit.whole or (near and (fit.named or not person.rival)):
            return person, fit
    for person, _ in compared:
        # "The minister" may from here on mean whom this phrase means.
        person.rival = person.rival or (before.determined and person.entity.id not in fits)
    return None


def _is_beside_name(line: _Line, first: int, last: int, finder: _Finder) -> bool:
    """Whether the phrase is the title or the apposition of a name beside it."""
    left = line.ending.get(first)
    if left is not None and left.is_person and line.gap(first) in _SPACES | _COMMAS:
        return True
    return finder.name_behind(line, last) is not None


@dataclass(frozen=True, slots=True)
class _Finder:
    """The rules of one language, applied to phrases."""

    rules: LanguageRules
    words: ReferenceWords

    def bare(self, key: str) -> str:
        """The word without the article written onto it."""
        prefix = self.words.article_prefix
        return key[len(prefix) :] if prefix and key.startswith(prefix) and len(key) > len(prefix) + 1 else key

    def alike(self, have: str, want: str) -> bool:
        """Whether two words are one word, in whichever case of the singular."""
        if have == want:
            return True
        if self.words.article_prefix:
            return self.bare(have) == self.bare(want)
        size = 0
        while size < min(len(have), len(want)) and have[size] == want[size]:
            size += 1
        if size < _MIN_STEM or not self._is_ending(have[size:]) or not self._is_ending(want[size:]):
            return False
        return have[size:] not in self.words.plural_endings or not self._is_role(have[:size])

    def _is_ending(self, tail: str) -> bool:
        return not tail or tail in self.words.endings

    def _is_role(self, word: str) -> bool:
        return self.rules.roles.at(word, split_words(word), 0) is not None

    def head_end(self, line: _Line, index: int) -> int:
        """Where the head that begins at the word ends, before any name; 0 when none does."""
        match = self.rules.roles.at(line.text, line.words, index)
        following = tuple(word.key for word in line.words[index : index + 2])
        if match is None or following in self.rules.no_offices:
            return 0
        return next((last for last in range(index + 1, match.last) if last in line.starting), match.last)

    def is_title_word(self, line: _Line, index: int) -> bool:
        """Whether the word may stand between an office and the name of its holder."""
        key = line.words[index].key
        if key in self.rules.articles or key in self.rules.role_prefixes or self.rules.is_demonym(key):
            return True
        return any(
            names.at(line.text, line.words, index) is not None
            for names in (self.rules.roles, self.rules.honorifics)
        )

    def office_of(self, text: str, names: Mapping[Keys, Entity]) -> _Office | None:
        """A role taken apart; ``names`` are the article's names of bodies and places."""
        words = split_words(text)
        found = _known_names(words, names, self.rules)
        line = _Line(text, words, frozenset(), found, {name.last: name for name in found.values()})
        head = next(_heads(line, self), None)
        if head is None or self._is_small(line, len(words) - 1):
            return None
        return self._office(line, 0, *head, len(words))

    def _office(self, line: _Line, start: int, first: int, last: int, end: int) -> _Office:
        """The office of words ``start`` up to ``end`` with its head in words ``first`` up to ``last``."""
        before, here = self._atoms(line, start, first)
        after, there = self._atoms(line, last, end)
        head = tuple(self.bare(word.key) for word in line.words[first:last])
        return _Office(head, before, after, here or there)

    def forms(self, office: _Office) -> Iterator[_Office]:
        """The office as it may be worded: "Hezbollah leader" is "leader of Hezbollah" too."""
        yield office
        if self.rules.adjectives_follow or not self.words.articles:
            return
        names = tuple(atom for atom in office.before if atom.startswith("#"))
        if len(office.after) == 1 and office.after[0].startswith("#") and not names:
            yield _Office(office.head, office.after + office.before, (), office.country)
        if len(names) == 1 and not office.after:
            before = tuple(atom for atom in office.before if atom not in names)
            yield _Office(office.head, before, names, office.country)

    def offices_beside(self, line: _Line, first: int, last: int) -> Iterator[tuple[_Name, _Office]]:
        """The people whose title or apposition the phrase around a head is, with that office."""
        before = self.before(line, first)
        end = self._known_end(line, last)
        office = self._office(line, before.first, first, last, end)
        if not before.definite:
            office = replace(office, before=self._known_before(office.before))
        after = self.name_behind(line, end)
        if after is not None:
            yield after, office
        name = line.ending.get(before.outer)
        if name is None or not name.is_person:
            return
        one_of_many = before.outer < before.first and not before.definite and self.words.articles
        gap = line.gap(before.outer)
        loose = not (self.words.has_article or self.rules.names_have_capitals) and gap in _SPACES
        if not one_of_many and (gap in _COMMAS or loose):
            yield name, office

    def _known_before(self, atoms: Keys) -> Keys:
        """The last of the words before a head, as far as they are known to belong to it."""
        start = len(atoms)
        known = self.rules.role_prefixes | self.rules.portfolio_words
        while start and (atoms[start - 1].startswith("#") or atoms[start - 1] in known):
            start -= 1
        return atoms[start:]

    def name_behind(self, line: _Line, index: int) -> _Name | None:
        """The person's name that stands behind an office, with nothing but other titles between them."""
        for place in range(index, min(len(line.words), index + _MAX_BEFORE)):
            if line.gap(place) not in _BESIDE or (line.gap(place) == ". " and place in line.initial):
                return None
            name = line.starting.get(place)
            if name is not None:
                return name if name.is_person else None
            if not self.is_title_word(line, place):
                return None
        return None

    def _known_end(self, line: _Line, index: int) -> int:
        """Where the complement of an office ends, as far as its words are known to belong to it."""
        end, linked = index, False
        stop = min(len(line.words), index + _MAX_AFTER)
        while index < stop and line.gap(index) in _INSIDE:
            name = line.starting.get(index)
            nationality = self.nationality(line, index)
            if name is not None:
                if name.is_person:
                    break
                index = end = name.last
                linked = False
            elif nationality is not None:
                index = end = nationality[1]
                linked = False
            elif self._is_small(line, index):
                linked = linked or self._links(line.words[index].key)
                index += 1
            elif linked or self._is_complement(line, index):
                index = end = index + 1
                linked = False
            else:
                break
        return end

    def _is_complement(self, line: _Line, index: int) -> bool:
        """Whether a word that no link leads to still belongs to the office before it."""
        word = line.words[index]
        if self.head_end(line, index):
            return False
        if word.key in self.rules.portfolio_words:
            return True
        return bool(self.words.article_prefix) and word.key.startswith(self.words.article_prefix)

    def _atoms(self, line: _Line, first: int, last: int) -> tuple[Keys, str | None]:
        """The words and names that tell something, and the country among them."""
        atoms: list[str] = []
        country = None
        index = first
        while index < last:
            name = line.starting.get(index)
            nationality = self.nationality(line, index)
            if name is not None:
                country = country or name.country
                atoms += [] if name.country else [name.atom]
                index = name.last
            elif nationality is not None and nationality[1] <= last:
                country = country or nationality[0]
                index = nationality[1]
            else:
                if not self._is_small(line, index):
                    atoms.append(line.words[index].key)
                index += 1
        return tuple(atoms), country

    def nationality(self, line: _Line, index: int) -> tuple[str, int] | None:
        """The country of the adjective of nationality that begins at the word, and where it ends."""
        match = self.rules.demonym_names.at(line.text, line.words, index)
        if match is None or (match.last < len(line.words) and line.gap(match.last) in HYPHENS):
            return None
        return match.value, match.last

    def _is_small(self, line: _Line, index: int) -> bool:
        key = line.words[index].key
        return (
            key in self.rules.articles
            or key in self.rules.name_links
            or key in self.rules.complement_links
            or key in self.rules.noun_links
            or key in self.words.links
            or (key == "s" and index > 0 and line.gap(index) in _APOSTROPHES)
        )

    def _links(self, key: str) -> bool:
        """Whether what stands behind the word is of whom or of what the office is."""
        if self.words.links:
            return key in self.words.links
        return key in self.rules.complement_links

    def before(self, line: _Line, head: int) -> _Before:
        """What stands before a head, back to its article or possessor."""
        atoms: list[str] = []
        country, first, index = None, head, head
        for _ in range(_MAX_BEFORE):
            if not index or index in line.initial or line.gap(index) not in _INSIDE:
                break
            key = line.words[index - 1].key
            name = line.ending.get(index)
            nationality = self._nationality_before(line, index)
            if key == "s" and index > 1 and line.gap(index - 1) in _APOSTROPHES:
                return self._possessed(line, first, index, atoms, country)
            if key in self.rules.articles or key in self.words.articles:
                definite = self._is_definite(line, index - 1, line.words[head].key)
                return _Before(
                    first, index - 1, tuple(atoms), country, definite or not self._links(key), definite
                )
            if name is not None:
                if name.is_person or self.rules.adjectives_follow:
                    break
                index = name.first
                if name.country:
                    country = country or name.country
                else:
                    atoms.insert(0, name.atom)
                    first = index
            elif nationality is not None:
                country = country or nationality[0]
                index = first = nationality[1]
            elif self.words.articles or key in self.rules.role_prefixes or not self.rules.adjectives_follow:
                atoms.insert(0, key)
                index -= 1
                first = index if self.words.articles else first
            else:
                break
        definite = line.words[head].key != self.bare(line.words[head].key)
        return _Before(first, index, tuple(atoms), country, not self.words.articles, definite)

    def _possessed(
        self, line: _Line, first: int, index: int, atoms: Sequence[str], country: str | None
    ) -> _Before:
        """A phrase behind a possessor: "Iran's foreign minister"."""
        name = line.ending.get(index - 1) or line.ending.get(index)
        if name is None or name.is_person:
            return _Before(first, index - 1, tuple(atoms), country, True, False)
        if name.country:
            return _Before(first, name.first, tuple(atoms), country or name.country, True, True)
        return _Before(first, name.first, (name.atom, *atoms), country, True, True)

    def _nationality_before(self, line: _Line, end: int) -> tuple[str, int] | None:
        for first in range(max(0, end - _MAX_DEMONYM_WORDS), end):
            match = self.nationality(line, first)
            if match is not None and match[1] == end:
                return match[0], first
        return None

    def _is_definite(self, line: _Line, index: int, head: str) -> bool:
        """Whether the article at the word makes the phrase mean one certain person."""
        key = line.words[index].key
        if key not in self.words.articles:
            return False
        if head.endswith(self.words.one_endings):
            return True
        if key in self.words.plural:
            return False
        after_noun = index not in line.initial and index > 0 and line.words[index - 1].text[0].isupper()
        return not (key in self.words.plural_after_noun and after_noun)

    def fit(
        self, line: _Line, first: int, last: int, before: _Before, office: _Office, country: str | None
    ) -> _Fit | None:
        """How the phrase around the head of words ``first`` up to ``last`` fits an office, if it does.

        ``country`` is the person's.
        """
        keys = tuple(word.key for word in line.words[first:last])
        shortened = not self._same(keys, office.head)
        if shortened and not self._shortens(keys, office):
            return None
        own = office.country or country
        after = self._after(line, last, office)
        if after is None:
            return None
        end, said, abroad = after
        named = before.country or abroad
        if named is not None and named != own:
            return None
        if before.country and abroad and before.country != abroad:
            return None
        left = self._left(line, before, office)
        if left is None:
            return None
        complete = not shortened and said == len(office.after) and left.complete
        around = said + len(left.atoms) + (named is not None)
        if self.words.has_article:
            if not (left.definite or self._is_construct(line, first, last, end)):
                return None
            if not around and self._says_too_little(keys, complete=complete):
                return None
            whole = complete and (around > 0 or len(keys) > 1)
        else:
            if not complete or not (around or self._says_enough(keys)):
                return None
            whole = around > 0 and (office.country is None or named is not None)
        return _Fit(left.first, end, whole, named is not None)

    def _says_too_little(self, head: Keys, *, complete: bool) -> bool:
        """Whether a head without more may mean something else, or somebody else: the head of state."""
        if len(head) > 1:
            return False
        key = self.bare(head[0])
        return key in self.words.ambiguous or (not complete and key in self.words.state)

    def _says_enough(self, head: Keys) -> bool:
        """Whether a head without more is an office of one certain person: "وزیر امور خارجه"."""
        if any(len(key) == 1 for key in head):
            # A character of a script without spaces is no word.
            return False
        named = any(key in self.rules.portfolio_words for key in head)
        return len(head) >= (_MIN_HEAD - 1 if named else _MIN_HEAD)

    def _left(self, line: _Line, before: _Before, office: _Office) -> _Left | None:
        """How what stands before the head fits what stands before the office's."""
        have, want = before.atoms, office.before
        if self.words.articles:
            if set(have) == set(want):
                return _Left(before.first, have, True, before.definite)
            names = {atom for atom in want if atom.startswith("#")}
            # "the commander" after "the Hezbollah commander".
            if set(have) == set(want) - names or set(have) == set(want) - self.rules.portfolio_words:
                return _Left(before.first, have, False, before.definite)
            return None
        rest = have[: len(have) - len(want)]
        if want and not (
            len(have) >= len(want)
            and all(self.alike(*pair) for pair in zip(have[len(rest) :], want, strict=True))
        ):
            return None
        if rest and (rest[-1] in self.rules.role_prefixes or rest[-1] in self.words.posts):
            return None
        if self._is_post(line, before):
            return None
        first = before.first
        if want:
            first = self._first_of(line, before, len(rest))
        return _Left(first, want, True, before.definite)

    def _first_of(self, line: _Line, before: _Before, skipped: int) -> int:
        """Where the phrase begins when the first words that were read before it are not its own."""
        index = before.outer
        while skipped:
            name = line.starting.get(index)
            index = name.last if name is not None else index + 1
            skipped -= 1
        name = line.starting.get(index)
        return name.last if name is not None and name.country else index

    def _is_post(self, line: _Line, before: _Before) -> bool:
        """Whether the words before make it the office itself: "the post of minister"."""
        index = before.first
        return index > 0 and line.words[index - 1].key in self.words.posts

    def _same(self, have: Keys, want: Keys) -> bool:
        return len(have) == len(want) and all(self.alike(*pair) for pair in zip(have, want, strict=True))

    def _shortens(self, have: Keys, office: _Office) -> bool:
        """Whether the head is a shorter form of the office's: "the minister", "le commandant" (en chef).

        What is left out must not be what makes the office another one ("vice", "adjoint", "général").
        """
        size, want = len(have), office.head
        if size >= len(want) or not self.words.has_article:
            return False
        if self._same(have, want[:size]):
            return not self._is_role(want[size]) and want[size] not in self.rules.role_prefixes
        left_out = want[:-size]
        return self._same(have, want[-size:]) and all(key in self.rules.portfolio_words for key in left_out)

    def _is_construct(self, line: _Line, first: int, last: int, end: int) -> bool:
        """Whether the last word of the phrase, a definite one or a name, makes the head definite."""
        if not self.words.article_prefix or end <= first + 1:
            return False
        key = line.words[end - 1].key
        return key != self.bare(key) or (end > last and end in line.ending)

    def _after(self, line: _Line, index: int, office: _Office) -> tuple[int, int, str | None] | None:
        """Read on behind the head: where the phrase ends, how much of the office it says, the country.

        None when it says something that the office does not have.
        """
        said, end = 0, index
        country, linked = None, False
        stop = min(len(line.words), index + _MAX_AFTER)
        while index < stop and index - end <= _MAX_BEFORE and line.gap(index) in _INSIDE:
            direct = index == end
            name = line.starting.get(index)
            nationality = None if name is not None else self.nationality(line, index)
            if name is None and nationality is None and self._is_small(line, index):
                linked = linked or self._links(line.words[index].key)
                index += 1
                continue
            wanted = office.after[said] if said < len(office.after) else None
            key = name.atom if name is not None else line.words[index].key
            place = name.country if name is not None else nationality[0] if nationality else None
            if place is not None:
                if not (linked or direct):
                    break
                if country is not None and country != place:
                    return None
                country = place
                index = name.last if name is not None else nationality[1] if nationality else index + 1
            elif wanted is not None and self.alike(key, wanted):
                said += 1
                index = name.last if name is not None else index + 1
            elif self._is_foreign(line, index, name, linked=linked, direct=direct):
                return None
            else:
                break
            end = index
            linked = False
        return end, said, country

    def _is_foreign(self, line: _Line, index: int, name: _Name | None, *, linked: bool, direct: bool) -> bool:
        """Whether a word or name behind an office belongs to it, so that it is another office."""
        if name is not None:
            return linked or direct
        if linked:
            return True
        if not direct:
            return False
        word = line.words[index]
        if line.gap(index) in HYPHENS or (word.key,) in self.rules.not_names:
            return line.gap(index) in HYPHENS
        if self.rules.names_have_capitals and word.text[0].isupper():
            return True
        if word.key in self.rules.role_prefixes:
            return True
        if self.rules.roles.at(line.text, line.words, index) is not None:
            return self.words.has_article
        return word.key in self.rules.portfolio_words or word.key != self.bare(word.key)


@dataclass(frozen=True, slots=True)
class _Left:
    """How what stands before a head fits: the phrase's first word, what it says, whether it says all."""

    first: int
    atoms: Keys
    complete: bool
    definite: bool


def _known_names(
    words: Sequence[Word], names: Mapping[Keys, Entity], rules: LanguageRules
) -> dict[int, _Name]:
    """The article's names among the words of a role, the longest at each place."""
    found: dict[int, _Name] = {}
    index = 0
    while index < len(words):
        for size in range(min(_MAX_NAME_WORDS, len(words) - index), 0, -1):
            entity = names.get(tuple(word.key for word in words[index : index + size]))
            if entity is not None:
                found[index] = _name(index, index + size, entity, rules)
                break
        index = found[index].last if index in found else index + 1
    return found
