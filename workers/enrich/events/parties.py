"""Who is meant: from the words that fill a role to the parties of an event."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from workers.contract.records import Entity, EntityType, Party
from workers.enrich.encoder.triggers import Filler
from workers.enrich.entities.words import Word, split_words
from workers.enrich.events.knowledge import Gazetteer
from workers.enrich.events.mentions import Mention, Mentions
from workers.enrich.events.rules import Rules
from workers.enrich.events.words import PartyWords

_NEAREST_NAME_CHARS: Final = 80
_MAX_REMEMBERED: Final = 60
# Sectors that are of no country by themselves.
_STATELESS: Final = frozenset({"REB", "IGO"})
_OPENING: Final = " \t\"'“”«»„‹›(),;:-–—"


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A party that acted or spoke, where it was named, and whether it is one named person."""

    offset: int
    party: Party
    is_person: bool


@dataclass(slots=True)
class Parties:
    """Resolves the fillers of one field, in text order, by name, office, nationality or pronoun."""

    text: str
    language: str
    mentions: Mentions
    words: PartyWords
    gazetteer: Gazetteer
    rules: Rules
    _acted: deque[_Remembered] = field(default_factory=lambda: deque(maxlen=_MAX_REMEMBERED))
    _spoke: deque[_Remembered] = field(default_factory=lambda: deque(maxlen=_MAX_REMEMBERED))

    def resolve(self, filler: Filler) -> tuple[Party, ...]:
        """The parties that the words of a filler mean; none for a credited agency or an open pronoun."""
        mentions = self.mentions.within(filler.start, filler.end)
        if not mentions and self.mentions.is_credited(filler.start, filler.end):
            return ()
        words = split_words(self._text_of(filler))
        if not words:
            return ()
        if mentions:
            return self._named(filler, words, mentions)
        pronoun = self.words.pronoun(words)
        if pronoun is not None:
            return self._referent(pronoun, filler.start)
        if self.words.is_both(words):
            both = self._both(filler.start)
            if both:
                return both
        return (self._phrase(filler, words, None),)

    def remember(self, filler: Filler, parties: Iterable[Party]) -> None:
        """Note who acted or spoke, for the pronouns to come."""
        known = self._spoke if filler.role == "speaker" else self._acted
        for party in parties:
            is_person = party.entity in self.mentions.people
            known.append(_Remembered(filler.start, party, is_person))

    def last_speaker(self, offset: int) -> Party | None:
        """Who spoke last before this place."""
        return next(
            (known.party for known in reversed(self._spoke) if self._is_near(known.offset, offset)), None
        )

    def at_home(self, parties: Sequence[Party], country: str | None) -> tuple[Party, ...]:
        """The parties, with bodies of no other country those of ``country``."""
        if country is None:
            return tuple(parties)
        return tuple(
            replace(party, country=country)
            if party.country is None and party.sector in self.rules.sectors_at_home
            else party
            for party in parties
        )

    def _named(self, filler: Filler, words: Sequence[Word], mentions: Sequence[Mention]) -> tuple[Party, ...]:
        """Those whom names in the phrase mean: people themselves, else bodies, else states."""
        people = [mention for mention in mentions if mention.entity.type is EntityType.PERSON]
        if people:
            return tuple(self._of_entity(mention.entity, filler, words) for mention in people)
        rest = [
            word
            for word in words
            if not any(mention.start <= filler.start + word.start < mention.end for mention in mentions)
        ]
        sector = self.words.sector(rest)
        if sector is None or mentions[0].start <= filler.start:
            return tuple(self._of_entity(mention.entity, filler, rest) for mention in mentions)
        return (self._phrase(filler, words, mentions[0].entity.country, sector),)

    def _phrase(
        self, filler: Filler, words: Sequence[Word], country: str | None, sector: str | None = None
    ) -> Party:
        """A party without a name: an office, a body, people."""
        sector = sector or self.words.sector(words) or filler.sector
        country = country or self._demonym(self._text_of(filler), words)
        if country is None and sector not in _STATELESS:
            country = self.mentions.beside(filler.start, filler.end, self.text)
        return Party(name=self._name(filler), country=country, sector=sector)

    def _of_entity(self, entity: Entity, filler: Filler, words: Sequence[Word]) -> Party:
        country = entity.country or self._demonym(self._text_of(filler), words)
        if country is None and entity.type is EntityType.PERSON:
            country = self.mentions.home_of(entity)
        return Party(
            name=entity.name,
            country=country,
            sector=self._sector_of(entity) or filler.sector,
            entity=entity.id,
        )

    def _sector_of(self, entity: Entity) -> str | None:
        if entity.type is EntityType.LOCATION:
            return "GOV" if entity.country is not None else None
        if entity.type is EntityType.ORGANIZATION:
            known = self.gazetteer.sector_of_name(entity.name, self.language)
            return known or self.words.sector(split_words(entity.name))
        return self.words.sector(split_words(entity.role)) if entity.role else None

    def _demonym(self, text: str, words: Sequence[Word]) -> str | None:
        found = (self.gazetteer.demonym_at(text, words, index, self.language) for index in range(len(words)))
        return next((country for country in found if country is not None), None)

    def _text_of(self, filler: Filler) -> str:
        return self.text[filler.start : filler.end]

    def _name(self, filler: Filler) -> str:
        text = " ".join(self.text[filler.start : filler.end].strip(_OPENING).split())
        if len(text) <= self.rules.name_chars:
            return text
        return text[: self.rules.name_chars].rsplit(" ", 1)[0]

    def _referent(self, pronoun: str, offset: int) -> tuple[Party, ...]:
        """Whom a pronoun means: who acted or spoke last, else who was named last."""
        near = [known for known in reversed(self._acted) if self._is_near(known.offset, offset)]
        named = self.mentions.before(offset, self.rules.look_back_chars)
        if pronoun == "speaker":
            speaker = self.last_speaker(offset)
            if speaker is not None:
                return (speaker,)
        if pronoun == "other":
            close = [m for m in named if offset - m.end <= _NEAREST_NAME_CHARS]
            return (self._plain(close[0].entity),) if close else tuple(k.party for k in near[:1])
        if pronoun == "group":
            found = [known.party for known in near if not known.is_person]
            bodies = [m for m in named if m.entity.type is EntityType.ORGANIZATION]
            return (*found, *(self._plain(m.entity) for m in bodies))[:1]
        people = [known.party for known in near if known.is_person]
        others = [m for m in named if m.entity.type is EntityType.PERSON]
        return (*people, *(self._plain(m.entity) for m in others), *(k.party for k in near))[:1]

    def _plain(self, entity: Entity) -> Party:
        is_person = entity.type is EntityType.PERSON
        return Party(
            name=entity.name,
            country=entity.country or (self.mentions.home_of(entity) if is_person else None),
            sector=self._sector_of(entity) or "UNK",
            entity=entity.id,
        )

    def _both(self, offset: int) -> tuple[Party, ...]:
        """The two of "both countries": those last named of different countries, in text order."""
        found: list[Party] = []
        for mention in self.mentions.before(offset, 2 * self.rules.look_back_chars):
            country = mention.entity.country
            if country is not None and all(party.country != country for party in found):
                found.append(self._plain(mention.entity))
            if len(found) == 2:
                return tuple(reversed(found))
        return ()

    def _is_near(self, earlier: int, offset: int) -> bool:
        return 0 <= offset - earlier <= self.rules.look_back_chars


def merge(parties: Iterable[Party], most: int) -> tuple[Party, ...]:
    """The first ``most`` parties without repeats, in order: one entity once, one name once."""
    found: list[Party] = []
    for party in parties:
        same = next(
            (
                i
                for i, p in enumerate(found)
                if (p.entity and p.entity == party.entity) or p.name == party.name
            ),
            None,
        )
        if same is None:
            found.append(party)
        elif found[same].country is None and party.country is not None:
            found[same] = replace(found[same], country=party.country)
    return tuple(found[:most])
