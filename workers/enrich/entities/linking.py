"""What an article's entities are outside the article: countries, cities, bodies and office holders.

Nothing is guessed. A name of a country is one of CLDR or of the language's own list, in any inflection that
the language's endings give. A city is linked when its name means one city here: because a country or region
stands beside it ("Tripoli, Lebanon"), because the article is about that city's country, or because all
namesakes are far smaller. A body is linked by a name that is one body's alone, a person by the canonical key
of a full name that the list of office holders has. What remains open has no link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from workers.contract.records import EntityType
from workers.enrich.entities.canonical import canonical_key
from workers.enrich.entities.places import Cities, City, fold_place

_PERSON, _ORGANIZATION, _LOCATION = EntityType.PERSON, EntityType.ORGANIZATION, EntityType.LOCATION
_MIN_STEM = 3
# How many times as large as the next namesake a city must be to be meant without further evidence. Of the
# places that English, French, Arabic and Persian news names, those with namesakes in another country mean the
# largest one from here on; below (Valencia, Santiago, Victoria) they mean either.
_FACTOR = 4
# A namesake in the country that an article is about is meant unless another one is this many times as large.
_LOCAL_FACTOR = 10
# A city below this size counts only where the article names its country, since its name may be a region's, a
# river's or a small place's that the list of cities does not have.
_FAMOUS = 300_000
# A country has this many times the mentions of any other where an article is about it.
_DOMINANCE = 2
# Cities that are certain tell of the others beside them, once.
_PASSES = 2
# Keys of names with fewer sounds than this are shared by too many names.
_MIN_KEY_SOUNDS = 6


@dataclass(frozen=True, slots=True)
class Named:
    """An entity of an article before it is linked.

    ``texts`` are its spellings, the fullest first; ``mentions`` counts its mentions. ``country`` (ISO 3166
    alpha-3) and ``wikidata`` are what is known of it already; ``beside`` are names of places that stand
    directly behind it, after a comma or in brackets.
    """

    type: EntityType
    texts: tuple[str, ...]
    mentions: int = 1
    country: str | None = None
    wikidata: str | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """What an entity is linked to; ``country`` holds what was known before, too."""

    country: str | None = None
    key: str | None = None
    wikidata: str | None = None
    geonames: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A well-known office holder; ``common`` names, which others bear too, need the country beside them."""

    wikidata: str | None
    country: str | None
    common: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A known organisation."""

    name: str
    wikidata: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class Region:
    """A first-level division that texts put behind a city ("Texas"); ``code`` is GeoNames' of it, if known.

    Without a ``name`` it is the whole country.
    """

    name: str
    country: str
    code: str | None = None


class CountryNames:
    """What one language calls countries, exactly and with its endings taken off."""

    def __init__(self, names: Iterable[tuple[str, str]], endings: Iterable[str] = ()) -> None:
        """``names`` are pairs of a name and ISO 3166 alpha-3, the first of a name counts."""
        self._endings = tuple(
            sorted({fold_place(ending) for ending in endings} - {""}, key=len, reverse=True)
        )
        self._exact: dict[str, str] = {}
        stems: dict[str, str | None] = {}
        for name, country in names:
            self._exact.setdefault(fold_place(name), country)
        if self._endings:
            for name, country in self._exact.items():
                stem = self._stem(name)
                stems[stem] = country if stems.get(stem, country) == country else None
        self._stems = stems

    def find(self, name: str) -> str | None:
        """ISO 3166 alpha-3 of the country that a name means, if it means one."""
        folded = fold_place(name)
        return self._exact.get(folded) or (self._stems.get(self._stem(folded)) if self._endings else None)

    def base_forms(self, name: str) -> Iterator[str]:
        """The name itself, then what it may be a form of: its stem with every ending of the language."""
        folded = fold_place(name)
        yield folded
        stem = self._stem(folded)
        if stem != folded:
            yield stem
        for ending in self._endings:
            if self._stem(stem + ending) == stem and len(stem) >= _MIN_STEM:
                yield stem + ending

    def _stem(self, folded: str) -> str:
        return " ".join(map(self._word_stem, folded.split()))

    def _word_stem(self, word: str) -> str:
        for ending in self._endings:
            if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
                return word.removesuffix(ending)
        return word


class Gazetteer:
    """What is known in all languages: cities, regions, bodies, office holders. Read once, shared by all."""

    def __init__(
        self,
        codes: Mapping[str, str],
        regions: Iterable[Region],
        bodies: Iterable[tuple[str, Body]],
        people: Iterable[tuple[str, Person]],
        disputed: Iterable[int] = (),
        cities: Cities | None = None,
    ) -> None:
        """Index the lists.

        ``codes`` lead from ISO 3166 alpha-2 to alpha-3; ``bodies`` and ``people`` are pairs of a name and
        whose it is; ``disputed`` are GeoNames ids of cities that are given no country.
        """
        self._codes = codes
        self._regions = {fold_place(region.name): region for region in regions}
        self._disputed = frozenset(disputed)
        self._bodies: dict[str, dict[str, Body]] = {}
        for name, body in bodies:
            self._bodies.setdefault(fold_place(name), {})[name] = body
        self._names: dict[str, Person] = {}
        self._keys: dict[str, Person | None] = {}
        for name, person in people:
            self._names[fold_place(name)] = person
            key = canonical_key(name)
            self._keys[key] = person if self._keys.get(key, person) == person else None
        self._cities = cities

    @cached_property
    def cities(self) -> Cities:
        """The cities; read at the first use."""
        return Cities.load() if self._cities is None else self._cities

    def country_of(self, city: City) -> str | None:
        """ISO 3166 alpha-3 of a city's country; None for one of which that is in dispute."""
        return None if city.geonames in self._disputed else self._codes.get(city.country)

    def region(self, name: str) -> Region | None:
        """The region of that name that texts put behind a city."""
        return self._regions.get(fold_place(name))

    def body(self, name: str) -> Body | None:
        """The one body that a name means; capitals count for acronyms ("WHO"), not for names in words."""
        spellings = self._bodies.get(fold_place(name), {})
        fitting = {
            body for spelling, body in spellings.items() if spelling == name or not _is_acronym(spelling)
        }
        return fitting.pop() if len(fitting) == 1 else None

    def person(self, name: str, key: str) -> Person | None:
        """The office holder of a name: as it is listed, or by the key of a full name with sounds enough."""
        listed = self._names.get(fold_place(name))
        if listed is not None or "-" not in key or len(key.replace("-", "")) < _MIN_KEY_SOUNDS:
            return listed
        return self._keys.get(key)


def link(named: Sequence[Named], countries: CountryNames, gazetteer: Gazetteer) -> list[Link]:
    """The links of an article's entities, one each, in their order; pure, and the same on every machine."""
    links = [_link_alone(entity, countries, gazetteer) for entity in named]
    for _ in range(_PASSES):
        weights = _weights(named, links, countries)
        links = [
            _link_place(entity, found, weights, countries, gazetteer)
            if entity.type is _LOCATION and found.geonames is None
            else found
            for entity, found in zip(named, links, strict=True)
        ]
    return [_confirmed(found, weights) if isinstance(found, _Doubtful) else found for found in links]


def _weights(named: Sequence[Named], links: Sequence[Link], countries: CountryNames) -> Counter[str]:
    """How often an article names each country, with its bodies, its people and the cities linked so far."""
    weights: Counter[str] = Counter()
    for entity, found in zip(named, links, strict=True):
        settled = (
            entity.type is not _LOCATION
            or found.geonames is not None
            or any(map(countries.find, entity.texts))
        )
        if found.country and settled:
            weights[found.country] += entity.mentions
    return weights


@dataclass(frozen=True, slots=True)
class _Doubtful(Link):
    """A link to a person of a common name, which the article's countries must confirm."""

    expected: str | None = None


def _confirmed(found: _Doubtful, weights: Mapping[str, int]) -> Link:
    fits = found.expected is not None and found.expected in weights
    country = found.country or (found.expected if fits else None)
    return Link(country, found.key, found.wikidata if fits else None)


def _link_alone(entity: Named, countries: CountryNames, gazetteer: Gazetteer) -> Link:
    """What an entity's own names tell."""
    if entity.type is _PERSON:
        return _link_person(entity, gazetteer)
    if entity.type is _ORGANIZATION:
        found = {body for text in entity.texts if (body := gazetteer.body(text)) is not None}
        body = found.pop() if len(found) == 1 else None
        if body is None:
            return Link(entity.country, wikidata=entity.wikidata)
        return Link(entity.country or body.country, wikidata=entity.wikidata or body.wikidata)
    found_country = next(filter(None, map(countries.find, entity.texts)), None)
    return Link(entity.country or found_country, wikidata=entity.wikidata)


def _link_person(entity: Named, gazetteer: Gazetteer) -> Link:
    key = canonical_key(entity.texts[0]) or None
    person = gazetteer.person(entity.texts[0], key) if key else None
    if person is None or (entity.country and person.country and entity.country != person.country):
        return Link(entity.country, key)
    if person.common and entity.country is None:
        return _Doubtful(None, key, person.wikidata, expected=person.country)
    return Link(entity.country or person.country, key, person.wikidata)


def _link_place(
    entity: Named, found: Link, weights: Mapping[str, int], countries: CountryNames, gazetteer: Gazetteer
) -> Link:
    """The city that a place is, where its name means one; else what was found before."""
    if any(map(countries.find, entity.texts)):
        return found
    region = gazetteer.region(entity.texts[0])
    if region is not None:
        return replace(found, country=found.country or region.country)
    cities = _candidates(entity, countries, gazetteer)
    said = _said_beside(entity, countries, gazetteer)
    if said is None:
        city = _meant(cities, found.country, weights, gazetteer)
        if city is None and found.country is None and cities and cities[0].population >= _FAMOUS:
            # Whichever of the large namesakes is meant, it lies in this country.
            large = [other for other in cities if other.population * _FACTOR > cities[0].population]
            shared = {gazetteer.country_of(other) for other in large}
            return replace(found, country=shared.pop() if len(shared) == 1 else None)
        return _to_city(found, city, gazetteer)
    fitting = [city for city in cities if gazetteer.country_of(city) == said.country]
    if said.code is not None:
        fitting = [city for city in fitting if city.region == said.code]
    if fitting or said.name:
        found = replace(found, country=said.country)
    return _to_city(found, _largest(fitting), gazetteer)


def _candidates(entity: Named, countries: CountryNames, gazetteer: Gazetteer) -> tuple[City, ...]:
    for form in countries.base_forms(entity.texts[0]):
        cities = gazetteer.cities.named(form)
        if cities:
            return cities
    return ()


def _said_beside(entity: Named, countries: CountryNames, gazetteer: Gazetteer) -> Region | None:
    """The region or country that the text puts behind a place; None where it puts none or two."""
    said = {place for text in entity.beside if (place := _country_or_region(text, countries, gazetteer))}
    return said.pop() if len(said) == 1 else None


def _country_or_region(text: str, countries: CountryNames, gazetteer: Gazetteer) -> Region | None:
    region = gazetteer.region(text)
    country = countries.find(text)
    if region is None or country is None:
        return region or (Region("", country) if country else None)
    # "Tbilisi, Georgia" and "Atlanta, Georgia": a country and a region of another one share the name.
    return None


def _meant(
    cities: Sequence[City], known: str | None, weights: Mapping[str, int], gazetteer: Gazetteer
) -> City | None:
    """Which of the namesakes an article means that puts no country behind the name.

    ``known`` is the country of a city that our own lists have under this name.
    """
    dominant = _dominant(weights)
    local = _largest([city for city in cities if dominant and gazetteer.country_of(city) == dominant])
    largest = _largest(cities)
    if largest is None:
        if local is not None:
            return local
        rivals = {gazetteer.country_of(city) for city in cities} - {known}
        if known is None or not rivals.isdisjoint(weights):
            return None
        return _largest([city for city in cities if gazetteer.country_of(city) == known])
    own = gazetteer.country_of(largest)
    if known is not None and known != own:
        return _largest([city for city in cities if gazetteer.country_of(city) == known])
    if own in weights:
        return largest
    if local is not None:
        return local if local.population * _LOCAL_FACTOR >= largest.population else largest
    return largest if known is not None or largest.population >= _FAMOUS else None


def _dominant(weights: Mapping[str, int]) -> str | None:
    """The country that an article is mostly about, if there is one."""
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return None
    second = ranked[1][1] if len(ranked) > 1 else 0
    return ranked[0][0] if ranked[0][1] >= _DOMINANCE * second else None


def _largest(cities: Sequence[City]) -> City | None:
    """The largest one, if it is that by far."""
    if not cities:
        return None
    if len(cities) > 1 and cities[0].population < _FACTOR * cities[1].population:
        return None
    return cities[0]


def _to_city(found: Link, city: City | None, gazetteer: Gazetteer) -> Link:
    if city is None:
        return found
    return replace(
        found,
        country=gazetteer.country_of(city) or found.country,
        geonames=city.geonames,
        latitude=city.latitude,
        longitude=city.longitude,
    )


def _is_acronym(name: str) -> bool:
    return name.isupper() and " " not in name


def read_people(data: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Person]]:
    """Pairs of a name and its bearer from data/people.yaml."""
    for entry in data:
        person = Person(entry.get("wikidata"), entry.get("country"), entry.get("common", False))
        for name in entry["names"]:
            yield name, person
