"""People, organisations and places of an article, each one entity with all its mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workers.contract.records import Entity, SourceTag
from workers.enrich.entities.agreement import harmonise
from workers.enrich.entities.joining import join
from workers.enrich.entities.knowledge import EntityKnowledge
from workers.enrich.entities.recognise import read
from workers.enrich.entities.references import role_references
from workers.enrich.syntax import Parse

__all__ = ["EntityKnowledge", "recognise_entities"]


def recognise_entities(
    parses: Sequence[Parse], language: str, sources: Sequence[SourceTag], knowledge: EntityKnowledge
) -> tuple[Entity, ...]:
    """The entities of one article in order of first mention, ids ``e1``, ``e2`` …; the title comes first.

    ``parses`` are the article's fields in one language. The sources that the article credits are
    organisations where their evidence names them. Mentions never overlap, and each one's text is exactly what
    the field has there.
    """
    rules = knowledge.rules(language)
    readings = [
        read(index, parse, rules, knowledge.credited(parse.field.name, sources))
        for index, parse in enumerate(parses)
    ]
    harmonise(readings, rules)
    entities = join(readings, rules)
    references = role_references(readings, entities, rules, knowledge.reference_words(language))
    return tuple(replace(entity, references=references.get(entity.id, ())) for entity in entities)
