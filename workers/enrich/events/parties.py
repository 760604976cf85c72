"""Who is meant: from a noun phrase of the parse to actors and recipients of an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from workers.contract.records import Entity, EntityType, Party
from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.phrases import Phrases
from workers.enrich.events.references import References
from workers.enrich.events.tree import NOMINAL, Tree, conjuncts

MAX_CHAIN = 4


class Parties:
    """Resolves the nodes of one field to parties, by name, office, nationality, pronoun or ownership."""

    def __init__(
        self,
        tree: Tree,
        mentions: Mentions,
        phrases: Phrases,
        references: References,
        lexicon: Lexicon,
        political: bool = False,
    ) -> None:
        self.mentions = mentions
        self.phrases = phrases
        self._tree = tree
        self._references = references
        self._lexicon = lexicon
        self._political = political
        self._title_countries = _title_countries(mentions, phrases)

    def resolve(self, node: int, *, conjunctions: bool = True) -> tuple[Party, ...]:
        """The parties that a noun phrase names: itself and its conjuncts, or those that it belongs to.

        "the Iraqi and the Iranian minister" gives two, "the actions of Iraq" gives Iraq, a stone none.
        """
        found: list[Party] = []
        for each in conjuncts(self._tree, node) if conjunctions else [node]:
            for party in self._one(each):
                if party not in found and not any(p.entity and p.entity == party.entity for p in found):
                    found.append(party)
        return tuple(found)

    def resolve_speaker(self, node: int) -> tuple[Party, ...]:
        """As `resolve`; but whoever speaks is somebody, so that an unknown noun phrase is a party too."""
        found = self.resolve(node)
        tree = self._tree
        node = tree.node[node]
        if found or self.mentions.is_credited(node) or tree.pos[node] not in ("NOUN", "PROPN"):
            return found
        agentive = tuple(self._lexicon.words_of("agent_endings"))
        if tree.pos[node] == "NOUN" and not tree.lemma[node].endswith(agentive):
            return ()
        return (Party(name=self.phrases.name(node), country=self.phrases.country(node), sector="UNK"),)

    def is_public(self, party: Party) -> bool:
        """Whether a party acts in public life, as far as is told: named people do in political news."""
        if self._political and party.entity is not None:
            return True
        if party.sector in self._lexicon.vague_sectors or party.sector == "UNK":
            return party.country is not None and party.sector != "CVL" and party.entity is not None
        return True

    def _one(self, node: int) -> tuple[Party, ...]:
        node = self._tree.node[node]
        if self.mentions.is_credited(node):
            return ()
        if self._references.is_pronoun(node):
            return self._of_pronoun(node)
        entity = self.phrases.entity(node)
        if entity is not None:
            return (self._entity_party(entity, node),)
        return self._both(node) or self._states_of(node) or self._office(node) or self._owners(node)

    def _of_pronoun(self, node: int) -> tuple[Party, ...]:
        referent = self._references.of_pronoun(node)
        if referent is None:
            return ()
        return self._one(referent) if isinstance(referent, int) else (self._entity_party(referent, None),)

    def _both(self, node: int) -> tuple[Party, ...]:
        """The parties of "les deux parties", "the ministers of both countries"."""
        tree = self._tree
        if self.phrases.country(node) is not None:
            # "les deux camps soudanais" are both of one country.
            return ()
        of = [k for k in tree.kids(node, "prep") if tree.case[k] in self._lexicon.words_of("of")]
        for each in (node, *of):
            both = self._references.both(each)
            if both:
                return tuple(self._state_of(e) for e in both)
        return ()

    def _state_of(self, entity: Entity) -> Party:
        """The country that an entity stands for, under the name that the article gives it if it does."""
        for mention in self.mentions.all:
            if mention.entity.type is EntityType.LOCATION and mention.entity.country == entity.country:
                entity = mention.entity
                break
        return Party(name=entity.name, country=entity.country, sector="GOV", entity=entity.id)

    def _states_of(self, node: int) -> tuple[Party, ...]:
        """The states of "the presidents of Kenya and Uganda": each is a party."""
        tree = self._tree
        if "Number=Plur" not in tree.morph[node] or tree.lemma[node] not in self._lexicon.sectors:
            return ()
        for kid in tree.kids(node, "prep"):
            if tree.case[kid] in self._lexicon.words_of("of"):
                named = [p for k in conjuncts(tree, kid) for p in self._named(k) if p.country]
                if len({p.country for p in named}) > 1:
                    return tuple(named)
        return ()

    def _office(self, node: int) -> tuple[Party, ...]:
        """The party of an unnamed office, body or people: "the Iraqi minister", "three Syrians"."""
        tree, lexicon, phrases = self._tree, self._lexicon, self.phrases
        lemma, form = tree.lemma[node], tree.form[node]
        demonym = phrases.demonym(node)
        sector = phrases.sector(node)
        if sector is None and demonym is None and lemma not in lexicon.people and form not in lexicon.people:
            return ()
        country = phrases.country(node) or demonym
        person = self._references.by_role(node, country)
        if person is not None:
            return (self._entity_party(person, node),)
        sector = sector or "CVL"
        if sector == "CVL" or lemma in lexicon.words_of("any_office"):
            sector = phrases.modifier_sector(node) or sector
        if country is None and sector not in ("REB", "IGO"):
            country = self.mentions.main_country
        return (Party(name=phrases.name(node), country=country, sector=sector),)

    def _owners(self, node: int) -> tuple[Party, ...]:
        """Whom a thing or deed belongs to: "Israel's strikes", "les crimes du régime", "US sanctions"."""
        tree, of = self._tree, self._lexicon.words_of("of")
        for thing in self._chain_of(node):
            for kid in tree.kids(thing, "poss", "prep", "compound", "amod", "agent"):
                relation = tree.relation[kid]
                if relation == "prep" and tree.case[kid] not in of:
                    continue
                if relation == "amod":
                    country = self.phrases.demonym(kid)
                    if country is not None:
                        name = tree.text[tree.start[kid] : tree.end[kid]]
                        return (Party(name=name, country=country, sector="GOV"),)
                    continue
                if self.mentions.is_credited(kid):
                    continue
                if self.mentions.entity_at(kid) is not None:
                    return tuple(p for k in conjuncts(tree, kid) for p in self._named(k))
                if relation != "compound" and (
                    tree.lemma[kid] in self._lexicon.sectors or tree.pos[kid] == "PRON"
                ):
                    return self._one(kid)
        return ()

    def _chain_of(self, node: int) -> list[int]:
        """``node`` and the nouns that it is of: "the head of the office of …"."""
        tree, of, chain = self._tree, self._lexicon.words_of("of"), [node]
        for current in chain:
            if len(chain) >= MAX_CHAIN:
                break
            chain.extend(
                k
                for k in tree.kids(current, "prep")[:3]
                if tree.pos[k] in NOMINAL and tree.case[k] in of and self.mentions.entity_at(k) is None
            )
        return chain

    def _named(self, node: int) -> tuple[Party, ...]:
        entity = self.mentions.entity_at(node)
        return (self._entity_party(entity, node),) if entity is not None else ()

    def _entity_party(self, entity: Entity, node: int | None) -> Party:
        country = entity.country
        if country is None and node is not None:
            country = self.phrases.country(node)
        if country is None and entity.type is EntityType.PERSON:
            country = self._title_countries.get(entity.id) or self.mentions.main_country
        sector = self._entity_sector(entity, node)
        return Party(name=entity.name, country=country, sector=sector or "UNK", entity=entity.id)

    def _entity_sector(self, entity: Entity, node: int | None) -> str | None:
        if entity.type is EntityType.LOCATION:
            return "GOV" if entity.country is not None else None
        if entity.type is EntityType.ORGANIZATION:
            return self.phrases.sector_of_name(entity.name)
        by_role = self.phrases.sector_in(entity.role) if entity.role else None
        return by_role or (self.phrases.role_sector(node) if node is not None else None)


def _title_countries(mentions: Mentions, phrases: Phrases) -> dict[str, str]:
    """The countries that titles in the text tell of persons who have none, by entity id."""
    told: dict[str, str] = {}
    for mention in mentions.all:
        entity = mention.entity
        if entity.country is None and entity.type is EntityType.PERSON and entity.id not in told:
            country = phrases.title_country(mention.node)
            if country is not None:
                told[entity.id] = country
    return told


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


def at_home(parties: Sequence[Party], country: str, sectors: frozenset[str]) -> tuple[Party, ...]:
    """The parties, with bodies of no other country those of the place: "police … in Kampala"."""
    return tuple(
        replace(p, country=country) if p.country is None and p.entity is None and p.sector in sectors else p
        for p in parties
    )
