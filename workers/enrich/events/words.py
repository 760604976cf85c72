"""How a language words those who act: pronouns, "both sides", offices and bodies; from ``parties.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workers.enrich.encoder.labels import SECTOR_LABELS
from workers.enrich.entities.words import Keys, Word, fold, keys_of

SECTORS: Final = frozenset(SECTOR_LABELS) - {"UNK"}
PRONOUNS: Final = ("person", "group", "speaker", "other")
# Sectors of words such as "leader", "official", "people": a further word may tell more.
_VAGUE: Final = ("GOV", "CVL")


@dataclass(frozen=True, slots=True)
class PartyWords:
    """The words of one language, folded.

    ``pronouns`` maps a word or a phrase to whom it points at; ``sectors`` maps words in a row to a sector,
    ``stems`` the beginnings of words; ``prefixes`` are written onto a word and no part
    of it; ``longest`` is how many words a phrase of ``sectors`` has at most.
    """

    pronouns: Mapping[Keys, str]
    both: frozenset[Keys]
    sectors: Mapping[Keys, str]
    stems: Mapping[str, str]
    prefixes: tuple[str, ...] = ()
    longest: int = 1

    def pronoun(self, words: Sequence[Word]) -> str | None:
        """Whom a phrase points at that has nothing but pronouns: one of `PRONOUNS`."""
        keys = tuple(word.key for word in words)
        kinds = [self.pronouns.get((key,)) for key in keys]
        return self.pronouns.get(keys) or (kinds[0] if kinds and all(kinds) else None)

    def is_both(self, words: Sequence[Word]) -> bool:
        """Whether the phrase means the two that were named last."""
        keys = tuple(word.key for word in words)
        return any(keys[start:] in self.both for start in range(min(2, len(keys))))

    def sector(self, words: Sequence[Word]) -> str | None:
        """The sector that the first telling words of a phrase have, a clear one before a vague one."""
        found = [sector for first in range(len(words)) if (sector := self._at(words, first))]
        return next((sector for sector in found if sector not in _VAGUE), found[0] if found else None)

    def _at(self, words: Sequence[Word], first: int) -> str | None:
        for size in range(min(self.longest, len(words) - first), 1, -1):
            sector = self.sectors.get(tuple(word.key for word in words[first : first + size]))
            if sector is not None:
                return sector
        return self._of_word(words[first].key)

    def _of_word(self, key: str) -> str | None:
        for form in (key, *_bare(key, self.prefixes)):
            sector = self.sectors.get((form,))
            if sector is not None:
                return sector
            for size in range(len(form), 2, -1):
                sector = self.stems.get(form[:size])
                if sector is not None:
                    return sector
        return None


NO_WORDS: Final = PartyWords({}, frozenset(), {}, {})


def read_party_words(document: Mapping[str, Any]) -> PartyWords:
    """Turn a ``parties.yaml`` into words. Raises ValueError for what it should not have."""
    sectors: dict[Keys, str] = {}
    stems: dict[str, str] = {}
    for sector, words in document["sectors"].items():
        if sector not in SECTORS:
            raise ValueError(f"no such sector: {sector}")
        for word in words:
            if word.endswith("*"):
                stems.setdefault("".join(keys_of(word)), sector)
            else:
                sectors.setdefault(keys_of(word), sector)
    pronouns: dict[Keys, str] = {}
    for kind in PRONOUNS:
        for word in document["pronouns"].get(kind, ()):
            pronouns.setdefault(keys_of(word), kind)
    return PartyWords(
        pronouns=pronouns,
        both=frozenset(keys_of(phrase) for phrase in document["both"]),
        sectors=sectors,
        stems=stems,
        prefixes=tuple(fold(prefix) for prefix in document.get("prefixes", ())),
        longest=max(map(len, sectors), default=1),
    )


def _bare(key: str, prefixes: Iterable[str]) -> list[str]:
    """The word without one prefix, or two that follow each other."""
    once = [key.removeprefix(prefix) for prefix in prefixes if key.startswith(prefix)]
    twice = [form.removeprefix(prefix) for form in once for prefix in prefixes if form.startswith(prefix)]
    return [form for form in (*once, *twice) if len(form) > 1]
