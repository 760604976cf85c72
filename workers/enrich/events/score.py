"""How likely an event is right: by the network, by who takes part, and by what the article is like.

A logistic regression whose weights stand in ``scoring.yaml``. It was fitted on articles that the network had
not seen, so that its probability is a confidence: of the events at 0.8, eight in ten are right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from workers.contract.records import Party
from workers.enrich.encoder.triggers import Trigger
from workers.enrich.events.quotations import quotation_at
from workers.enrich.events.reading import Reading
from workers.enrich.events.rules import Rules

_EDGE = 1e-4
_PUBLIC = frozenset({"GOV", "MIL", "COP", "JUD", "LEG", "PTY", "REB", "IGO", "INT"})


def confidence_of(
    reading: Reading, trigger: Trigger, actors: Sequence[Party], recipients: Sequence[Party], rules: Rules
) -> float:
    """The probability, 0 to 1, that a trigger with these parties is an event of its type."""
    sentence = reading.sentence_at(trigger.start)
    holds = {
        "trigger": math.log(trigger.probability / (1 - trigger.probability + _EDGE) + _EDGE),
        "actor_likely": _likeliest(trigger, "actor"),
        "recipient_likely": _likeliest(trigger, "recipient"),
        "eventful_article": _eventfulness(reading, sentence, rules),
        "actor": bool(actors),
        "actor_country": any(party.country for party in actors),
        "recipient_country": any(party.country for party in recipients),
        "public_party": any(party.sector in _PUBLIC for party in (*actors, *recipients)),
        "stronger_beside": reading.likeliest[sentence] > trigger.probability,
        "asserted": trigger.statuses.get("asserted", 0.0),
        "quoted": quotation_at(reading.quotations, trigger.start) is not None,
    }
    total = rules.bias + sum(rules.weights[name] * float(held) for name, held in holds.items())
    return round(1 / (1 + math.exp(-total)), 2)


def _likeliest(trigger: Trigger, role: str) -> float:
    return max((filler.probability for filler in trigger.fillers if filler.role == role), default=0.0)


def _eventfulness(reading: Reading, sentence: tuple[int, int], rules: Rules) -> float:
    """The mean of the likeliest trigger of every other sentence; of few sentences nearer to the usual."""
    total = sum(reading.likeliest.values()) - reading.likeliest[sentence]
    others = len(reading.sentences) - 1 + rules.usual_sentences
    return (total + rules.usual_sentences * rules.usual_eventfulness) / others
