"""PLOVER's table: the class of each event type, its modes, and an intensity of each; from ``plover.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.contract.records import EventType, Quad


@dataclass(frozen=True, slots=True)
class PloverType:
    """One of the 16 types: its class, its intensity, and the intensity of each of its modes."""

    quad: Quad
    intensity: float
    modes: Mapping[str, float]

    def intensity_of(self, mode: str | None) -> float:
        """The intensity of the type in this mode, or of the type alone."""
        return self.modes.get(mode, self.intensity) if mode else self.intensity


Plover = Mapping[EventType, PloverType]


def read_plover(document: Mapping[str, Any]) -> Plover:
    """Turn ``plover.yaml`` into a table. Raises KeyError or ValueError for a wrong one."""
    return {EventType(name): _plover_type(entry) for name, entry in document["types"].items()}


def _plover_type(entry: Mapping[str, Any]) -> PloverType:
    modes = {name: float(mode["intensity"]) for name, mode in entry["modes"].items()}
    return PloverType(Quad(entry["quad"]), float(entry["intensity"]), modes)
