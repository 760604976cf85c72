"""How much speaks for an event."""

from __future__ import annotations

from workers.contract.records import Status
from workers.enrich.events.casting import Cast
from workers.enrich.events.lexicon import Pattern
from workers.enrich.events.matter import SentenceMatter
from workers.enrich.events.reading import Reading


def score_of(
    reading: Reading, pattern: Pattern, cast: Cast, status: Status, sentence: SentenceMatter, *, quoted: bool
) -> float:
    """The sum, held within 0 and 1, of the pattern's quality and the weights of all that holds."""
    scoring, is_public = reading.rules.scoring, reading.parties.is_public
    everyone = (*cast.actors, *cast.recipients)
    named = bool(pattern.needs) or not reading.matter.political
    holds = {
        "public_actor": any(is_public(p) for p in cast.actors),
        "public_recipient": any(is_public(p) for p in cast.recipients) or len(cast.actors) > 1,
        "no_party": not everyone and named,
        "unnamed": not everyone and not named,
        "private_parties": bool(everyone) and not any(is_public(p) for p in everyone),
        "noun": pattern.head_class == "noun",
        "unreal": status in (Status.HYPOTHETICAL, Status.NEGATED),
        "quotation": quoted,
        "quiet_sentence": sentence.quiet and not reading.matter.quiet,
    }
    score = scoring.quality[pattern.quality]
    if reading.matter.quiet_domain is not None:
        score += scoring.quiet_article[reading.matter.quiet_domain]
        if sentence.political:
            score += scoring.weights["political_sentence_in_quiet_article"]
    for name, held in holds.items():
        if held:
            score += scoring.weights[name]
    return max(0.0, min(1.0, score))
