"""The coder's thresholds, the same for every language; from ``scoring.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """How sure a trigger, a filler and a mode must be, how far is looked, and how much is told.

    ``least`` is the trigger probability from which an event is published; ``least_repeat`` that of a second
    event of one type in a sentence; ``least_only_filler`` that of the likeliest of a role that nobody surely
    fills. ``calibration`` are points (probability, share of events that are right).
    """

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
    calibration: tuple[tuple[float, float], ...]

    def confidence(self, probability: float) -> float:
        """How often events of this probability are right, 0 to 1, by the table's straight lines."""
        points = self.calibration
        if probability <= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in pairwise(points):
            if probability <= x1:
                return round(y0 + (y1 - y0) * (probability - x0) / (x1 - x0), 2)
        return points[-1][1]


def read_rules(document: Mapping[str, Any]) -> Rules:
    """Turn ``scoring.yaml`` into rules. Raises KeyError, TypeError or ValueError for a wrong one."""
    calibration = tuple((float(x), float(y)) for x, y in document["calibration"])
    shares = [share for _, share in calibration]
    if list(calibration) != sorted(calibration) or shares != sorted(shares):
        raise ValueError("the calibration table must rise")
    return Rules(
        **{
            **document,
            "sectors_at_home": frozenset(document["sectors_at_home"]),
            "calibration": calibration,
        }
    )
