"""The coder's thresholds and weights, the same for every language; from ``scoring.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.enrich.encoder.triggers import LEAST_FILLER, LEAST_MODE, LEAST_PROBABILITY

WEIGHTS = frozenset(
    {
        "trigger",
        "actor_likely",
        "recipient_likely",
        "eventful_article",
        "actor",
        "actor_country",
        "recipient_country",
        "public_party",
        "stronger_beside",
        "asserted",
        "quoted",
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """How sure an event, a filler and a mode must be, how far is looked, and how much is told.

    ``least_trigger`` is the network's probability from which a trigger is looked at, ``least`` the confidence
    from which an event is published; ``least_repeat`` that of a second event of one type in a sentence;
    ``least_only_filler`` that of the likeliest of a role that nobody surely fills. ``weights`` and ``bias``
    make the confidence.
    """

    least_trigger: float
    least: float
    least_repeat: float
    least_filler: float
    least_only_filler: float
    least_mode: float
    historical_after_days: int
    look_back_chars: int
    evidence_chars: int
    name_chars: int
    parties_each_side: int
    events_in_sentence: int
    sectors_at_home: frozenset[str]
    usual_sentences: int
    usual_eventfulness: float
    bias: float
    weights: Mapping[str, float]


def read_rules(document: Mapping[str, Any]) -> Rules:
    """Turn ``scoring.yaml`` into rules. Raises KeyError, TypeError or ValueError for a wrong one."""
    weights = {name: float(value) for name, value in document["weights"].items()}
    if weights.keys() != WEIGHTS:
        raise ValueError(f"weights are wrong: {sorted(weights.keys() ^ WEIGHTS)}")
    rules = Rules(
        **{
            **document,
            "sectors_at_home": frozenset(document["sectors_at_home"]),
            "weights": weights,
        }
    )
    floors = (
        ("least_trigger", rules.least_trigger, LEAST_PROBABILITY),
        ("least_only_filler", rules.least_only_filler, LEAST_FILLER),
        ("least_mode", rules.least_mode, LEAST_MODE),
    )
    for name, value, floor in floors:
        if value < floor:
            raise ValueError(f"{name} is below {floor}, under which the network reports nothing")
    return rules
