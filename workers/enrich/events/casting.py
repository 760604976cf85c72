"""Who fills the roles of an event: from nodes around a trigger to its actors, recipients and speaker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from workers.contract.records import EntityType, Party
from workers.enrich.events.circumstances import speaker_of
from workers.enrich.events.match import Match
from workers.enrich.events.parties import at_home, merge
from workers.enrich.events.quotations import Quotation
from workers.enrich.events.reading import Reading
from workers.enrich.events.roles import Roles
from workers.enrich.events.tree import NOMINAL, VERBAL

MAX_LISTED = 3
QUOTATION_MARKS = ("«", "“")


@dataclass(frozen=True, slots=True)
class Cast:
    """The parties of an event; nobody is on both sides."""

    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    speaker: Party | None

    def at_home_in(self, country: str, sectors: frozenset[str]) -> Cast:
        """The same, with bodies of no other country those of the place where the act happened."""
        return replace(
            self,
            actors=at_home(self.actors, country, sectors),
            recipients=at_home(self.recipients, country, sectors),
        )


def cast_of(reading: Reading, match: Match, roles: Roles, quotation: Quotation | None) -> Cast:
    """Resolve the roles and deal them out as the pattern says (see `Pattern.roles`)."""
    pattern, parties = match.pattern, reading.parties
    speaks = pattern.speech and pattern.head_class == "verb"
    actors = _resolved(reading, roles.actors, parties.resolve_speaker if speaks else parties.resolve)
    recipients = _resolved(reading, roles.recipients, parties.resolve)
    speaker = speaker_of(reading, match.token, quotation)
    match pattern.roles:
        case "speaker":
            actors, recipients = ((speaker,) if speaker else ()), actors
        case "reverse":
            actors, recipients = recipients, actors
        case "nobody":
            actors, recipients = (), ()
        case "reciprocal":
            actors, recipients = _merged(reading, [*actors, *recipients]), ()
            if len(actors) == 1:
                actors = _merged(reading, [*actors, *_listed_after(reading, roles)])
        case "direct":
            if pattern.speech and pattern.head_class != "noun" and not recipients:
                recipients = _recipient_in_said(reading, match.token, actors)
    return Cast(actors, tuple(p for p in recipients if p not in actors), speaker)


def _merged(reading: Reading, parties: Iterable[Party]) -> tuple[Party, ...]:
    return merge(parties, reading.rules.limits.parties_each_side)


def _resolved(
    reading: Reading, nodes: Iterable[int], resolve: Callable[[int], tuple[Party, ...]]
) -> tuple[Party, ...]:
    return _merged(reading, [party for node in nodes for party in resolve(node)])


def _recipient_in_said(reading: Reading, token: int, actors: tuple[Party, ...]) -> tuple[Party, ...]:
    """Whom a statement is about when nobody is its object: the first party in what was said."""
    tree, parties = reading.tree, reading.parties
    places = reading.lexicon.words_of("place")
    names = {p.name for p in actors}
    end = min(token + reading.rules.reach.deep_recipient, tree.sentence_bounds[tree.sentence[token]][1])
    for i in range(token + 1, end):
        if tree.node[i] != i or tree.pos[i] not in NOMINAL or tree.form[i] in QUOTATION_MARKS:
            continue
        if not any(above == token for above in tree.ancestors(i, 6)):
            continue
        entity = parties.mentions.entity_at(i)
        if entity is not None and entity.type is EntityType.LOCATION and tree.case[i] in places:
            continue
        found = parties.resolve(i, conjunctions=False)
        found = tuple(p for p in found if p.name not in names and (p.country or p.entity))
        if found:
            return found
    return ()


def _listed_after(reading: Reading, roles: Roles) -> list[Party]:
    """The names that follow "between A" in the same clause, when the parser lost the list."""
    tree, between = reading.tree, reading.lexicon.words_of("between")
    node = next((n for n in (*roles.actors, *roles.recipients) if tree.case[n] in between), None)
    if node is None:
        return []
    found: list[Party] = []
    for i in range(node + 1, tree.sentence_bounds[tree.sentence[node]][1]):
        if tree.pos[i] in VERBAL or len(found) == MAX_LISTED:
            break
        if tree.node[i] == i and reading.parties.mentions.is_person(i):
            found.extend(reading.parties.resolve(i, conjunctions=False))
    return found
