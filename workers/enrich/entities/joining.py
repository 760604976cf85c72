"""One entity for all mentions of a person, organisation or place in an article."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workers.contract.records import Entity, EntityType, Span
from workers.enrich.entities.agreement import is_full_name, surname_of
from workers.enrich.entities.canonical import key_words, script_of, spelling_words
from workers.enrich.entities.describe import Role, Surroundings
from workers.enrich.entities.knowledge import LanguageRules
from workers.enrich.entities.linking import Link, Named, link
from workers.enrich.entities.reading import Mention, Reading
from workers.enrich.entities.words import Keys

_PERSON, _ORGANIZATION = EntityType.PERSON, EntityType.ORGANIZATION
_BRACKETS = frozenset({(" (", ")"), (" «", "»"), (" « ", " »"), (' ("', '"'), (" (“", "”")})
_MAX_ACRONYM_WORDS = 2
_BEFORE_NAME = frozenset({" ", "\u00a0", "\u202f", ". ", ".\u00a0", "."})
_ASIDE = frozenset({", ", " (", "، ", "，", " («", ", l'", ", l’"})
# Words in lower case that may lead to the country behind a comma: "au", "dans le nord du".
_MAX_LEADING_WORDS = 4
_MAX_BESIDE_WORDS = 3
# How many mentions of people with one surname are gone through to find whom it means.
_MAX_NAMESAKES = 30


@dataclass(slots=True)
class _Cluster:
    type: EntityType
    mentions: list[tuple[Reading, Mention]] = field(default_factory=list)


def join(readings: Sequence[Reading], rules: LanguageRules) -> tuple[Entity, ...]:
    """Entities in order of first mention, ``e1`` first; the title's reading comes before the text's."""
    clusters: dict[tuple[EntityType, object], _Cluster] = {}
    around = {reading.index: Surroundings(reading, rules) for reading in readings}
    people = _People(rules, [found for found in _all(readings) if found[1].type is _PERSON])
    bodies = _bodies_by_name(readings)
    generic = _GenericBodies(readings, around)
    known = {
        reading.text[mention.start : mention.end]: mention.known.body
        for reading, mention in _all(readings)
        if mention.known is not None and mention.type is _ORGANIZATION and not mention.known.generic
    }
    for reading, mention in _all(readings):
        keys = reading.keys(mention.first, mention.last)
        identity: object
        if mention.type is _PERSON:
            identity = people.person(keys, reading, mention)
        elif mention.known is not None and mention.known.generic:
            identity = generic.body(mention.known.body, around[reading.index].bearer(mention))
        elif mention.known is not None:
            identity = mention.known.body
        else:
            identity = bodies.get(keys) or known.get(reading.text[mention.start : mention.end]) or keys
        cluster = clusters.setdefault((mention.type, identity), _Cluster(mention.type))
        cluster.mentions.append((reading, mention))
    found = list(clusters.values())
    roles = [_role(cluster, around) if cluster.type is _PERSON else None for cluster in found]
    named = [_named(cluster, around, role) for cluster, role in zip(found, roles, strict=True)]
    links = link(named, rules.countries, rules.gazetteer)
    return tuple(
        _entity(f"e{number}", cluster, role, linked)
        for number, (cluster, role, linked) in enumerate(zip(found, roles, links, strict=True), start=1)
    )


def _all(readings: Sequence[Reading]) -> Iterator[tuple[Reading, Mention]]:
    for reading in readings:
        for mention in reading.mentions:
            yield reading, mention


class _GenericBodies:
    """Whose body a name means that every country may use: the Senates of two countries are two bodies."""

    def __init__(self, readings: Sequence[Reading], around: Mapping[int, Surroundings]) -> None:
        self._last: dict[str, str] = {}
        for reading, mention in _all(readings):
            if mention.known is not None and mention.known.generic and mention.known.body not in self._last:
                country = around[reading.index].bearer(mention)
                if country:
                    self._last[mention.known.body] = country

    def body(self, name: str, country: str | None) -> tuple[str, str | None]:
        """The body of ``country``, else of the country named with it last, else of the first one named."""
        if country:
            self._last[name] = country
        return name, self._last.get(name)


class _People:
    """The full names of an article, to find whom a surname or a given name means.

    Whom the article calls "Mr" is nobody that it calls "Mrs".
    """

    def __init__(self, rules: LanguageRules, mentions: Sequence[tuple[Reading, Mention]]) -> None:
        self._places: dict[Keys, list[tuple[int, int]]] = {}
        self._names: dict[Keys, list[Keys]] = {}
        self._same: dict[Keys, Keys] = {}
        self._rules = rules
        self._genders: dict[Keys, str] = {}
        canonical: dict[tuple[str, Keys], Keys] = {}
        spelled: dict[tuple[str, ...], list[tuple[str, Keys]]] = {}
        for reading, mention in mentions:
            keys = reading.keys(mention.first, mention.last)
            if not is_full_name(reading, mention):
                continue
            surname = surname_of(keys, rules)
            # "Donald J. Trump" is "Donald Trump": first name and surname decide.
            text = reading.text[mention.start : mention.end]
            full = canonical.get((keys[0], surname)) or _spelled_otherwise(text, spelled) or keys
            self._same[keys] = canonical.setdefault((keys[0], surname), full)
            others = spelled.setdefault(key_words(text), [])
            if len(others) < _MAX_NAMESAKES:
                others.append((text, full))
            gender = self._gender(reading, mention)
            if gender:
                self._genders.setdefault(full, gender)
            for part in {surname, surname[-1:], keys[1:], keys[:1]} - {full}:
                self._places.setdefault(part, []).append((reading.index, mention.start))
                self._names.setdefault(part, []).append(full)

    def person(self, keys: Keys, reading: Reading, mention: Mention) -> object:
        """Who is meant: the last person before the mention that the name fits, else the next, else its own.

        Mentions come in reading order, since each tells something of the ones behind it.
        """
        if keys in self._same and keys not in self._names:
            return self._same[keys]
        gender = self._gender(reading, mention)
        names = self._names.get(keys, [])
        position = bisect_left(self._places.get(keys, []), (reading.index, mention.start))
        before = reversed(names[max(0, position - _MAX_NAMESAKES) : position])
        for full in (*before, *names[position : position + _MAX_NAMESAKES], keys):
            known = self._genders.get(full)
            if gender is None or known in (None, gender):
                if gender:
                    self._genders[full] = gender
                return full
        return gender, keys

    def _gender(self, reading: Reading, mention: Mention) -> str | None:
        """What the word before the name says: "Mme", "her husband"."""
        before = mention.first - 1
        if before < 0 or reading.gap(mention.first) not in _BEFORE_NAME:
            return None
        key = reading.words[before].key
        if key in self._rules.masculine:
            return "masculine"
        return "feminine" if key in self._rules.feminine else None


def _spelled_otherwise(
    text: str, spelled: Mapping[tuple[str, ...], Sequence[tuple[str, Keys]]]
) -> Keys | None:
    """The person whom a name of another spelling means that stands before: "Qasim" and "Qassem al-Araji".

    In one script the vowels must agree too, so that "Maria" and "Mario Rossi" stay two.
    """
    for other, full in spelled.get(key_words(text), ()):
        if script_of(text) != script_of(other) or spelling_words(text) == spelling_words(other):
            return full
    return None


def _bodies_by_name(readings: Sequence[Reading]) -> dict[Keys, object]:
    """What names of bodies stand for: in "Union africaine (UA)" both forms name one body."""
    bodies: dict[Keys, object] = {}
    for reading in readings:
        for left, right in zip(reading.mentions, reading.mentions[1:], strict=False):
            if left.type is not _ORGANIZATION or right.type is not _ORGANIZATION or right.first != left.last:
                continue
            opening = reading.text[left.end : right.start]
            closing = {reading.text[right.end : right.end + size] for size in (1, 2)}
            if right.last - right.first > _MAX_ACRONYM_WORDS:
                continue
            if not any(opening == start and end in closing for start, end in _BRACKETS):
                continue
            first, second = reading.keys(left.first, left.last), reading.keys(right.first, right.last)
            known = left.known or right.known
            bodies[first] = bodies[second] = known.body if known else bodies.get(first, first)
    return bodies


def _entity(identity: str, cluster: _Cluster, role: Role | None, linked: Link) -> Entity:
    return Entity(
        id=identity,
        type=cluster.type,
        name=_name(cluster),
        country=linked.country,
        role=role.text if role else None,
        key=linked.key,
        wikidata=linked.wikidata,
        geonames=linked.geonames,
        latitude=linked.latitude,
        longitude=linked.longitude,
        mentions=tuple(_span(reading, mention) for reading, mention in cluster.mentions),
    )


def _named(cluster: _Cluster, around: dict[int, Surroundings], role: Role | None) -> Named:
    """What linking needs of a cluster."""
    known = [mention.known for _, mention in cluster.mentions if mention.known is not None]
    texts = (_name(cluster), *(_span(reading, mention).text for reading, mention in cluster.mentions))
    places = cluster.type is EntityType.LOCATION
    beside = {
        text for reading, mention in cluster.mentions if places for text in _beside(reading, mention.last)
    }
    # A medium that is quoted does not make the article one about its country.
    quoted = any(name.sector == "MED" for name in known)
    return Named(
        cluster.type,
        tuple(dict.fromkeys(texts)),
        0 if quoted else len(cluster.mentions),
        _country(cluster, around, role),
        next((name.wikidata for name in known if name.wikidata), None),
        tuple(sorted(beside)),
    )


def _beside(reading: Reading, index: int) -> Iterator[str]:
    """The words after a comma or a bracket behind a place, one to three of them: "Tripoli, au Liban"."""
    words = reading.words
    if index >= len(words) or reading.gap(index) not in _ASIDE:
        return
    stop = index + 1
    for _ in range(_MAX_LEADING_WORDS):
        if stop < len(words) and words[stop - 1].text.islower() and reading.gap(stop) in (" ", "'", "’"):
            stop += 1
    first = stop - 1
    for last in range(first + 1, min(first + _MAX_BESIDE_WORDS, len(words)) + 1):
        if last > first + 1 and reading.gap(last - 1) not in (" ", "-", "\u200c"):
            return
        yield reading.text[words[first].start : words[last - 1].end]


def _span(reading: Reading, mention: Mention) -> Span:
    text = reading.parse.field
    return Span(text.name, mention.start, mention.end, text.original[mention.start : mention.end])


def _name(cluster: _Cluster) -> str:
    """The fullest form for people and bodies, the first for places; of equals one not all in capitals."""
    texts = [" ".join(_span(reading, mention).text.split()) for reading, mention in cluster.mentions]
    if cluster.type is EntityType.LOCATION:
        chosen = [text for text in texts if text.casefold() == texts[0].casefold()]
    else:
        longest = max(len(text.split()) for text in texts)
        chosen = [text for text in texts if len(text.split()) == longest]
    return next((text for text in chosen if not text.isupper()), chosen[0])


def _role(cluster: _Cluster, around: dict[int, Surroundings]) -> Role | None:
    """The role that tells most, the first of equals; its country, else that of another role of the person."""
    found = [around[reading.index].role(mention) for reading, mention in cluster.mentions]
    roles = [role for role in found if role is not None]
    if not roles:
        return None
    best = max(roles, key=lambda role: len(role.text))
    return Role(best.text, best.country or next((role.country for role in roles if role.country), None))


def _country(cluster: _Cluster, around: dict[int, Surroundings], role: Role | None) -> str | None:
    if role and role.country:
        return role.country
    for _, mention in cluster.mentions:
        if mention.known is not None and mention.known.country:
            return mention.known.country
    if cluster.type is EntityType.LOCATION:
        return None
    if any(mention.known and mention.known.is_international for _, mention in cluster.mentions):
        return None
    for reading, mention in cluster.mentions:
        near = around[reading.index]
        if mention.known is not None and mention.known.generic:
            country = near.bearer(mention)
        else:
            inside = near.country_inside(mention) if cluster.type is _ORGANIZATION else None
            country = inside or near.nationality(mention)
        if country:
            return country
    return None
