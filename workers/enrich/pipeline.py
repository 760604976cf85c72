"""The way of an article, top down: text, language, sources, syntax, entities, events, identity."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from workers.contract.records import Article, ArticleReference, EnrichedArticle
from workers.enrich.article import Limits
from workers.enrich.encoder.network import MODEL_DIRECTORY
from workers.enrich.entities import EntityKnowledge, recognise_entities
from workers.enrich.events import EventKnowledge, code_events
from workers.enrich.identity import identify_events
from workers.enrich.language import LanguageIdentifier
from workers.enrich.registry import SourceRegistry
from workers.enrich.sources import credit_sources
from workers.enrich.syntax import Parsers
from workers.enrich.text import prepare_fields

StageObserver = Callable[[str, float], None]


def _ignore(stage: str, duration_seconds: float) -> None:
    del stage, duration_seconds


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All that enriching needs, loaded once; ``enrich`` is a pure function of the article.

    ``observe`` is told each stage's name and duration in seconds.
    """

    limits: Limits
    languages: LanguageIdentifier
    registry: SourceRegistry
    parsers: Parsers
    entity_knowledge: EntityKnowledge
    event_knowledge: EventKnowledge
    observe: StageObserver = _ignore

    @classmethod
    def load(
        cls, limits: Limits, observe: StageObserver = _ignore, *, networks: Path = MODEL_DIRECTORY
    ) -> Pipeline:
        """Load the models and data files, which takes seconds; ``networks`` has the one that finds names."""
        registry = SourceRegistry.load()
        entity_knowledge = EntityKnowledge.load(registry)
        entity_knowledge.read_all()
        return cls(
            limits=limits,
            languages=LanguageIdentifier(),
            registry=registry,
            parsers=Parsers.load(networks=networks),
            entity_knowledge=entity_knowledge,
            event_knowledge=EventKnowledge.load(entity_knowledge),
            observe=observe,
        )

    def memory_zone(self) -> AbstractContextManager[None]:
        """A block at whose end the models forget the words that they met in it."""
        return self.parsers.memory_zone()

    def enrich(self, article: Article) -> EnrichedArticle:
        """Return ``article`` with its language, sources, entities and typed events."""
        with self._stage("text"):
            fields = prepare_fields(article, self.limits.max_analysed_chars)
        with self._stage("language"):
            language = self.languages.identify(article, fields)
        with self._stage("sources"):
            sources = credit_sources(article, fields, language, self.registry)
        with self._stage("syntax"):
            parses = self.parsers.parse(fields, language)
        with self._stage("entities"):
            entities = recognise_entities(parses, language, sources, self.entity_knowledge)
        with self._stage("events"):
            drafts = code_events(
                parses, language, entities, sources, article.published_at, self.event_knowledge
            )
        reference = ArticleReference(
            id=article.id,
            version=article.version,
            language=language,
            sources=sources,
            title=article.title,
            url=article.url,
            published_at=article.published_at,
        )
        with self._stage("identity"):
            events = tuple(identify_events(drafts, reference))
        return EnrichedArticle(
            id=article.id,
            version=article.version,
            language=language,
            title=article.title,
            url=article.url,
            published_at=article.published_at,
            publisher=article.publisher,
            text_chars=len(article.text),
            analysed_chars=next(len(field.clean) for field in fields if field.name == "text"),
            sources=sources,
            entities=entities,
            events=events,
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.observe(name, time.perf_counter() - started)
