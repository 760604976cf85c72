"""Whether those who take part are such as a pattern needs."""

from __future__ import annotations

from collections.abc import Sequence

from workers.contract.records import EventType, Party
from workers.enrich.events.casting import Cast
from workers.enrich.events.match import Match
from workers.enrich.events.reading import Reading
from workers.enrich.events.roles import Roles

_NOT_CLEARLY_HUMAN = ("UNK", "GOV")


def needs_hold(reading: Reading, match: Match, roles: Roles, cast: Cast) -> bool:
    """Whether every need of the match's pattern that is about its parties holds."""
    needs, everyone = match.pattern.needs, [*cast.actors, *cast.recipients]
    plural = _is_plural(reading, roles)
    holds = {
        "actor": bool(cast.actors),
        "recipient": bool(cast.recipients),
        "party": bool(everyone),
        "pair": len(everyone) > 1 or plural,
        "plural": plural,
    }
    if not all(holds.get(need, True) for need in needs):
        return False
    if "public" in needs and not _is_public(reading, match, everyone):
        return False
    if "human" in needs and not _is_human(reading, match, roles, cast):
        return False
    return "armed" not in needs or _is_armed(reading, match, everyone)


def _is_plural(reading: Reading, roles: Roles) -> bool:
    tree, lexicon = reading.tree, reading.lexicon
    return any(
        "Number=Plur" in tree.morph[node]
        and (tree.lemma[node] in lexicon.sectors or tree.form[node] in lexicon.words_of("they"))
        for node in roles.actors
    )


def _is_public(reading: Reading, match: Match, everyone: Sequence[Party]) -> bool:
    """Whether a party acts in public life; in an eventful article unknown ones are taken to, if any act."""
    if any(reading.parties.is_public(p) for p in everyone):
        return True
    return bool(everyone) and not reading.matter.quiet and match.pattern.quality != "weak"


def _is_human(reading: Reading, match: Match, roles: Roles, cast: Cast) -> bool:
    """Whether those whom the act befalls (who act, in a protest) are people."""
    protest = match.pattern.type is EventType.PROTEST
    nodes, parties = (roles.actors, cast.actors) if protest else (roles.recipients, cast.recipients)
    return any(reading.parties.phrases.is_human(n) for n in nodes) or any(
        p.sector not in _NOT_CLEARLY_HUMAN for p in parties
    )


def _is_armed(reading: Reading, match: Match, everyone: Sequence[Party]) -> bool:
    """Whether arms are at work: by who takes part, by a word of arms close by, or all over the article."""
    if any(p.sector in reading.rules.armed_sectors for p in everyone):
        return True
    if any(p.country is not None and p.sector == "GOV" for p in everyone):
        return True
    if reading.matter.armed and match.pattern.quality == "sure":
        return True
    tree, arms = reading.tree, reading.lexicon.words_of("arms")
    return any(
        i != match.token and (tree.lemma[i] in arms or tree.form[i] in arms)
        for i in tree.window(match.token, reading.rules.reach.arms)
    )
