"""One act, one event: what only repeats another, or is what another act is about, is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.contract.records import EventType, Party
from workers.enrich.events.drafts import EventDraft
from workers.enrich.events.match import Match
from workers.enrich.events.quotations import Quotation, quotation_at
from workers.enrich.events.tree import VERBAL, Tree

LEVELS_UP = 5
LEAD_CHARS = 600
LEAST_LEAD_CHARS = 300
LEAD_SEARCH_CHARS = 3000
_COVERED = frozenset(
    {"obj", "xcomp", "prep", "acl", "ccomp", "conj", "poss", "compound", "amod", "advcl", "attr"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """An event of a sentence with the match that found it and its score."""

    draft: EventDraft
    match: Match
    score: float


def is_covered(tree: Tree, quotations: Sequence[Quotation], match: Match, found: Sequence[Found]) -> bool:
    """Whether the trigger is only what another act of this sentence is about ("condemned the attack")."""
    node = match.token
    quotation = quotation_at(quotations, tree.start[node])
    for _ in range(LEVELS_UP):
        parent, relation = tree.head[node], tree.relation[node]
        if parent == node or relation not in _COVERED:
            return False
        if relation == "advcl" and tree.case[node] == "":
            return False
        if relation == "conj" and tree.pos[node] in VERBAL and node == match.token:
            return False
        for other in found:
            if quotation is not quotation_at(quotations, tree.start[other.match.token]):
                # What is said is an act of its own.
                continue
            told_in_passing = match.pattern.type is EventType.ASSAULT and match.pattern.quality == "sure"
            if told_in_passing and other.match.pattern.type is EventType.ACCUSE:
                # "condemned the air strike": it tells of the strike as of a fact.
                continue
            same_kind = match.pattern.head_class == "noun" and other.match.pattern.type is match.pattern.type
            if other.match.token == parent and (other.match.pattern.speech or same_kind):
                return True
        node = parent
    return False


def distinct(tree: Tree, found: Sequence[Found]) -> list[Found]:
    """One event for one act: of the same type, with the same or unknown parties, the surest stays."""
    words = [set(f.match.words) for f in found]
    kept: list[Found] = []
    for i, this in sorted(enumerate(found), key=lambda pair: (-pair[1].score, pair[1].match.token)):
        part_of_another = any(this.match.token in w for j, w in enumerate(words) if j != i)
        if not part_of_another and not any(_same_act(tree, this, other) for other in kept):
            kept.append(this)
    return kept


def without_repeats(title: Sequence[EventDraft], text: Sequence[EventDraft], body: str) -> list[EventDraft]:
    """The title's events that the first paragraph does not tell again."""
    break_at = (
        body.find("\n", body.find("\n") + 1) if body.count("\n", 0, LEAD_SEARCH_CHARS) > 1 else LEAD_CHARS
    )
    lead_end = max(LEAST_LEAD_CHARS, break_at)
    lead = [e for e in text if e.evidence.start < lead_end]
    return [e for e in title if not any(_tells_again(other, e) for other in lead)]


def _tells_again(other: EventDraft, event: EventDraft) -> bool:
    mine = {p.country for p in event.actors if p.country}
    theirs = {p.country for p in other.actors if p.country}
    return other.type is event.type and (mine == theirs or not mine or bool(mine & theirs))


def _same_act(tree: Tree, one: Found, other: Found) -> bool:
    if one.draft.type is not other.draft.type:
        return False
    mine, theirs = _names(one.draft.actors), _names(other.draft.actors)
    harmed, also_harmed = _names(one.draft.recipients), _names(other.draft.recipients)
    if not (mine or harmed) or not (theirs or also_harmed):
        return True
    others_act = bool(mine) and bool(theirs) and mine.isdisjoint(theirs)
    if one.draft.type is EventType.ASSAULT or _is_above(tree, one.match.token, other.match.token):
        return not others_act
    return bool(mine & theirs) and not (harmed and also_harmed and harmed.isdisjoint(also_harmed))


def _is_above(tree: Tree, one: int, other: int) -> bool:
    """Whether one of the two tokens hangs from the other, but not as its conjunct."""
    tokens = (one, other)
    return any(
        above in tokens for t in tokens if tree.relation[t] != "conj" for above in tree.ancestors(t, 4)
    )


def _names(parties: Sequence[Party]) -> set[str]:
    return {p.name for p in parties}
