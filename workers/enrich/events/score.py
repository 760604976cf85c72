"""How likely an event is right: by the network, by who takes part, and by what the article is like.

A logistic regression whose weights stand in ``scoring.yaml``, on articles that the network had not seen, so
that its probability is a confidence: of the events at 0.8, eight in ten are to be right.
``tests/quality/confidence.py`` prints whether they are, and fits the weights anew.
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
    features = features_of(reading, trigger, actors, recipients, rules)
    total = rules.bias + sum(rules.weights[name] * value for name, value in features.items())
    return round(1 / (1 + math.exp(-total)), 2)


def features_of(
    reading: Reading, trigger: Trigger, actors: Sequence[Party], recipients: Sequence[Party], rules: Rules
) -> dict[str, float]:
    """What speaks for or against an event, by the names of `WEIGHTS`; 1 for what holds, else 0."""
    sentence = reading.sentence_at(trigger.start)
    holds: dict[str, float] = {
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
    return {name: float(value) for name, value in holds.items()}


def _likeliest(trigger: Trigger, role: str) -> float:
    return max((filler.probability for filler in trigger.fillers if filler.role == role), default=0.0)


def _eventfulness(reading: Reading, sentence: tuple[int, int], rules: Rules) -> float:
    """The mean of the likeliest trigger of every other sentence; of few sentences nearer to the usual."""
    total = reading.total_likeliest - reading.likeliest[sentence]
    others = len(reading.sentences) - 1 + rules.usual_sentences
    return (total + rules.usual_sentences * rules.usual_eventfulness) / others
