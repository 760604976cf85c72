"""How long to wait before the next try."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

_FIRST_SECONDS = 0.2


@dataclass(slots=True)
class Backoff:
    """Exponential pauses with jitter, at most ``max_seconds``.

    The n-th pause is drawn between half of it and all of ``first * 2**n``, so that workers that failed
    together do not come back together.
    """

    max_seconds: float
    first_seconds: float = _FIRST_SECONDS
    random: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def next_pause(self) -> float:
        """Count one more failure and return the seconds to wait for."""
        # 2**n is bounded before it is computed: an outage may last for days.
        full: float = min(self.max_seconds, self.first_seconds * 2 ** min(self.failures, 30))
        self.failures += 1
        return full * self.random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Start over after a success."""
        self.failures = 0
