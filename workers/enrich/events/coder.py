"""From parsed fields and entities to typed events, by the patterns of the language's lexicon.

The way, top down: each sentence passes a gate of one look-up a token (`match`). What triggers an event gets
its roles along the dependency tree (`roles`), its parties from the entities (`casting`), and must have those
that its pattern needs (`needs`). Then come time and status (`times`, `status`), and with them the type, the
score (`score`), what else is told (`circumstances`), and the clause that shows it all (`evidence`). At the
end one act is one event (`repeats`).
"""

from __future__ import annotations

from collections.abc import Sequence

from workers.contract.records import Entity, SourceTag
from workers.enrich.events.casting import cast_of
from workers.enrich.events.circumstances import location_of, mode_of
from workers.enrich.events.drafts import EventDraft
from workers.enrich.events.evidence import evidence_of
from workers.enrich.events.knowledge import EventKnowledge
from workers.enrich.events.match import Match, gate, matches
from workers.enrich.events.matter import SentenceMatter, sentence_matter
from workers.enrich.events.needs import needs_hold
from workers.enrich.events.plover import Plover
from workers.enrich.events.quotations import quotation_at
from workers.enrich.events.reading import Reading, make_readings
from workers.enrich.events.repeats import Found, distinct, is_covered, without_repeats
from workers.enrich.events.roles import roles_of
from workers.enrich.events.score import score_of
from workers.enrich.events.status import kind_of
from workers.enrich.events.times import time_of
from workers.enrich.syntax import Parse

MAX_DEPTH = 30


def code_events(
    parses: Sequence[Parse],
    language: str,
    entities: Sequence[Entity],
    sources: Sequence[SourceTag],
    published_at: str | None,
    knowledge: EventKnowledge,
) -> tuple[EventDraft, ...]:
    """The typed events that the fields report, title first, then in text order.

    A credited agency or publisher is never a party. A language without a lexicon has no events.
    ``published_at`` (RFC 3339) is what relative dates are worked out from; without it they stay unknown.
    """
    if language not in knowledge.lexicons:
        return ()
    told: list[EventDraft] = []
    for reading in make_readings(parses, language, entities, sources, published_at, knowledge):
        events = _read_field(reading, knowledge.plover)
        if reading.field.name == "text":
            told = without_repeats(told, events, reading.field.clean)
        told.extend(events)
    return tuple(told)


def _read_field(reading: Reading, plover: Plover) -> list[EventDraft]:
    """All events of a field in order of their evidence."""
    events = [
        event
        for sentence in range(len(reading.tree.sentence_bounds))
        for event in _read_sentence(reading, sentence, plover)
    ]
    return sorted(events, key=lambda e: (e.evidence.start, e.evidence.end, e.type))


def _read_sentence(reading: Reading, sentence: int, plover: Plover) -> list[EventDraft]:
    """The events of a sentence, those nearest to the root of its tree first."""
    tree, limits = reading.tree, reading.rules.limits
    triggers = gate(tree, sentence, reading.lexicon)[: limits.triggers_in_sentence]
    if not triggers:
        return []
    matter = sentence_matter(tree, sentence, reading.lexicon, reading.rules.matter)
    depth = {t: sum(1 for _ in tree.ancestors(t, MAX_DEPTH)) for t in triggers}
    used: set[int] = set()
    found: list[Found] = []
    for token in sorted(triggers, key=lambda t: (depth[t], t)):
        if token in used:
            continue
        event = _read_trigger(reading, token, matter, found, plover)
        if event is not None:
            used.update(event.match.words)
            found.append(event)
    return [f.draft for f in distinct(tree, found)[: limits.events_in_sentence]]


def _read_trigger(
    reading: Reading, token: int, matter: SentenceMatter, found: Sequence[Found], plover: Plover
) -> Found | None:
    """The event of the most specific pattern that holds at ``token``, if any."""
    for match in matches(reading.tree, token, reading.lexicon, reading.parties.mentions, reading.rules.reach):
        if is_covered(reading.tree, reading.quotations, match, found):
            return None
        event = _read_match(reading, match, matter, plover)
        if event is not None:
            return event
    return None


def _read_match(reading: Reading, match: Match, matter: SentenceMatter, plover: Plover) -> Found | None:
    """The event that a match tells, unless a need is not met or too little speaks for it."""
    tree, token, pattern = reading.tree, match.token, match.pattern
    quotation = quotation_at(reading.quotations, tree.start[token])
    roles = roles_of(reading, match)
    cast = cast_of(reading, match, roles, quotation)
    if not needs_hold(reading, match, roles, cast):
        return None
    time = time_of(tree, token, reading.published, reading.lexicon, reading.rules.reach.time)
    kind = kind_of(reading, match, time)
    score = score_of(reading, pattern, cast, kind.status, matter, quoted=quotation is not None)
    if score < reading.rules.scoring.least_score:
        return None
    location = location_of(reading, match, roles)
    if location is not None and location.country is not None:
        cast = cast.at_home_in(location.country, reading.rules.sectors_at_home)
    mode = kind.mode or mode_of(reading, kind.type, match)
    draft = EventDraft(
        type=kind.type,
        mode=mode,
        status=kind.status,
        quad=plover[kind.type].quad,
        intensity=plover[kind.type].intensity_of(mode),
        confidence=reading.rules.scoring.confidence(score),
        actors=cast.actors,
        recipients=cast.recipients,
        speaker=cast.speaker,
        location=location,
        time=time,
        evidence=evidence_of(reading, match, roles),
    )
    return Found(draft, match, score)
