"""One language's lexicon of events, read from its ``events.yaml``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workers.contract.records import EventType
from workers.enrich.events.plover import Plover

TriggerClass = Literal["verb", "noun", "adjective", "modal"]
TimePhrase = tuple[frozenset[str] | None, ...]
"""Words that stand in a row, each one of a set; None allows a gap."""
Roles = Literal["direct", "reciprocal", "reverse", "speaker", "nobody"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to word an event: a head lemma with what must stand by it.

    ``roles`` tells who is who: ``direct`` subject to object, ``reciprocal`` both act, ``reverse`` object to
    subject, ``speaker`` whoever says it acts upon the subject, ``nobody`` none can be read off.
    """

    type: EventType
    head: str
    head_class: TriggerClass
    words: tuple[str, ...] = ()
    reflexive: bool = False
    objects: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    mode: str | None = None
    quality: Literal["sure", "fair", "weak"] = "fair"
    roles: Roles = "direct"
    speech: bool = False
    negated_as: EventType | None = None

    @property
    def specificity(self) -> int:
        """How much must hold for the pattern to match; the most specific match wins."""
        return (
            2 * len(self.words) + 3 * bool(self.objects) + self.reflexive + bool(self.near) + bool(self.needs)
        )


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What one language's ``events.yaml`` says, ready for look-up; words are lower-case lemmas or forms."""

    patterns: Mapping[str, tuple[Pattern, ...]]
    sectors: Mapping[str, str]
    vague_sectors: frozenset[str]
    people: frozenset[str]
    domains_of: Mapping[str, tuple[str, ...]]
    mode_words: Mapping[EventType, Mapping[str, str]]
    words: Mapping[str, frozenset[str]]
    past_phrases: tuple[TimePhrase, ...]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    days: Mapping[str, int]
    gerund: tuple[str, str, str] | None
    verb_endings: tuple[tuple[str, ...], str] | None = None
    """Endings of a class of verbs, longest first, and the ending of its lemmas."""

    def words_of(self, group: str) -> frozenset[str]:
        """The words of one of the groups under ``words``; empty for an unknown group."""
        return self.words.get(group, frozenset())


def read_lexicon(document: Mapping[str, Any], plover: Plover, domains: Collection[str]) -> Lexicon:
    """Turn one ``events.yaml`` into a lexicon.

    Raises ValueError for an unknown type, mode, domain, key or value.
    """
    unknown = document["domains"].keys() - set(domains)
    if unknown:
        raise ValueError(f"unknown domain {min(unknown)!r}")
    patterns: dict[str, list[Pattern]] = {}
    for entry in document["triggers"]:
        for pattern in _patterns_of(entry, document.get("groups", {}), document["noun_head"] == "last"):
            if pattern.mode is not None and pattern.mode not in plover[pattern.type].modes:
                raise ValueError(f"{pattern.type} has no mode {pattern.mode!r}")
            patterns.setdefault(pattern.head, []).append(pattern)
    times = document["times"]
    words = {name: _expand(listed, {}) for name, listed in document["words"].items()}
    return Lexicon(
        patterns={
            head: tuple(sorted(found, key=lambda p: -p.specificity)) for head, found in patterns.items()
        },
        sectors={word: sector for sector, words in document["sectors"].items() for word in words},
        vague_sectors=frozenset(document["vague_sectors"]),
        people=frozenset(document["people"]),
        domains_of=_domains_of(document["domains"], document["sectors"]),
        mode_words={
            EventType(name): {word: mode for mode, words in modes.items() for word in words}
            for name, modes in document["modes"].items()
        },
        words=words,
        past_phrases=tuple(_time_phrase(phrase, words) for phrase in times["past"]),
        weekdays={word: number for number, words in enumerate(times["weekdays"]) for word in words},
        months={word: number for number, words in enumerate(times["months"], 1) for word in words},
        days=dict(times["days"]),
        gerund=tuple(document["gerund"]) if "gerund" in document else None,
        verb_endings=_verb_endings(document.get("verb_endings")),
    )


_ENTRY_KEYS = frozenset(
    {"type", "mode", "verbs", "nouns", "adjectives", "modals", "object", "near", "never", "needs"}
    | {"quality", "roles", "speech", "negated_as"}
)
_CLASS_KEYS: tuple[tuple[str, TriggerClass], ...] = (
    ("verbs", "verb"), ("nouns", "noun"), ("adjectives", "adjective"), ("modals", "modal"),
)  # fmt: skip
_NEEDS = frozenset(
    {
        "actor",
        "recipient",
        "party",
        "public",
        "human",
        "armed",
        "pair",
        "clause",
        "object",
        "negation",
        "plural",
    }
)


def _patterns_of(
    entry: Mapping[str, Any], groups: Mapping[str, list[str]], head_last: bool
) -> Iterator[Pattern]:
    unknown = entry.keys() - _ENTRY_KEYS
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}")
    needs = frozenset(entry.get("needs", ()))
    if needs - _NEEDS:
        raise ValueError(f"unknown need {min(needs - _NEEDS)!r}")
    shared: dict[str, Any] = {
        "type": EventType(entry["type"]),
        "mode": entry.get("mode"),
        "objects": _expand(entry.get("object", ()), groups),
        "near": _expand(entry.get("near", ()), groups),
        "never": _expand(entry.get("never", ()), groups),
        "needs": needs,
        "quality": entry.get("quality", "fair"),
        "roles": entry.get("roles", "direct"),
        "speech": entry.get("speech", False),
        "negated_as": EventType(entry["negated_as"]) if "negated_as" in entry else None,
    }
    if shared["quality"] not in ("sure", "fair", "weak"):
        raise ValueError(f"unknown quality {shared['quality']!r}")
    if shared["roles"] not in ("direct", "reciprocal", "reverse", "speaker", "nobody"):
        raise ValueError(f"unknown roles {shared['roles']!r}")
    for key, head_class in _CLASS_KEYS:
        for phrase in entry.get(key, ()):
            words = phrase.split()
            reflexive = len(words) > 1 and words[0] == "se"
            if reflexive:
                words = words[1:]
            if head_class == "noun" and head_last:
                words = [words[-1], *words[:-1]]
            yield Pattern(
                head=words[0], head_class=head_class, words=tuple(words[1:]), reflexive=reflexive, **shared
            )


def _verb_endings(entry: Mapping[str, Any] | None) -> tuple[tuple[str, ...], str] | None:
    if entry is None:
        return None
    return tuple(sorted(entry["endings"], key=lambda e: (-len(e), e))), entry["infinitive"]


_INSTITUTIONS = ("GOV", "LEG", "JUD", "MIL", "COP", "INT", "PTY", "REB")


def _domains_of(
    domains: Mapping[str, list[str]], sectors: Mapping[str, list[str]]
) -> dict[str, tuple[str, ...]]:
    """Each word's domains; words of states and armed groups mean politics unless a domain has them."""
    found: dict[str, set[str]] = {}
    for name, words in domains.items():
        for word in words:
            found.setdefault(word, set()).add(name)
    for sector in _INSTITUTIONS:
        for word in sectors[sector]:
            found.setdefault(word, {"politics"})
    return {word: tuple(sorted(names)) for word, names in found.items()}


def _time_phrase(phrase: str, groups: Mapping[str, frozenset[str]]) -> TimePhrase:
    """Read "in # $period": a word, any of a group of words, or (#) a gap."""
    return tuple(
        None if part == "#" else groups[part[1:]] if part.startswith("$") else frozenset({part})
        for part in phrase.split()
    )


def _expand(words: Iterable[str], groups: Mapping[str, list[str]]) -> frozenset[str]:
    expanded: set[str] = set()
    for word in words:
        if not isinstance(word, str):
            raise ValueError(f"{word!r} is no word; quote it")  # noqa: TRY004 - a wrong file, not a wrong call
        if word.startswith("$"):
            expanded.update(groups[word[1:]])
        else:
            expanded.add(word)
    return frozenset(expanded)
