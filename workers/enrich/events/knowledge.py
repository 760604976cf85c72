"""The event coder's knowledge, read once from data files: PLOVER's table, thresholds, words a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import yaml

from workers.enrich.entities.words import Word
from workers.enrich.events.dates import DateRules, read_date_rules
from workers.enrich.events.plover import Plover, read_plover
from workers.enrich.events.rules import Rules, read_rules
from workers.enrich.events.words import PartyWords, read_party_words

T = TypeVar("T")

DATA_DIRECTORY = Path(__file__).parent.parent / "data"


class Gazetteer(Protocol):
    """What the coder asks of the names that the entity step knows; ``language`` is ISO 639-1."""

    def demonym_at(self, text: str, words: Sequence[Word], index: int, language: str, /) -> str | None:
        """The country (alpha-3) of the adjective or noun of nationality that begins at a word of ``text``."""
        ...

    def sector_of_name(self, name: str, language: str, /) -> str | None:
        """The sector code of a body called ``name``."""
        ...


@dataclass(frozen=True, slots=True)
class EventKnowledge:
    """All that `code_events` needs besides the article; ``words`` and ``dates`` by language."""

    plover: Plover
    rules: Rules
    words: Mapping[str, PartyWords]
    dates: Mapping[str, DateRules]
    gazetteer: Gazetteer

    @classmethod
    def load(cls, gazetteer: Gazetteer) -> Self:
        """Read all data files. Raises ValueError, naming the file, for one that is wrong."""
        return cls(
            plover=_read(DATA_DIRECTORY / "plover.yaml", read_plover),
            rules=_read(DATA_DIRECTORY / "scoring.yaml", read_rules),
            words=_read_languages("parties.yaml", read_party_words),
            dates=_read_languages("times.yaml", read_date_rules),
            gazetteer=gazetteer,
        )


def _read_languages(name: str, reader: Callable[[Any], T]) -> dict[str, T]:
    return {
        path.parent.name: _read(path, reader) for path in sorted(DATA_DIRECTORY.glob(f"languages/*/{name}"))
    }


def _read(path: Path, reader: Callable[[Any], T]) -> T:
    try:
        return reader(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
