"""The records that cross Telex's edges, as frozen dataclasses that orjson writes as they stand.

The JSON Schemas in ``schemas/`` are the authority for every detail; the schema tests hold these
classes against them. Offsets count Unicode code points in the named field, half open.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

FieldName = Literal["text", "title", "publisher", "url"]


class EventType(StrEnum):
    """The 16 event types of PLOVER (Political Language Ontology for Verifiable Event Records)."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    CONCEDE = "CONCEDE"
    COOPERATE = "COOPERATE"
    AID = "AID"
    RETREAT = "RETREAT"
    REQUEST = "REQUEST"
    ACCUSE = "ACCUSE"
    REJECT = "REJECT"
    THREATEN = "THREATEN"
    PROTEST = "PROTEST"
    SANCTION = "SANCTION"
    MOBILIZE = "MOBILIZE"
    COERCE = "COERCE"
    ASSAULT = "ASSAULT"


class Status(StrEnum):
    """Whether what an event says did happen."""

    ASSERTED = "asserted"
    FUTURE = "future"
    HYPOTHETICAL = "hypothetical"
    NEGATED = "negated"
    HISTORICAL = "historical"


class Quad(StrEnum):
    """The four classes of PLOVER's types: words or deeds, for or against."""

    VERBAL_COOPERATION = "verbal_cooperation"
    MATERIAL_COOPERATION = "material_cooperation"
    VERBAL_CONFLICT = "verbal_conflict"
    MATERIAL_CONFLICT = "material_conflict"


class EntityType(StrEnum):
    """What a named entity is."""

    PERSON = "PERSON"
    ORGANIZATION = "ORGANIZATION"
    LOCATION = "LOCATION"


class Relation(StrEnum):
    """How a source stands to the article."""

    PUBLISHER = "publisher"
    AGENCY = "agency"
    CITED = "cited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as it was read from the input; see ``schemas/article``.

    ``id`` is never empty: without one in the input it is derived from ``url``, else from ``text``.
    ``published_at`` is RFC 3339 as given, ``language`` BCP 47 as given.
    """

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    language: str | None = None
    published_at: str | None = None
    publisher: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in one field of the article; ``text`` is exactly what the field has there."""

    field: FieldName
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTag:
    """A source of the registry that the article is from, credits or quotes."""

    source: str
    relation: Relation
    evidence: Span
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One person, organisation or place with all its mentions in the article.

    ``id`` is unique in the article (``e1``, ``e2`` … in order of first mention); ``country`` is ISO 3166
    alpha-3; ``role`` is a person's title, rank or office as the article words it. ``key`` is a person's
    canonical key, one for all spellings of the name in all scripts; ``wikidata`` is an item's id (``Q…``);
    ``geonames`` is a city's id in GeoNames, with its ``latitude`` and ``longitude`` in degrees (WGS 84).
    ``references`` are places behind the first mention where the article means a person by the office alone.
    """

    id: str
    type: EntityType
    name: str
    country: str | None = None
    role: str | None = None
    key: str | None = None
    wikidata: str | None = None
    geonames: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    mentions: tuple[Span, ...] = ()
    references: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An actor or a recipient of an event; ``entity`` is the id of an entity of the article, if it is one.

    ``sector`` is one of the codes GOV LEG JUD MIL COP INT PTY REB CVL REL MED BUS EDU LAB IGO NGO UNK.
    """

    name: str
    country: str | None = None
    sector: str = "UNK"
    entity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an event is said to have happened."""

    name: str
    country: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTime:
    """When an event is said to have happened: an ISO 8601 date cut to its precision."""

    value: str
    precision: Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleReference:
    """The article that an event was read in."""

    id: str
    version: int
    language: str
    sources: tuple[SourceTag, ...] = ()
    title: str | None = None
    url: str | None = None
    published_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One typed event; see ``schemas/event``.

    ``id`` depends on the article's id and the event's content alone, so that a replay gives the same one.
    ``intensity`` is on the Goldstein scale, -10 to 10; ``confidence`` is 0 to 1.
    """

    id: str
    type: EventType
    mode: str | None
    status: Status
    quad: Quad
    intensity: float
    confidence: float
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    speaker: Party | None
    location: Place | None
    time: EventTime | None
    evidence: Span
    article: ArticleReference


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle:
    """One article with what was found in it; see ``schemas/enriched-article``.

    ``analysed_chars`` tells how much of ``text`` was read for entities and events, counted from its start.
    """

    id: str
    version: int
    language: str
    title: str | None
    url: str | None
    published_at: str | None
    publisher: str | None
    text_chars: int
    analysed_chars: int
    sources: tuple[SourceTag, ...]
    entities: tuple[Entity, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion:
    """An article's id and the version of it that something is told of."""

    id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractedEvent:
    """An event that the newest version of its article no longer has; see ``schemas/retracted-event``.

    ``id`` and ``type`` are those of the event, ``article`` is the version without it. ``retracted`` is always
    true: no event has such a field.
    """

    id: str
    type: EventType
    article: ArticleVersion
    retracted: Literal[True] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReference:
    """An event by its id, with its type."""

    id: str
    type: EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedArticle:
    """What readers have of one article; see ``schemas/published-article``.

    ``version`` is the highest that was published, ``events`` are those that stand, ``retracted`` those that
    this version took back.
    """

    version: int
    events: tuple[EventReference, ...]
    retracted: tuple[EventReference, ...] = ()


class Reason(StrEnum):
    """Why an article could not be enriched: the closed list of dead-letter reasons."""

    TOO_LARGE = "too_large"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    SCHEMA = "schema"
    EMPTY_TEXT = "empty_text"
    TEXT_TOO_LONG = "text_too_long"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why one message did not become an enriched article; ``message`` quotes no secret and is bounded."""

    stage: str
    reason: Reason
    error: str
    message: str


Outcome = EnrichedArticle | Rejection
