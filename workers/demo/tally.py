"""What the demo counts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_RATE_WINDOW_SECONDS = 10.0


@dataclass(slots=True)
class Tally:
    """Articles fed and answered, events seen; ``now`` arguments are seconds of one monotonic clock."""

    started: float
    fed: int = 0
    refused: int = 0
    enriched: int = 0
    dead: int = 0
    events: int = 0
    _event_times: deque[float] = field(default_factory=deque)

    @property
    def waiting(self) -> int:
        """Articles fed whose outcome is not committed yet: the lag of what was fed here."""
        return self.fed - self.enriched - self.dead

    def count_event(self, now: float) -> None:
        """Count one event that was seen at ``now``."""
        self.events += 1
        self._event_times.append(now)

    def events_per_second(self, now: float) -> float:
        """The rate of events over the last ten seconds, or since the start while that is less."""
        while self._event_times and self._event_times[0] < now - _RATE_WINDOW_SECONDS:
            self._event_times.popleft()
        return len(self._event_times) / max(1.0, min(_RATE_WINDOW_SECONDS, now - self.started))

    def articles_per_second(self, now: float) -> float:
        """The rate of articles answered since the start."""
        return (self.enriched + self.dead) / max(1.0, now - self.started)
