"""Who is meant: from a noun phrase of the parse to actors and recipients of an event."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workers.contract.records import Entity, EntityType, Party, Relation, SourceTag
from workers.enrich.events.knowledge import Gazetteer, Lexicon
from workers.enrich.events.quotations import Quotation, quotation_at
from workers.enrich.events.tree import NOMINAL, Tree, conjuncts, phrase, subjects

MAX_NAME = 80
MAX_LOOK_BACK = 1500


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    entity: Entity
    node: int


class Parties:
    """Resolves the nodes of one field against the article's entities."""

    def __init__(
        self,
        tree: Tree,
        field_name: str,
        entities: Sequence[Entity],
        sources: Sequence[SourceTag],
        quotations: list[Quotation],
        lexicon: Lexicon,
        gazetteer: Gazetteer,
        language: str,
        political: bool = False,
    ) -> None:
        self._political = political
        self._language = language
        self._tree = tree
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._quotations = quotations
        credited = [s.evidence for s in sources if s.relation in (Relation.AGENCY, Relation.PUBLISHER)]
        agencies = {
            e.id
            for e in entities
            if e.type is EntityType.ORGANIZATION
            and any(
                m.field == c.field and m.start < c.end and c.start < m.end
                for m in e.mentions
                for c in credited
            )
        }
        self._demonyms: dict[int, str | None] = {}
        self._ordered_subjects = sorted(subjects(tree))
        self._mentions: list[_Mention] = []
        self._credited: set[int] = set()
        by_start = {start: i for i, start in enumerate(tree.start)}
        for entity in entities:
            for span in entity.mentions:
                token = by_start.get(span.start)
                if span.field != field_name or token is None:
                    continue
                node = tree.node[token]
                inside_credit = (
                    any(c.field == span.field and c.start <= span.start < c.end for c in credited)
                    and entity.type is not EntityType.LOCATION
                )
                if entity.id in agencies or inside_credit:
                    self._credited.add(node)
                else:
                    self._mentions.append(_Mention(span.start, span.end, entity, node))
        self._mentions.sort(key=lambda m: m.start)
        self._starts = [m.start for m in self._mentions]
        self._at = {m.node: m.entity for m in self._mentions}
        tree.people = frozenset(m.node for m in self._mentions if m.entity.type is EntityType.PERSON)
        self._country = self._main_country(entities)
        self._told: dict[str, str] = {}
        for mention in self._mentions:
            entity = mention.entity
            if entity.country is None and entity.type is EntityType.PERSON and entity.id not in self._told:
                country = self._title_country(mention.node)
                if country is not None:
                    self._told[entity.id] = country

    def _main_country(self, entities: Sequence[Entity]) -> str | None:
        counts: Counter[str] = Counter()
        for entity in entities:
            if entity.country is not None:
                counts[entity.country] += len(entity.mentions)
        ranked = counts.most_common(2)
        if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[0][1] < 2 * ranked[1][1]):
            return None
        return ranked[0][0]

    def _title_country(self, node: int) -> str | None:
        """The country in the title that a name stands with: "South Korean leader Moon"."""
        tree = self._tree
        around = [node, *tree.kids(node, "appos")]
        parent = tree.head[node]
        if (
            tree.relation[node] in ("appos", "flat", "compound")
            and tree.lemma[parent] in self._lexicon.sectors
        ):
            around.append(parent)
        return next((c for n in around if (c := self._phrase_country(n)) is not None), None)

    def entity_at(self, node: int) -> Entity | None:
        """The entity whose mention is this node."""
        return self._at.get(self._tree.node[node])

    def is_credited(self, node: int) -> bool:
        """Whether the node is a credited agency, which acts in no event."""
        return self._tree.node[node] in self._credited

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
        if found or node in self._credited or tree.pos[node] not in ("NOUN", "PROPN"):
            return found
        agentive = tuple(self._lexicon.words_of("agent_endings"))
        if tree.pos[node] == "NOUN" and not tree.lemma[node].endswith(agentive):
            return ()
        return (Party(name=self._name(node), country=self._phrase_country(node), sector="UNK"),)

    def is_public(self, party: Party) -> bool:
        """Whether a party acts in public life, as far as is told: named people do in political news."""
        if self._political and party.entity is not None:
            return True
        if party.sector in self._lexicon.vague_sectors or party.sector == "UNK":
            return party.country is not None and party.sector != "CVL" and party.entity is not None
        return True

    def is_place(self, node: int) -> bool:
        """Whether a phrase that names nobody means a place, "in the capital"."""
        return self._tree.lemma[node] in self._lexicon.words_of("place_nouns") or not self.is_human(node)

    def is_human(self, node: int) -> bool:
        """Whether a phrase means people: a person, a body of people, a number of them."""
        tree, lexicon = self._tree, self._lexicon
        entity = self.entity_at(node)
        if entity is not None:
            return entity.type is EntityType.PERSON
        lemma = tree.lemma[node]
        return (
            lemma in lexicon.people
            or lemma in lexicon.sectors
            or tree.form[node] in lexicon.people
            or tree.pos[node] == "NUM"
            or tree.form[node] in lexicon.words_of("he") | lexicon.words_of("they")
            or self._demonym(node) is not None
        )

    def _one(self, node: int) -> tuple[Party, ...]:
        tree, lexicon = self._tree, self._lexicon
        node = tree.node[node]
        if node in self._credited:
            return ()
        pronoun = self._pronoun(node)
        if pronoun is not None:
            return pronoun
        entity = self._entity_of_phrase(node)
        if entity is not None:
            return (self._entity_party(entity, node),)
        for each in (node, *tree.kids(node, "prep")):
            if each == node or tree.case[each] in lexicon.words_of("of"):
                both = self._both(each)
                if both:
                    return both
        lemma, form = tree.lemma[node], tree.form[node]
        states = self._states_of(node)
        if states:
            return states
        country = self._phrase_country(node)
        sector = lexicon.sectors.get(lemma) or lexicon.sectors.get(form)
        known = sector is not None or lemma in lexicon.people or form in lexicon.people
        demonym = self._demonym(node)
        if known or demonym is not None:
            role = self._by_role(node, country or demonym)
            if role is not None:
                return (self._entity_party(role, node),)
            sector = sector or self._modifier_sector(node) or "CVL"
            if sector == "CVL" or lemma in lexicon.words_of("any_office"):
                sector = self._modifier_sector(node) or sector
            country = country or demonym
            if country is None and sector not in ("REB", "IGO"):
                country = self._country
            return (Party(name=self._name(node), country=country, sector=sector),)
        return self._owners(node)

    def _owners(self, node: int) -> tuple[Party, ...]:
        """Whom a thing or deed belongs to: "Israel's strikes", "les crimes du régime", "US sanctions"."""
        tree = self._tree
        for depth_node in self._nominal_chain(node):
            for kid in tree.kids(depth_node, "poss", "prep", "compound", "amod", "agent"):
                if tree.relation[kid] == "prep" and tree.case[kid] not in self._lexicon.words_of("of"):
                    continue
                if tree.relation[kid] == "amod":
                    country = self._demonym(kid)
                    if country is not None:
                        return (
                            Party(
                                name=tree.text[tree.start[kid] : tree.end[kid]], country=country, sector="GOV"
                            ),
                        )
                    continue
                if kid in self._credited:
                    continue
                entity = self._at.get(kid)
                if entity is not None:
                    return tuple(p for k in conjuncts(tree, kid) for p in self._shallow(k))
                if tree.relation[kid] != "compound" and (
                    tree.lemma[kid] in self._lexicon.sectors or tree.pos[kid] == "PRON"
                ):
                    return self._one(kid)
        return ()

    def _states_of(self, node: int) -> tuple[Party, ...]:
        """The states of "the presidents of Kenya and Uganda": each is a party."""
        tree = self._tree
        if "Number=Plur" not in tree.morph[node] or tree.lemma[node] not in self._lexicon.sectors:
            return ()
        for kid in tree.kids(node, "prep"):
            if tree.case[kid] in self._lexicon.words_of("of"):
                named = [p for k in conjuncts(tree, kid) for p in self._shallow(k) if p.country]
                if len({p.country for p in named}) > 1:
                    return tuple(named)
        return ()

    def _shallow(self, node: int) -> tuple[Party, ...]:
        entity = self._at.get(self._tree.node[node])
        return (self._entity_party(entity, node),) if entity is not None else ()

    def _nominal_chain(self, node: int) -> list[int]:
        tree, chain = self._tree, [node]
        for current in chain:
            if len(chain) >= 4:
                break
            chain.extend(
                k
                for k in tree.kids(current, "prep")[:3]
                if tree.pos[k] in NOMINAL
                and tree.case[k] in self._lexicon.words_of("of")
                and k not in self._at
            )
        return chain

    def _entity_of_phrase(self, node: int) -> Entity | None:
        tree = self._tree
        entity = self._at.get(node)
        if entity is not None:
            return entity
        if tree.pos[node] not in NOMINAL or tree.lemma[node] not in self._lexicon.sectors:
            return None
        for relation in ("flat", "appos", "compound"):
            for kid in tree.kids(node, relation):
                named = self._at.get(kid)
                if named is not None and named.type is EntityType.PERSON:
                    return named
                for deeper in tree.kids(kid, "flat", "appos"):
                    named = self._at.get(deeper)
                    if named is not None and named.type is EntityType.PERSON:
                        return named
        # "le ministre de la Défense Jean Martin": the name follows the phrase, however it was hung.
        _, last = phrase(tree, node)
        after = last + 1
        if after < len(tree) and tree.form[after] == "," and after + 1 < len(tree):
            after += 1
            if tree.form[after] in ("et", "and"):
                return None
        for place in (last, after):
            if place < len(tree) and tree.sentence[place] == tree.sentence[node]:
                named = self._at.get(tree.node[place])
                if named is not None and named.type is EntityType.PERSON and tree.node[place] >= node:
                    if (
                        tree.relation[tree.node[place]] in ("subj", "subjpass", "obj")
                        and place == after
                        and tree.form[after - 1] == ","
                    ):
                        continue
                    return named
        return None

    def _entity_party(self, entity: Entity, node: int | None) -> Party:
        country = entity.country
        sector = "UNK"
        if entity.type is EntityType.LOCATION:
            sector = "GOV" if country is not None else "UNK"
        elif entity.type is EntityType.ORGANIZATION:
            sector = (
                self._gazetteer.sector_of_name(entity.name, self._language)
                or self._sector_in(entity.name)
                or "UNK"
            )
        else:
            sector = (
                (self._sector_in(entity.role) if entity.role else None)
                or (self._role_sector(node) if node is not None else None)
                or "UNK"
            )
        if country is None and node is not None:
            country = self._phrase_country(node)
        if country is None and entity.type is EntityType.PERSON:
            country = self._told.get(entity.id) or self._country
        return Party(name=entity.name, country=country, sector=sector, entity=entity.id)

    def _role_sector(self, node: int) -> str | None:
        tree = self._tree
        for k in [node, *tree.kids(node, "compound", "appos", "amod", "flat")]:
            sector = self._lexicon.sectors.get(tree.lemma[k])
            if sector is not None:
                return sector
        parent = tree.head[node]
        return (
            self._lexicon.sectors.get(tree.lemma[parent])
            if tree.relation[node] in ("flat", "appos")
            else None
        )

    def _sector_in(self, words: str) -> str | None:
        for word in words.lower().replace("-", " ").replace("'", " ").replace("’", " ").split()[:12]:
            sector = self._lexicon.sectors.get(word) or self._lexicon.sectors.get(word.rstrip("s"))
            if sector is not None:
                return sector
        return None

    def _modifier_sector(self, node: int) -> str | None:
        tree = self._tree
        for k in tree.kids(node, "amod", "compound", "acl"):
            sector = self._lexicon.sectors.get(tree.lemma[k]) or self._lexicon.sectors.get(tree.form[k])
            if sector is not None and sector not in self._lexicon.vague_sectors:
                return sector
        return None

    def _demonym(self, node: int) -> str | None:
        """The country of a word of nationality, of two words where they make one ("North Korean")."""
        tree = self._tree
        if tree.pos[node] not in ("NOUN", "PROPN", "ADJ"):
            return None
        if node not in self._demonyms:
            pair = None
            if node > 0 and tree.sentence[node - 1] == tree.sentence[node]:
                pair = self._gazetteer.country_of_demonym(
                    f"{tree.form[node - 1]} {tree.form[node]}", self._language
                )
            self._demonyms[node] = pair or self._gazetteer.country_of_demonym(tree.form[node], self._language)
        return self._demonyms[node]

    def _phrase_country(self, node: int) -> str | None:
        """The country that a noun phrase tells: by an adjective, or by a place it belongs to or lies in."""
        tree, lexicon = self._tree, self._lexicon
        queue = [node]
        for k in queue:
            if k != node or self._at.get(k) is None:
                entity = self._at.get(k)
                if entity is not None and entity.country is not None and entity.type is not EntityType.PERSON:
                    return entity.country
                country = self._demonym(k)
                if country is not None:
                    return country
            if len(queue) > 14:
                break
            queue.extend(
                g
                for g in tree.children[k][:10]
                if tree.relation[g] in ("amod", "compound", "poss", "flat", "nummod")
                or (
                    tree.relation[g] == "prep"
                    and tree.case[g] in lexicon.words_of("of") | lexicon.words_of("place")
                    and tree.case[g] not in lexicon.words_of("hostile_preposition")
                )
            )
        return None

    def _name(self, node: int) -> str:
        """The words of a noun phrase without its article and what only says where, when or by whom."""
        tree, of = self._tree, self._lexicon.words_of("of")
        tokens = [node]
        for kid in tree.children[node]:
            if tree.relation[kid] in ("amod", "compound", "nummod", "flat", "poss", "inside") or (
                tree.relation[kid] == "prep" and tree.case[kid] in of
            ):
                tokens.extend(phrase(tree, kid))
        first, last = max(min(tokens), node - 10), min(max(tokens), node + 10)
        while first < last and tree.pos[first] in ("DET", "ADP", "PUNCT", "CCONJ", "SCONJ"):
            first += 1
        text = tree.text[tree.start[first] : tree.end[last]]
        if len(text) > MAX_NAME or "\n" in text:
            text = tree.text[tree.start[node] : tree.end[node]]
        return " ".join(text.split())[:MAX_NAME]

    def _by_role(self, node: int, country: str | None) -> Entity | None:
        """The person of the article whose office a definite phrase names: "the minister"."""
        tree = self._tree
        determiners = [tree.form[k] for k in tree.kids(node, "det")]
        if any(d in ("a", "an", "un", "une", "des", "some", "several") for d in determiners):
            return None
        if "Number=Plur" in tree.morph[node]:
            return None
        lemma, form = tree.lemma[node], tree.form[node]
        for mention in self._back_from(tree.start[node]):
            entity = mention.entity
            if entity.type is not EntityType.PERSON or not entity.role:
                continue
            role = entity.role.lower()
            if (lemma in role.split() or form in role.split()) and (
                country is None or entity.country is None or entity.country == country
            ):
                return entity
        return None

    def _both(self, node: int) -> tuple[Party, ...]:
        """The parties of "les deux parties", "both countries": the two last named of different countries."""
        tree, lexicon = self._tree, self._lexicon
        if tree.lemma[node] not in lexicon.words_of("party_both") and tree.form[node] not in lexicon.words_of(
            "party_both"
        ):
            return ()
        if not any(tree.form[k] in lexicon.words_of("two") for k in tree.children[node]):
            return ()
        found: list[Entity] = []
        for mention in self._back_from(tree.start[node], 4 * MAX_LOOK_BACK):
            entity = mention.entity
            if entity.country is None or any(e.country == entity.country for e in found):
                continue
            found.append(entity)
            if len(found) == 2:
                break
        if len(found) < 2:
            return ()
        return tuple(self._state_of(e) for e in reversed(found))

    def _state_of(self, entity: Entity) -> Party:
        """The country that an entity stands for, under the name that the article gives it if it does."""
        for mention in self._mentions:
            if mention.entity.type is EntityType.LOCATION and mention.entity.country == entity.country:
                return Party(
                    name=mention.entity.name, country=entity.country, sector="GOV", entity=mention.entity.id
                )
        return Party(name=entity.name, country=entity.country, sector="GOV", entity=entity.id)

    def _back_from(self, offset: int, reach: int = MAX_LOOK_BACK) -> list[_Mention]:
        place = bisect_left(self._starts, offset)
        found = []
        for mention in reversed(self._mentions[max(0, place - 60) : place]):
            if offset - mention.start > reach:
                break
            found.append(mention)
        return found

    def _pronoun(self, node: int) -> tuple[Party, ...] | None:
        """The parties of a pronoun; None when the node is no personal pronoun."""
        tree, lexicon = self._tree, self._lexicon
        form = tree.form[node].strip("-'")
        form = form.removeprefix("t-")
        if tree.pos[node] not in ("PRON", "DET") and form not in lexicon.words_of("he"):
            return None
        offset = tree.start[node]
        if form in lexicon.words_of("we"):
            quotation = quotation_at(self._quotations, offset)
            if quotation is None or quotation.speaker is None or tree.start[quotation.speaker] == offset:
                return ()
            speaker = quotation.speaker
            if tree.form[speaker].strip("-'") in lexicon.words_of("we"):
                return ()
            return self._one(speaker)
        if form in lexicon.words_of("he"):
            person = self._last_person(offset)
            return (self._entity_party(person, None),) if person is not None else self._last_office(offset)
        if form in lexicon.words_of("they"):
            return self._last_plural(offset)
        return None

    def _last_person(self, offset: int) -> Entity | None:
        """The person a pronoun most plausibly means: the last one that was a subject, else the last named."""
        tree = self._tree
        other: Entity | None = None
        place = bisect_left(self._ordered_subjects, bisect_left(tree.start, offset))
        for node in reversed(self._ordered_subjects[max(0, place - 12) : place]):
            if offset - tree.start[node] > MAX_LOOK_BACK:
                break
            entity = self._entity_of_phrase(node)
            if entity is None and tree.lemma[node] in self._lexicon.sectors:
                entity = self._by_role(node, self._phrase_country(node))
            if entity is not None and entity.type is EntityType.PERSON:
                return entity
            if entity is not None and entity.country is not None and other is None:
                other = entity
        named = next((m.entity for m in self._back_from(offset) if m.entity.type is EntityType.PERSON), None)
        return named or other

    def _last_office(self, offset: int) -> tuple[Party, ...]:
        """The unnamed holder of an office who was the last subject: "The president … He …"."""
        tree = self._tree
        place = bisect_left(self._ordered_subjects, bisect_left(tree.start, offset))
        for node in reversed(self._ordered_subjects[max(0, place - 4) : place]):
            if tree.lemma[node] in self._lexicon.sectors and "Number=Plur" not in tree.morph[node]:
                return self._one(node)
        return ()

    def _last_plural(self, offset: int) -> tuple[Party, ...]:
        tree, lexicon = self._tree, self._lexicon
        here = bisect_left(tree.start, offset)
        for place in range(here - 1, max(-1, here - 120), -1):
            if tree.relation[place] not in ("subj", "subjpass") or "Number=Plur" not in tree.morph[place]:
                continue
            if tree.pos[place] == "PRON":
                continue
            if tree.lemma[place] in lexicon.sectors or tree.lemma[place] in lexicon.people:
                return self._one(place)
        return ()


def merge(parties: Sequence[Party]) -> tuple[Party, ...]:
    """The parties without repeats, in order: one entity once, one name once."""
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
    return tuple(found[:8])
