"""One field made ready to read: its tree, its quotations, its parties, and what the article is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workers.contract.records import Entity, SourceTag
from workers.enrich.events.knowledge import EventKnowledge
from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.matter import Matter, matter_of
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.parties import Parties
from workers.enrich.events.phrases import Phrases
from workers.enrich.events.quotations import Quotation, find_quotations
from workers.enrich.events.references import References
from workers.enrich.events.repairs import repair
from workers.enrich.events.rules import Rules
from workers.enrich.events.times import dateline_of, published_day
from workers.enrich.events.tree import Tree, make_tree
from workers.enrich.syntax import Parse
from workers.enrich.text import FieldText


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the steps of the coder look at in one field."""

    field: FieldText
    tree: Tree
    quotations: Sequence[Quotation]
    parties: Parties
    lexicon: Lexicon
    rules: Rules
    matter: Matter
    published: date | None
    dateline: tuple[int, int] | None


def make_readings(
    parses: Sequence[Parse],
    language: str,
    entities: Sequence[Entity],
    sources: Sequence[SourceTag],
    published_at: str | None,
    knowledge: EventKnowledge,
) -> list[Reading]:
    """A reading of each parsed field, in their order; the language must have a lexicon."""
    lexicon, rules = knowledge.lexicons[language], knowledge.rules
    trees = [_tree(parse, entities, lexicon) for parse in parses]
    matter = matter_of(trees, lexicon, rules.matter)
    readings = []
    for parse, tree in zip(parses, trees, strict=True):
        quotations = find_quotations(tree, lexicon)
        mentions = Mentions(tree, parse.field.name, entities, sources)
        phrases = Phrases(tree, mentions, lexicon, knowledge.gazetteer, language, rules.limits.name_chars)
        references = References(tree, mentions, phrases, quotations, lexicon, rules.reach.look_back_chars)
        readings.append(
            Reading(
                field=parse.field,
                tree=tree,
                quotations=quotations,
                parties=Parties(tree, mentions, phrases, references, lexicon, matter.political),
                lexicon=lexicon,
                rules=rules,
                matter=matter,
                published=published_day(published_at),
                dateline=dateline_of(tree, lexicon),
            )
        )
    return readings


def _tree(parse: Parse, entities: Sequence[Entity], lexicon: Lexicon) -> Tree:
    spans = [(m.start, m.end) for e in entities for m in e.mentions if m.field == parse.field.name]
    tree = make_tree(parse.doc, spans, lexicon.gerund)
    repair(tree, lexicon)
    return tree
