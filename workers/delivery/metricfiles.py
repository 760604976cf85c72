"""The files in which worker processes keep their metrics, added up by /metrics.

prometheus_client keeps a file per kind and process and never removes those of counters and histograms, so
that workers that are started again and again would fill the disk: the files of one that has ended are folded
into one that stands for all that have.
"""

from __future__ import annotations

import threading
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

_SUMMED = ("counter", "histogram")
_ENDED = "ended"


class MetricFiles:
    """The files in ``folder``; hold ``lock`` while reading all of them, or an ended process counts twice."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.Lock()
        self._folder = folder

    def fold(self, pid: int) -> None:
        """Keep the counts of the process ``pid``, which has ended, and forget its gauges."""
        with self.lock:
            for kind in _SUMMED:
                path = self._folder / f"{kind}_{pid}.db"
                if path.exists():
                    self._add(path, self._folder / f"{kind}_{_ENDED}.db")
                    path.unlink()
            for path in self._folder.glob(f"gauge_*_{pid}.db"):
                path.unlink()

    @staticmethod
    def _add(path: Path, total_path: Path) -> None:
        total = MmapedDict(str(total_path))  # type: ignore[no-untyped-call]
        try:
            values = MmapedDict.read_all_values_from_file(str(path))  # type: ignore[no-untyped-call]
            for key, value, timestamp, _ in values:
                before, _ = total.read_value(key)  # type: ignore[no-untyped-call]
                total.write_value(key, before + value, timestamp)  # type: ignore[no-untyped-call]
        finally:
            total.close()  # type: ignore[no-untyped-call]
