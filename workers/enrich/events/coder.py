"""From triggers and entities to typed events.

The way, top down: the network has marked the words that carry an event and those who take part in it. Each
trigger gets its parties from the article's entities (`parties`), its speaker, place and time (`dates`), its
mode, the clause that shows it all (`evidence`), and its confidence (`score`). Of each sentence the events
are kept that are sure enough and tell an act of their own (`repeats`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby

from workers.contract.records import (
    Entity,
    EntityType,
    EventTime,
    EventType,
    Party,
    Place,
    SourceTag,
    Status,
)
from workers.enrich.encoder.triggers import Filler, Trigger
from workers.enrich.events.dates import nearest_date
from workers.enrich.events.drafts import EventDraft
from workers.enrich.events.evidence import evidence_of
from workers.enrich.events.knowledge import EventKnowledge
from workers.enrich.events.parties import merge
from workers.enrich.events.plover import PloverType
from workers.enrich.events.quotations import Quotation, quotation_at
from workers.enrich.events.reading import Reading, make_reading
from workers.enrich.events.repeats import distinct_events, without_repeats
from workers.enrich.events.rules import Rules
from workers.enrich.events.score import confidence_of
from workers.enrich.syntax import Parse

# Whoever does these speaks.
SPEECH = frozenset(
    {
        EventType.AGREE,
        EventType.SUPPORT,
        EventType.CONCEDE,
        EventType.REQUEST,
        EventType.ACCUSE,
        EventType.REJECT,
        EventType.THREATEN,
    }
)


def code_events(
    parses: Sequence[Parse],
    language: str,
    entities: Sequence[Entity],
    sources: Sequence[SourceTag],
    published_at: str | None,
    knowledge: EventKnowledge,
) -> tuple[EventDraft, ...]:
    """The typed events that the fields report, title first, then in text order.

    A credited agency or publisher is never a party. ``published_at`` (RFC 3339) is what relative dates are
    worked out from; without it they stay unknown.
    """
    told: list[EventDraft] = []
    for parse in parses:
        reading = make_reading(parse, language, entities, sources, published_at, knowledge)
        events = sorted(_read_field(reading, knowledge), key=lambda event: (event.evidence.start, event.type))
        if parse.field.name == "text":
            told = without_repeats(told, events, parse.field.clean)
        told.extend(events)
    return tuple(told)


def _read_field(reading: Reading, knowledge: EventKnowledge) -> Iterator[EventDraft]:
    """All events of a field, by sentence and place in it."""
    candidates = read_triggers(reading, knowledge)
    for _, found in groupby(candidates, key=lambda pair: reading.sentence_at(pair[0].start)):
        yield from (event for _, event in distinct_events(list(found), knowledge.rules))


def read_triggers(reading: Reading, knowledge: EventKnowledge) -> Iterator[tuple[Trigger, EventDraft]]:
    """Each trigger of a field that is worth a look, in text order, with the event that it would be."""
    for trigger in reading.triggers:
        if trigger.probability >= knowledge.rules.least_trigger:
            yield trigger, _read_trigger(reading, trigger, knowledge)


def _read_trigger(reading: Reading, trigger: Trigger, knowledge: EventKnowledge) -> EventDraft:
    """The event that a trigger carries."""
    rules = knowledge.rules
    event_type = EventType(trigger.type)
    plover = knowledge.plover[event_type]
    speaker = _speaker(reading, trigger, rules)
    actors = _parties(reading, trigger, "actor", rules)
    recipients = _parties(reading, trigger, "recipient", rules)
    if event_type is EventType.CONSULT:
        # Those who meet are both actors.
        actors, recipients = merge([*actors, *recipients], rules.parties_each_side), ()
    if not actors and speaker is not None and event_type in SPEECH:
        actors = (speaker,)
    location = _location(reading, trigger, rules)
    home = (location and location.country) or reading.parties.mentions.main_country
    actors = reading.parties.at_home(actors, home)
    recipients = reading.parties.at_home(recipients, home)
    mode = _mode(trigger, plover, rules)
    time = nearest_date(reading.dates, trigger.start, trigger.end, *reading.sentence_at(trigger.start))
    return EventDraft(
        type=event_type,
        mode=mode,
        status=_status(trigger, event_type, time, reading, rules),
        quad=plover.quad,
        intensity=plover.intensity_of(mode),
        confidence=confidence_of(reading, trigger, actors, recipients, rules),
        actors=actors,
        recipients=tuple(party for party in recipients if party not in actors),
        speaker=speaker,
        location=location,
        time=time,
        evidence=evidence_of(reading, trigger, rules.evidence_chars),
    )


def _fillers(trigger: Trigger, role: str, rules: Rules) -> list[Filler]:
    """Who fills a role: all who are likely to, else the likeliest, if it is no wild guess."""
    able = [filler for filler in trigger.fillers if filler.role == role and not _is_rather(trigger, filler)]
    sure = [filler for filler in able if filler.probability >= rules.least_filler]
    if sure:
        return sure
    best = max(able, key=lambda filler: filler.probability, default=None)
    return [best] if best is not None and best.probability >= rules.least_only_filler else []


def _is_rather(trigger: Trigger, filler: Filler) -> bool:
    """Whether the same words are likelier on the other side of the act."""
    other = {"actor": "recipient", "recipient": "actor"}.get(filler.role)
    return any(
        rival.role == other
        and rival.probability > filler.probability
        and rival.start < filler.end
        and filler.start < rival.end
        for rival in trigger.fillers
    )


def _parties(reading: Reading, trigger: Trigger, role: str, rules: Rules) -> tuple[Party, ...]:
    found: list[Party] = []
    quotation = quotation_at(reading.quotations, trigger.start)
    for filler in _fillers(trigger, role, rules):
        if role == "actor" and _only_tells(trigger, filler, quotation):
            continue
        parties = reading.parties.resolve(filler)
        if role == "actor":
            reading.parties.remember(filler, parties)
        found.extend(parties)
    return merge(found, rules.parties_each_side)


def _only_tells(trigger: Trigger, filler: Filler, quotation: Quotation | None) -> bool:
    """Whether somebody outside a quotation tells of a deed in it: who says so is not who does it."""
    if quotation is None or EventType(trigger.type) in SPEECH:
        return False
    return not quotation.start <= filler.start < quotation.end


def _speaker(reading: Reading, trigger: Trigger, rules: Rules) -> Party | None:
    """Who tells of the event, as the sentence says; in a quotation who speaks beside it, or spoke last."""
    quotation = quotation_at(reading.quotations, trigger.start)
    fillers = _fillers(trigger, "speaker", rules)
    if quotation is not None and not fillers:
        fillers = _voices(reading, trigger, quotation, rules)
    for filler in fillers:
        parties = reading.parties.resolve(filler)
        if parties:
            reading.parties.remember(filler._replace(role="speaker"), parties[:1])
            return parties[0]
    return reading.parties.last_speaker(trigger.start) if quotation is not None else None


def _voices(reading: Reading, trigger: Trigger, quotation: Quotation, rules: Rules) -> list[Filler]:
    """Who says anything in the sentences that a quotation begins and ends in, outside it; nearest first."""
    first, _ = reading.sentence_at(quotation.start)
    _, last = reading.sentence_at(quotation.end)
    voices = [
        filler
        for other in reading.triggers_within(first, last)
        for role in ("speaker", "actor")
        if role == "speaker" or EventType(other.type) in SPEECH
        for filler in _fillers(other, role, rules)
        if not quotation.start <= filler.start < quotation.end
    ]
    return sorted(voices, key=lambda filler: abs(filler.start - trigger.start))


def _status(
    trigger: Trigger, event_type: EventType, time: EventTime | None, reading: Reading, rules: Rules
) -> Status:
    """The likeliest status; what is dated long before the article is background, whatever its tense."""
    status = Status(max(trigger.statuses, key=lambda status: trigger.statuses[status]))
    if status is not Status.ASSERTED or time is None or reading.published is None or event_type in SPEECH:
        return status
    latest = f"{time.value}-12-31"[:10] if time.precision == "year" else f"{time.value}-31"[:10]
    before = reading.published - timedelta(days=rules.historical_after_days)
    return Status.HISTORICAL if latest < before.isoformat() else status


def _location(reading: Reading, trigger: Trigger, rules: Rules) -> Place | None:
    """The named place that the sentence puts the act in."""
    for filler in _fillers(trigger, "place", rules):
        for mention in reading.parties.mentions.within(filler.start, filler.end):
            entity = mention.entity
            if entity.type is EntityType.LOCATION:
                return Place(name=entity.name, country=entity.country, entity=entity.id)
    return None


def _mode(trigger: Trigger, plover: PloverType, rules: Rules) -> str | None:
    """The likeliest of the type's modes, if it is likely enough."""
    likely = {mode: share for mode, share in trigger.modes.items() if mode in plover.modes}
    mode = max(likely, key=lambda mode: likely[mode], default=None)
    return mode if mode is not None and likely[mode] >= rules.least_mode else None
