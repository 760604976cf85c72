"""One act, one event: what only repeats another is left out."""

from __future__ import annotations

from collections.abc import Sequence

from workers.enrich.encoder.triggers import Trigger
from workers.enrich.events.drafts import EventDraft
from workers.enrich.events.rules import Rules

_LEAD_CHARS = 600
_LEAST_LEAD_CHARS = 300
_LEAD_SEARCH_CHARS = 3000


def distinct_events(
    found: Sequence[tuple[Trigger, EventDraft]], rules: Rules
) -> list[tuple[Trigger, EventDraft]]:
    """The events of a sentence that are sure enough, in the order of their triggers.

    A second one of the same type must be surer: a language tends to word one act twice. Of two beside each
    other, which word one act together, the likelier stays.
    """
    kept: list[tuple[Trigger, EventDraft]] = []
    for trigger, event in sorted(found, key=lambda pair: (-pair[1].confidence, pair[0].start)):
        if len(kept) == rules.events_in_sentence:
            break
        if any(_are_one(trigger, other) for other, _ in kept):
            continue
        again = any(other.type == trigger.type for other, _ in kept)
        if event.confidence >= (rules.least_repeat if again else rules.least):
            kept.append((trigger, event))
    return sorted(kept, key=lambda pair: pair[0].start)


def _are_one(one: Trigger, other: Trigger) -> bool:
    first, second = sorted((one, other), key=lambda trigger: trigger.start)
    return second.start - first.end <= 1


def without_repeats(title: Sequence[EventDraft], text: Sequence[EventDraft], body: str) -> list[EventDraft]:
    """The title's events that the first paragraph does not tell again."""
    break_at = _LEAD_CHARS
    if body.count("\n", 0, _LEAD_SEARCH_CHARS) > 1:
        break_at = body.find("\n", body.find("\n") + 1)
    lead_end = max(_LEAST_LEAD_CHARS, break_at)
    lead = [e for e in text if e.evidence.start < lead_end]
    return [e for e in title if not any(_tells_again(other, e) for other in lead)]


def _tells_again(other: EventDraft, event: EventDraft) -> bool:
    mine = {p.country for p in event.actors if p.country}
    theirs = {p.country for p in other.actors if p.country}
    return other.type is event.type and (mine == theirs or not mine or bool(mine & theirs))
