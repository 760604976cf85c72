"""The coder's thresholds and weights, the same for every language; from ``scoring.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from workers.contract.records import EventType

POLITICS = "politics"


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps a sentence from costing or yielding too much."""

    triggers_in_sentence: int
    events_in_sentence: int
    evidence_tokens_each_side: int
    name_chars: int
    parties_each_side: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far from its place something is looked for: in tokens, or in characters where the name says so."""

    near: int
    never: int
    arms: int
    mode: int
    time: int
    argument: int
    deep_recipient: int
    look_back_chars: int


@dataclass(frozen=True, slots=True)
class MatterRules:
    """When the words of a domain make an article or sentence a quiet one, and when it is about politics."""

    quiet_words: int
    quiet_share: float
    quiet_words_in_sentence: int
    political_words: int
    political_share: float
    armed_words: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """The weights that make an event's score, and the map from scores to confidence."""

    quality: Mapping[str, float]
    weights: Mapping[str, float]
    quiet_article: Mapping[str, float]
    least_score: float
    calibration: tuple[tuple[float, float], ...]

    def confidence(self, score: float) -> float:
        """The calibrated confidence, 0 to 1, of an event with ``score``, by the table's straight lines."""
        points = self.calibration
        if score <= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in pairwise(points):
            if score <= x1:
                return round(y0 + (y1 - y0) * (score - x0) / (x1 - x0), 2)
        return points[-1][1]


@dataclass(frozen=True, slots=True)
class Rules:
    """All of ``scoring.yaml``."""

    limits: Limits
    reach: Reach
    matter: MatterRules
    scoring: Scoring
    historical_after_days: int
    armed_sectors: frozenset[str]
    sectors_at_home: frozenset[str]
    given_types: frozenset[EventType]

    @property
    def domains(self) -> frozenset[str]:
        """The domains that a lexicon may tell by its words."""
        return frozenset({POLITICS, *self.scoring.quiet_article})


def read_rules(document: Mapping[str, Any]) -> Rules:
    """Turn ``scoring.yaml`` into rules. Raises KeyError, TypeError or ValueError for a wrong one."""
    return Rules(
        limits=Limits(**document["limits"]),
        reach=Reach(**document["reach"]),
        matter=MatterRules(**document["matter"]),
        scoring=_scoring(document["score"]),
        historical_after_days=document["historical_after_days"],
        armed_sectors=frozenset(document["armed_sectors"]),
        sectors_at_home=frozenset(document["sectors_at_home"]),
        given_types=frozenset(EventType(name) for name in document["given_types"]),
    )


def _scoring(entry: Mapping[str, Any]) -> Scoring:
    calibration = tuple((float(x), float(y)) for x, y in entry["calibration"])
    shares = [share for _, share in calibration]
    if list(calibration) != sorted(calibration) or shares != sorted(shares):
        raise ValueError("the calibration table must rise")
    weights = {name: float(value) for name, value in entry["weights"].items()}
    return Scoring(
        quality=dict(entry["quality"]),
        weights=weights,
        quiet_article=dict(entry["quiet_article"]),
        least_score=float(entry["least_score"]),
        calibration=calibration,
    )
