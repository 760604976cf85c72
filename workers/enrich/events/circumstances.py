"""What else is told of an event: who says it, in what mode, and where it happened."""

from __future__ import annotations

from workers.contract.records import EntityType, EventType, Party, Place
from workers.enrich.events.match import Match
from workers.enrich.events.quotations import Quotation
from workers.enrich.events.reading import Reading
from workers.enrich.events.roles import Roles
from workers.enrich.events.tree import VERBAL, subject_of

CLAUSES_UP = 5


def speaker_of(reading: Reading, token: int, quotation: Quotation | None) -> Party | None:
    """Who says what stands at ``token``: in quotation marks, or in a clause of a verb of saying."""
    tree, lexicon, parties = reading.tree, reading.lexicon, reading.parties
    if quotation is not None and quotation.speaker is not None:
        said_by = parties.resolve(quotation.speaker, conjunctions=False)
        if said_by:
            return said_by[0]
    node = token
    for above in tree.ancestors(token, CLAUSES_UP):
        if (
            tree.relation[node] in ("ccomp", "parataxis", "advcl", "xcomp")
            and tree.pos[above] in VERBAL
            and tree.lemma[above] in lexicon.words_of("say")
        ):
            subject = subject_of(tree, above, lexicon.words_of("relative"))
            if subject is None or parties.mentions.is_credited(subject):
                return None
            return next(iter(parties.resolve(subject, conjunctions=False)), None)
        node = above
    return None


def mode_of(reading: Reading, event_type: EventType, match: Match) -> str | None:
    """The mode that the nearest telling word tells."""
    words = reading.lexicon.mode_words.get(event_type, {})
    tree = reading.tree
    near = [
        i
        for i in tree.window(match.token, reading.rules.reach.mode)
        if tree.lemma[i] in words or tree.form[i] in words
    ]
    if not near:
        return None
    nearest = min(near, key=lambda i: (abs(i - match.token), i))
    return words.get(tree.lemma[nearest]) or words.get(tree.form[nearest])


def location_of(reading: Reading, match: Match, roles: Roles) -> Place | None:
    """The named place that a preposition of place puts the act in."""
    tree, place_words = reading.tree, reading.lexicon.words_of("place")
    taken = {*roles.actors, *roles.recipients}
    holders = [match.token, *match.words, *([roles.support] if roles.support is not None else [])]
    if tree.relation[match.token] in ("obj", "prep", "subj", "subjpass", "xcomp", "ccomp"):
        holders.append(tree.head[match.token])
    for holder in holders:
        for k in tree.kids(holder, "prep"):
            entity = reading.parties.mentions.entity_at(k)
            if entity is None or entity.type is not EntityType.LOCATION or k in taken:
                continue
            if tree.case[k] in place_words:
                return Place(name=entity.name, country=entity.country, entity=entity.id)
    return None
