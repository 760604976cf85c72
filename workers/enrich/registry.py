"""The source registry: news agencies and media, what they are called in the scripts of the world, and where.

One YAML file a region under ``data/agencies/``. The registry tells who speaks; it does not judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import product
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workers.enrich.credits import CreditPatterns, load_credit_patterns
from workers.enrich.folding import Token, fold

_ARTICLES: Final = frozenset(
    {"The", "Le", "La", "Les", "L", "El", "Los", "Il", "Der", "Die", "Das", "O", "A"}
)
_MAX_GAP_CHARS: Final = 3
# Letters that Arabic writes onto the following word: and, so, by, for, as.
_CLITICS: Final = ("وال", "بال", "لل", "ول", "وب", "و", "ف", "ب", "ل", "ک")
_NON_JOINER: Final = "\u200c"
# Each doubles the spellings of a name.
_MAX_NON_JOINERS: Final = 5
# What piety writes after a name, folded: in full, by its first letter, or not at all ("اهل‌بیت (ع)").
_BLESSINGS: Final = (("ع",), ("ص",), ("س",), ("علیهم", "السلام"), ("علیه", "السلام"), ("علیهمالسلام",))

_Code3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
_Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
_Name = Annotated[str, Field(min_length=2, max_length=120)]
_Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class RegistryError(ValueError):
    """A file of the registry is wrong; the message names the file or the entry."""


class Source(BaseModel):
    """One news agency or medium.

    ``names`` mean this source wherever they stand; ``homographs`` mean other things too (Fars the province,
    Mehr the month) and count only where a text credits them; ``initials`` are those of many bodies (PA, APS)
    and count only in a dateline, a sign-off or beside a word for an agency. ``decoys`` contain a name and are
    something else. ``places`` are words that speak for this source among several with one homograph.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
    kind: Literal["agency", "medium"]
    country: _Code3
    languages: Annotated[list[_Language], Field(min_length=1)]
    ownership: Literal["state", "public", "private", "religious", "cooperative", "party"]
    wikidata: Annotated[str, Field(pattern=r"^Q[1-9][0-9]*$")] | None = None
    domains: list[_Domain] = []
    names: Annotated[list[_Name], Field(min_length=1)]
    homographs: list[_Name] = []
    initials: list[_Name] = []
    decoys: list[_Name] = []
    places: list[_Name] = []

    @property
    def name(self) -> str:
        """The name to show: the first one in the registry."""
        return self.names[0]

    @cached_property
    def folded_places(self) -> tuple[str, ...]:
        """``places`` as they are compared, in lower case."""
        return tuple(" ".join(token.key for token in fold(place).tokens).lower() for place in self.places)


class _RegionFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    facts: Annotated[list[str], Field(min_length=1)]
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that a name in a text may mean, and how far the name alone says so."""

    source: Source
    strength: Literal["name", "homograph", "initials"]

    @property
    def certain(self) -> bool:
        """Whether the name can mean nothing else."""
        return self.strength == "name"


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A name of the registry in a text: the tokens from ``first`` up to ``last`` (exclusive).

    ``skip`` counts the characters of the first token that belong to a word before the name.
    """

    first: int
    last: int
    skip: int
    claims: tuple[Claim, ...]


class SourceRegistry:
    """All sources by id, by name and by domain, with the phrases that languages credit them with."""

    def __init__(self, sources: Iterable[Source], credit_patterns: Mapping[str, CreditPatterns]) -> None:
        """Index ``sources``; RegistryError when two claim one id, one domain or one unambiguous name."""
        self.credits = credit_patterns
        self.sources: Mapping[str, Source] = _unique(((source.id, source) for source in sources), "the id")
        self._by_domain = _unique(
            ((domain, source) for source in self.sources.values() for domain in source.domains), "the domain"
        )
        self._names = _Node()
        for source in self.sources.values():
            for name in source.names:
                self._claim(name, Claim(source, "name"))
        for source in self.sources.values():
            for name in source.homographs:
                self._claim(name, Claim(source, "homograph"))
            for name in source.initials:
                self._claim(name, Claim(source, "initials"))
        for source in self.sources.values():
            for name in source.decoys:
                for form in _forms(name, small_article=True):
                    self._names.at(form).decoy = True

    @classmethod
    def load(cls) -> Self:
        """Read the registry that comes with the program; about half a second, so load it once."""
        folder = resources.files("workers.enrich") / "data" / "agencies"
        sources: list[Source] = []
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".yaml"):
                sources += _read_region(file.name, file.read_text(encoding="utf-8"))
        return cls(sources, load_credit_patterns())

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all sources."""
        return frozenset(self.sources)

    def by_url(self, url: str) -> tuple[Source, str] | None:
        """The source whose site ``url`` is on, with the host as ``url`` writes it."""
        try:
            host = urlsplit(url).hostname
        except ValueError:
            return None
        if not host or len(host) > 253:
            return None
        labels = host.split(".")
        for i in range(len(labels) - 1):
            source = self._by_domain.get(".".join(labels[i:]))
            if source is not None:
                return source, host
        return None

    def find(self, text: str, tokens: list[Token]) -> Iterator[NameMatch]:
        """The names in ``tokens`` of the folded ``text``, left to right, the longest one at each place.

        A decoy is among them, without claims.
        """
        i = 0
        while i < len(tokens):
            match = self._longest(text, tokens, i)
            if match is None:
                i += 1
            else:
                yield match
                i = match.last

    def _longest(self, text: str, tokens: list[Token], i: int) -> NameMatch | None:
        for skip, word in _readings(tokens[i].key):
            node = self._names.children.get(word)
            last, found = i + 1, None
            while node is not None:
                if node.claims or node.decoy:
                    found = NameMatch(i, last, skip, () if node.decoy else tuple(node.claims))
                if last == len(tokens) or not _joined(text, tokens[last - 1], tokens[last]):
                    break
                node = node.children.get(tokens[last].key)
                last += 1
            if found is not None:
                return found
        return None

    def _claim(self, name: str, claim: Claim) -> None:
        for form in _forms(name, small_article=claim.certain):
            claims = self._names.at(form).claims
            others = [other for other in claims if other.source is not claim.source]
            if claim.certain and others:
                raise RegistryError(
                    f"{claim.source.id} and {others[0].source.id} both claim the name {name!r}"
                )
            if any(other.certain for other in others):
                raise RegistryError(
                    f"{name!r} of {claim.source.id} is an unambiguous name of {others[0].source.id}"
                )
            if len(others) == len(claims):
                claims.append(claim)


class _Node:
    """One step of the tree of names, word by word."""

    __slots__ = ("children", "claims", "decoy")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.claims: list[Claim] = []
        self.decoy = False

    def at(self, words: tuple[str, ...]) -> _Node:
        node = self
        for word in words:
            node = node.children.setdefault(word, _Node())
        return node


def _forms(name: str, *, small_article: bool) -> set[tuple[str, ...]]:
    """The word sequences that ``name`` is written as.

    As given and in capitals; with a small article if so wanted; with a space or nothing for each non-joiner;
    with a blessing in full, as a letter or left out.
    """
    forms: set[tuple[str, ...]] = set()
    for spelling in _spellings(name):
        written = tuple(token.key for token in fold(spelling).tokens)
        if not written:
            raise RegistryError(f"{name!r} has no word")
        for words in _with_blessings(written):
            capitals = tuple(word.upper() for word in words)
            forms |= {words, capitals}
            if small_article and len(words) > 1 and words[0] in _ARTICLES:
                article = words[0].lower()
                forms |= {(article, *words[1:]), (article, *capitals[1:])}
    return forms


def _spellings(name: str) -> Iterator[str]:
    """``name`` with a space or nothing for each of its non-joiners; folding makes spaces of them."""
    parts = name.split(_NON_JOINER)
    if len(parts) - 1 > _MAX_NON_JOINERS:
        yield name
        return
    for gaps in product((" ", ""), repeat=len(parts) - 1):
        yield "".join(part + gap for part, gap in zip(parts, (*gaps, ""), strict=True))


def _with_blessings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """``words`` as they are, and with their first blessing, if they have one, in every way it is written."""
    yield words
    for i in range(1, len(words)):
        for blessing in _BLESSINGS:
            if words[i : i + len(blessing)] == blessing:
                for other in ((), *_BLESSINGS):
                    yield (*words[:i], *other, *words[i + len(blessing) :])
                return


def _readings(word: str) -> Iterator[tuple[int, str]]:
    """The word itself, then without what Arabic writes onto its beginning."""
    yield 0, word
    if not "\u0600" <= word[0] <= "\u06ff":
        return
    for clitic in _CLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 2:
            yield len(clitic), word[len(clitic) :]
            if clitic.endswith("ل") and len(clitic) > 1:
                yield len(clitic), "ال" + word[len(clitic) :]


def _joined(text: str, left: Token, right: Token) -> bool:
    """Whether two tokens may belong to one name: little between them, and no end of a line or sentence."""
    gap = text[left.end : right.start]
    if gap == ". ":
        return len(left.key) == 1
    return len(gap) <= _MAX_GAP_CHARS and "\n" not in gap and gap not in (": ", "; ", "? ", "! ", ", ")


def _read_region(name: str, text: str) -> list[Source]:
    try:
        return TypeAdapter(_RegionFile).validate_python(_yaml(text)).sources
    except (ValidationError, yaml.YAMLError) as error:
        raise RegistryError(f"{name}: {error}") from error


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _unique(pairs: Iterable[tuple[str, Source]], what: str) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for key, source in pairs:
        if key in found:
            raise RegistryError(f"{source.id} and {found[key].id} both have {what} {key!r}")
        found[key] = source
    return found
