"""What the entity rules know, from data files: countries, bodies, places, titles, small words of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml
from babel import Locale, UnknownLocaleError

from workers.contract.records import EntityType, SourceTag
from workers.enrich.entities.words import NameIndex, keys_of
from workers.enrich.registry import Source, SourceRegistry

_BRACKETS_AT_END = re.compile(r"\s*\([^()]*\)$")
DATA_DIRECTORY = Path(__file__).parent.parent / "data"


@dataclass(frozen=True, slots=True)
class KnownName:
    """What is known of a name: its type, country (ISO 3166 alpha-3) and sector.

    ``body`` tells the names of one body or country from those of others. A name that is not ``certain``
    (a city, which may be a surname or a team too) yields to other evidence. A ``generic`` name is one that
    every country may use ("Foreign Ministry").
    """

    type: EntityType
    body: str
    country: str | None = None
    sector: str | None = None
    certain: bool = True
    generic: bool = False

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


@dataclass(frozen=True)
class LanguageRules:
    """What naming looks like in one language; all words are folded (see ``words.fold``)."""

    names: NameIndex[KnownName]
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
    linked_place_nouns: frozenset[str]
    place_labels: frozenset[str]
    not_names: frozenset[tuple[str, ...]]
    portfolios: NameIndex[None]
    portfolio_words: frozenset[str]
    name_links: frozenset[str]
    complement_links: frozenset[str]
    noun_links: frozenset[str]
    joining_links: frozenset[str]
    place_prepositions: frozenset[str]
    ages: frozenset[str]
    adjectives_follow: bool
    known: Mapping[tuple[str, ...], KnownName]

    @cached_property
    def small_words(self) -> frozenset[str]:
        """Articles, particles and the words that hold a name together: a name does not end with one."""
        return self.articles | self.particles | self.name_links

    def is_demonym(self, key: str) -> bool:
        """Whether the folded word is an adjective of nationality, people or religion."""
        return key in self.demonyms or key in self.plain_demonyms


class EntityKnowledge:
    """The rules of every language that has an ``entities.yaml``, read once."""

    def __init__(
        self, languages: Mapping[str, LanguageRules], sources: Mapping[str, NameIndex[KnownName]]
    ) -> None:
        self._languages = dict(languages)
        self._sources = dict(sources)

    @classmethod
    def load(cls, registry: SourceRegistry | None = None) -> Self:
        """Read all data files; ``registry`` saves reading the source registry again.

        Raises OSError or yaml.YAMLError when they are not there or broken.
        """
        sources = (registry or SourceRegistry.load()).sources.values()
        countries = _read(DATA_DIRECTORY / "countries.yaml")
        organisations = _read(DATA_DIRECTORY / "organisations.yaml")
        return cls(
            {
                path.parent.name: _load_language(path, countries, organisations, sources)
                for path in sorted(DATA_DIRECTORY.glob("languages/*/entities.yaml"))
            },
            {
                source.id: NameIndex(
                    (name, _medium(source))
                    for name in _proper((*source.names, *source.homographs, *source.initials))
                )
                for source in sources
            },
        )

    def rules(self, language: str) -> LanguageRules | None:
        """The rules of a language, if there are any."""
        return self._languages.get(language)

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
        return known.country if known else None

    def country_of_demonym(self, word: str, language: str) -> str | None:
        """ISO 3166 alpha-3 for an adjective of nationality or a name of inhabitants, in any inflection."""
        rules = self._languages.get(language)
        return rules.demonyms.get(" ".join(keys_of(word))) if rules else None

    def sector_of_name(self, text: str, language: str) -> str | None:
        """The sector code of a well-known body (IRGC: MIL, Hamas: REB, United Nations: IGO)."""
        known = self._known(text, language)
        return known.sector if known else None

    def _known(self, text: str, language: str) -> KnownName | None:
        rules = self._languages.get(language)
        if rules is None:
            return None
        keys = keys_of(text)
        while keys and keys[0] in rules.articles and keys not in rules.known:
            keys = keys[1:]
        return rules.known.get(keys)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _medium(source: Source) -> KnownName:
    return KnownName(EntityType.ORGANIZATION, f"source {source.id}", source.country, "MED")


def _proper(names: Iterable[str]) -> Iterator[str]:
    """Without "agence de presse X", where a noun only describes the name, and without "(X)" at the end."""
    for name in names:
        if not name[0].islower() or name.islower():
            yield _BRACKETS_AT_END.sub("", name)


def _load_language(
    path: Path, countries: Mapping[str, Any], organisations: Iterable[Any], sources: Iterable[Source]
) -> LanguageRules:
    data = _read(path)
    names = [(name, _medium(source)) for source in sources for name in _proper(source.names)]
    names += _known_names(path.parent.name, data, countries, organisations)
    known: dict[tuple[str, ...], KnownName] = {}
    for name, value in names:
        known.setdefault(keys_of(name), value)
    demonyms = data["demonyms"]
    return LanguageRules(
        names=NameIndex(names),
        roles=NameIndex((role.lower(), None) for role in data["roles"]),
        honorifics=NameIndex((name, None) for name in data["honorifics"]),
        masculine=_folded(data["masculine"]),
        feminine=_folded(data["feminine"]),
        role_prefixes=_folded(data["role_prefixes"]),
        demonyms=dict(_inflect_demonyms(demonyms)),
        demonym_names=NameIndex(_inflect_demonyms(demonyms)),
        plain_demonyms=frozenset(
            form for word in demonyms["plain"] for form in _inflect(word, demonyms["endings"])
        ),
        articles=_folded(data["articles"]),
        particles=_folded(data["particles"]),
        organisation_nouns=_folded(data["organisation_nouns"]),
        organisation_heads=_folded(data["organisation_heads"]),
        lower_organisation_nouns=NameIndex((name, None) for name in data["lower_organisation_nouns"]),
        place_nouns=_folded(data["place_nouns"]) | _folded(data["linked_place_nouns"]),
        linked_place_nouns=_folded(data["linked_place_nouns"]),
        place_labels=_folded(data["place_labels"]),
        not_names=frozenset(keys_of(name) for name in (*data["not_names"], *data["portfolios"])),
        portfolio_words=frozenset(key for name in data["portfolios"] for key in keys_of(name)),
        portfolios=NameIndex((name.lower(), None) for name in data["portfolios"]),
        name_links=_folded(data["name_links"]),
        complement_links=_folded(data["complement_links"]),
        noun_links=_folded(data["noun_links"]),
        joining_links=_folded(data["joining_links"]),
        place_prepositions=_folded(data["place_prepositions"]),
        ages=_folded(data["ages"]),
        adjectives_follow=data["adjectives_follow"],
        known=known,
    )


def _known_names(
    language: str, data: Mapping[str, Any], countries: Mapping[str, Any], organisations: Iterable[Any]
) -> Iterator[tuple[str, KnownName]]:
    for country, about in countries.items():
        place = KnownName(EntityType.LOCATION, country, country)
        for name in (*_cldr_names(about["code"], language), *data["country_names"].get(country, ())):
            yield name, place
        for name in about.get("capitals", ()):
            yield name, KnownName(EntityType.LOCATION, fold_name(name), country)
        for name in about.get("cities", ()):
            yield name, KnownName(EntityType.LOCATION, fold_name(name), country, certain=False)
    for name in data["places"]:
        yield name, KnownName(EntityType.LOCATION, fold_name(name))
    for body in organisations:
        for name in body["names"]:
            own = fold_name(name if body.get("each") else body["names"][0])
            yield name, KnownName(EntityType.ORGANIZATION, own, body.get("country"), body["sector"])
    for sector, listed in data["organisations"].items():
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
