"""What the entity rules know, from data files: countries, bodies, places, titles, small words of names."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml
from babel import Locale, UnknownLocaleError

from workers.contract.records import EntityType, SourceTag
from workers.enrich.entities.linking import Body, CountryNames, Gazetteer, Region, read_people
from workers.enrich.entities.reference_words import ReferenceWords
from workers.enrich.entities.words import HYPHENS, Keys, Match, NameIndex, Word, find_names, keys_of
from workers.enrich.registry import Source, SourceRegistry

_BRACKETS_AT_END = re.compile(r"\s*\([^()]*\)$")
_NO_LANGUAGE = "und"
DATA_DIRECTORY = Path(__file__).parent.parent / "data"


@dataclass(frozen=True, slots=True)
class KnownName:
    """What is known of a name: its type, country (ISO 3166 alpha-3) and sector.

    ``body`` tells the names of one body or country from those of others. A name that is not ``certain``
    (a city, which may be a surname or a team too) yields to other evidence. A ``generic`` name is one that
    every country may use ("Foreign Ministry"). ``wikidata`` is the item's id where it is known for certain.
    """

    type: EntityType
    body: str
    country: str | None = None
    sector: str | None = None
    certain: bool = True
    generic: bool = False
    wikidata: str | None = None

    @property
    def is_international(self) -> bool:
        """Whether the body is one of many countries, so that a nationality beside it is somebody else's."""
        return self.sector == "IGO" and self.country is None and not self.generic


@dataclass(frozen=True, slots=True)
class Credit:
    """A place where an article names one of its sources, and what that source is called."""

    start: int
    end: int
    names: NameIndex[KnownName]


@dataclass(frozen=True, slots=True)
class Layer:
    """Names of one list, to be found in texts and to be looked up by their folded words."""

    index: NameIndex[KnownName]
    by_keys: dict[Keys, KnownName]

    @classmethod
    def of(cls, names: Iterable[tuple[str, KnownName]]) -> Self:
        """Index pairs of a name and what is known of it; the first of a name counts."""
        pairs = list(names)
        by_keys: dict[Keys, KnownName] = {}
        for name, value in pairs:
            by_keys.setdefault(keys_of(name), value)
        return cls(NameIndex(pairs), by_keys)


class KnownNames:
    """Known names of one language: its own lists and those that all languages share, found like one index.

    The layers stand in the order in which they count; a name is stored once for all languages.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._indexes = [layer.index for layer in layers]
        self.by_keys: Mapping[Keys, KnownName] = ChainMap(*(layer.by_keys for layer in layers))

    def at(self, text: str, words: Sequence[Word], index: int) -> Match[KnownName] | None:
        """The longest known name that begins at this word; of two as long the first layer's."""
        best: Match[KnownName] | None = None
        for layer in self._indexes:
            match = layer.at(text, words, index)
            if match is not None and (best is None or match.last > best.last):
                best = match
        return best

    def find(self, text: str, words: Sequence[Word]) -> Iterator[Match[KnownName]]:
        """All known names, left to right, without overlap."""
        return find_names(self.at, text, words)


@dataclass(frozen=True)
class LanguageRules:
    """What naming looks like in one language; all words are folded (see ``words.fold``).

    ``countries`` are the language's names of countries; ``gazetteer`` is what all languages share.
    """

    names: KnownNames
    roles: NameIndex[None]
    honorifics: NameIndex[None]
    masculine: frozenset[str]
    feminine: frozenset[str]
    role_prefixes: frozenset[str]
    demonyms: Mapping[str, str]
    demonym_names: NameIndex[str]
    plain_demonyms: frozenset[str]
    articles: frozenset[str]
    particles: frozenset[str]
    organisation_nouns: frozenset[str]
    organisation_heads: frozenset[str]
    lower_organisation_nouns: NameIndex[None]
    place_nouns: frozenset[str]
    place_labels: frozenset[str]
    not_names: frozenset[tuple[str, ...]]
    portfolios: NameIndex[None]
    portfolio_words: frozenset[str]
    name_links: frozenset[str]
    complement_links: frozenset[str]
    noun_links: frozenset[str]
    role_links: frozenset[str]
    has_stop_words: bool
    no_offices: frozenset[Keys]
    place_prepositions: frozenset[str]
    ages: frozenset[str]
    adjectives_follow: bool
    names_have_capitals: bool
    countries: CountryNames
    gazetteer: Gazetteer

    @property
    def known(self) -> Mapping[Keys, KnownName]:
        """Known names by their folded words, whatever their capitals."""
        return self.names.by_keys

    @cached_property
    def small_words(self) -> frozenset[str]:
        """Articles, particles and the words that hold a name together: a name does not end with one."""
        return self.articles | self.particles | self.name_links

    def is_demonym(self, key: str) -> bool:
        """Whether the folded word is an adjective of nationality, people or religion."""
        return key in self.demonyms or key in self.plain_demonyms

    def demonym_at(self, text: str, words: Sequence[Word], index: int) -> Match[str] | None:
        """The adjective of nationality of one word or several that begins at a word, with its country.

        One that a hyphen joins to a further word says nothing of nationality ("Iranian-backed").
        """
        match = self.demonym_names.at(text, words, index)
        if match is None or match.last == len(words):
            return match
        return None if text[words[match.last - 1].end : words[match.last].start] in HYPHENS else match


@dataclass(frozen=True, slots=True)
class Shared:
    """What all languages share: lists read once, names indexed once."""

    countries: Mapping[str, Any]
    sources: Layer
    cities: Layer
    bodies: Layer
    gazetteer: Gazetteer


class EntityKnowledge:
    """The rules of every language that has an ``entities.yaml``.

    What all languages share is read at the start, a language's own file when the first article in it comes.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        shared: Shared,
        sources: Mapping[str, NameIndex[KnownName]],
        reference_words: Mapping[str, ReferenceWords],
    ) -> None:
        self._reference_words = dict(reference_words)
        self._files = dict(files)
        self._shared = shared
        self._sources = dict(sources)
        self._languages: dict[str, LanguageRules] = {}

    @classmethod
    def load(cls, registry: SourceRegistry | None = None) -> Self:
        """Read the data files; ``registry`` saves reading the source registry again.

        Raises OSError or yaml.YAMLError when they are not there or broken.
        """
        sources = (registry or SourceRegistry.load()).sources.values()
        countries = _read(DATA_DIRECTORY / "countries.yaml")
        organisations = _read(DATA_DIRECTORY / "organisations.yaml")
        return cls(
            {path.parent.name: path for path in sorted(DATA_DIRECTORY.glob("languages/*/entities.yaml"))},
            Shared(
                countries,
                Layer.of((name, _medium(source)) for source in sources for name in _proper(source.names)),
                Layer.of(_cities(countries)),
                Layer.of(_bodies(organisations)),
                _load_gazetteer(countries, organisations),
            ),
            {
                source.id: NameIndex(
                    (name, _medium(source))
                    for name in _proper((*source.names, *source.homographs, *source.initials))
                )
                for source in sources
            },
            ReferenceWords.load(),
        )

    @property
    def languages(self) -> frozenset[str]:
        """The languages that have rules."""
        return frozenset(self._files)

    @property
    def gazetteer(self) -> Gazetteer:
        """What all languages share; its cities are read at their first use."""
        return self._shared.gazetteer

    def rules(self, language: str) -> LanguageRules:
        """The rules of a language; one without a file has what all languages share.

        The first call for a language reads its file; raises OSError or yaml.YAMLError when that is broken.
        """
        known = language if language in self._files else _NO_LANGUAGE
        rules = self._languages.get(known)
        if rules is None:
            data = _read(self._files[known]) if known in self._files else {}
            rules = self._languages[known] = _load_language(known, data, self._shared)
        return rules

    def read_all(self) -> None:
        """Read now what is else read at its first use, so that no article waits for it."""
        for language in (*self._files, _NO_LANGUAGE):
            self.rules(language)
        self.gazetteer.cities.named("")

    def reference_words(self, language: str) -> ReferenceWords:
        """The words of a language that tell whether a phrase means one certain person."""
        return self._reference_words.get(language, ReferenceWords())

    def credited(self, field: str, sources: Iterable[SourceTag]) -> list[Credit]:
        """Where a field of an article names the sources that the article has."""
        return [
            Credit(tag.evidence.start, tag.evidence.end, self._sources[tag.source])
            for tag in sources
            if tag.evidence.field == field and tag.source in self._sources
        ]

    def country_of_name(self, text: str, language: str) -> str | None:
        """ISO 3166 alpha-3 of a country, its capital, a well-known city or a body of one country."""
        known = self._known(text, language)
        if known is not None:
            return known.country
        rules = self.rules(language)
        body = rules.gazetteer.body(text)
        return rules.countries.find(text) or (body.country if body else None)

    def demonym_at(self, text: str, words: Sequence[Word], index: int, language: str) -> str | None:
        """ISO 3166 alpha-3 of the adjective of nationality that begins at a word; see `LanguageRules`."""
        match = self.rules(language).demonym_at(text, words, index)
        return match.value if match else None

    def country_of_demonym(self, word: str, language: str) -> str | None:
        """ISO 3166 alpha-3 for an adjective of nationality or a name of inhabitants, in any inflection."""
        return self.rules(language).demonyms.get(" ".join(keys_of(word)))

    def sector_of_name(self, text: str, language: str) -> str | None:
        """The sector code of a well-known body (IRGC: MIL, Hamas: REB, United Nations: IGO)."""
        known = self._known(text, language)
        return known.sector if known else None

    def _known(self, text: str, language: str) -> KnownName | None:
        rules = self.rules(language)
        keys = keys_of(text)
        while keys and keys[0] in rules.articles and keys not in rules.known:
            keys = keys[1:]
        return rules.known.get(keys)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _medium(source: Source) -> KnownName:
    body = f"source {source.id}"
    return KnownName(EntityType.ORGANIZATION, body, source.country, "MED", wikidata=source.wikidata)


def _proper(names: Iterable[str]) -> Iterator[str]:
    """Without "agence de presse X", where a noun only describes the name, and without "(X)" at the end."""
    for name in names:
        if not name[0].islower() or name.islower():
            yield _BRACKETS_AT_END.sub("", name)


def _load_gazetteer(countries: Mapping[str, Any], organisations: Iterable[Any]) -> Gazetteer:
    places = _read(DATA_DIRECTORY / "places.yaml")
    return Gazetteer(
        {about["code"]: country for country, about in countries.items()},
        [
            Region(name, country, code)
            for country, divisions in places["regions"].items()
            for code, names in divisions.items()
            for name in names
        ],
        _linked_bodies(organisations),
        read_people(_read(DATA_DIRECTORY / "people.yaml")),
        places["disputed"],
    )


def _linked_bodies(organisations: Iterable[Any]) -> Iterator[tuple[str, Body]]:
    for body in organisations:
        for name in body["names"]:
            own = name if body.get("each") else body["names"][0]
            yield name, Body(own, body.get("wikidata"), body.get("country"))


def _load_language(language: str, data: Mapping[str, Any], shared: Shared) -> LanguageRules:
    countries = list(_country_names(language, data, shared.countries))
    own = KnownNames(
        [
            shared.sources,
            Layer.of((name, _country(country)) for name, country in countries),
            shared.cities,
            Layer.of(_named_cities(data.get("country_cities", {}))),
            Layer.of((name, _place(name)) for name in data.get("places", ())),
            shared.bodies,
            Layer.of(_generic_bodies(data)),
        ]
    )
    demonyms = {"endings": {"": [""]}, "words": {}, "forms": {}, "plain": [], **data.get("demonyms", {})}
    return LanguageRules(
        names=own,
        roles=NameIndex((role.lower(), None) for role in data.get("roles", ())),
        honorifics=NameIndex((name, None) for name in data.get("honorifics", ())),
        masculine=_folded(data.get("masculine", ())),
        feminine=_folded(data.get("feminine", ())),
        role_prefixes=_folded(data.get("role_prefixes", ())),
        demonyms=dict(_inflect_demonyms(demonyms)),
        demonym_names=NameIndex(_inflect_demonyms(demonyms)),
        plain_demonyms=frozenset(
            form for word in demonyms["plain"] for form in _inflect(word, demonyms["endings"])
        ),
        articles=_folded(data.get("articles", ())),
        particles=_folded(data.get("particles", ())),
        organisation_nouns=_folded(data.get("organisation_nouns", ())),
        organisation_heads=_folded(data.get("organisation_heads", ())),
        lower_organisation_nouns=NameIndex((name, None) for name in data.get("lower_organisation_nouns", ())),
        place_nouns=_folded(data.get("place_nouns", ())) | _folded(data.get("linked_place_nouns", ())),
        place_labels=_folded(data.get("place_labels", ())),
        not_names=frozenset(
            keys_of(name) for name in (*data.get("not_names", ()), *data.get("portfolios", ()))
        ),
        portfolio_words=frozenset(key for name in data.get("portfolios", ()) for key in keys_of(name)),
        portfolios=NameIndex((name.lower(), None) for name in data.get("portfolios", ())),
        name_links=_folded(data.get("name_links", ())),
        complement_links=_folded(data.get("complement_links", ())),
        noun_links=_folded(data.get("noun_links", ())),
        has_stop_words=data.get("stop_words", False),
        no_offices=frozenset(keys_of(words) for words in data.get("no_offices", ())),
        role_links=_folded(
            word for name in ("complement_links", "noun_links", "role_links") for word in data.get(name, ())
        ),
        place_prepositions=_folded(data.get("place_prepositions", ())),
        ages=_folded(data.get("ages", ())),
        adjectives_follow=data.get("adjectives_follow", False),
        names_have_capitals=data.get("names_have_capitals", False),
        countries=CountryNames(countries, data.get("endings", ())),
        gazetteer=shared.gazetteer,
    )


def _country_names(
    language: str, data: Mapping[str, Any], countries: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    own = data.get("country_names", {})
    for country, about in countries.items():
        for name in (*_cldr_names(about["code"], language), *own.get(country, ()), *about.get("names", ())):
            yield name, country


def _country(country: str) -> KnownName:
    return KnownName(EntityType.LOCATION, country, country)


def _place(name: str) -> KnownName:
    return KnownName(EntityType.LOCATION, fold_name(name))


def _cities(countries: Mapping[str, Any]) -> Iterator[tuple[str, KnownName]]:
    for country, about in countries.items():
        for name in about.get("capitals", ()):
            yield name, KnownName(EntityType.LOCATION, fold_name(name), country)
        for name in about.get("cities", ()):
            yield name, KnownName(EntityType.LOCATION, fold_name(name), country, certain=False)


def _named_cities(countries: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, KnownName]]:
    """Cities by a language's own names for them."""
    for country, names in countries.items():
        for name in names:
            yield name, KnownName(EntityType.LOCATION, fold_name(name), country, certain=False)


def _bodies(organisations: Iterable[Any]) -> Iterator[tuple[str, KnownName]]:
    for body in organisations:
        for name in body["names"]:
            own = fold_name(name if body.get("each") else body["names"][0])
            yield (
                name,
                KnownName(
                    EntityType.ORGANIZATION,
                    own,
                    body.get("country"),
                    body["sector"],
                    wikidata=body.get("wikidata"),
                ),
            )


def _generic_bodies(data: Mapping[str, Any]) -> Iterator[tuple[str, KnownName]]:
    for sector, listed in data.get("organisations", {}).items():
        for name in listed:
            yield name, KnownName(EntityType.ORGANIZATION, fold_name(name), sector=sector, generic=True)


def fold_name(name: str) -> str:
    """A name's folded words with one space between them."""
    return " ".join(keys_of(name))


def _cldr_names(code: str, language: str) -> Iterator[str]:
    try:
        name = Locale.parse(language).territories.get(code)
    except (UnknownLocaleError, ValueError):
        return
    if name:
        # CLDR writes "Myanmar (Burma)".
        yield from (part.strip(" )") for part in name.split("("))


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold_name(word) for word in words)


def _inflect_demonyms(demonyms: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for country, words in demonyms["words"].items():
        for word in words:
            for form in _inflect(word, demonyms["endings"]):
                yield form, country
    for country, words in demonyms["forms"].items():
        for word in words:
            yield fold_name(word), country


def _inflect(word: str, endings: Mapping[str, list[str]]) -> Iterator[str]:
    ending = max((e for e in endings if word.endswith(e)), key=len)
    stem = word.removesuffix(ending)
    for form in endings[ending]:
        yield fold_name(stem + form)
