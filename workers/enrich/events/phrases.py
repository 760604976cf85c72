"""What a noun phrase tells of those it means: their country, their sector, their name."""

from __future__ import annotations

from workers.contract.records import Entity, EntityType
from workers.enrich.events.knowledge import Gazetteer
from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.tree import NOMINAL, Tree, phrase

MAX_PHRASE_NODES = 14
MAX_NAME_WORDS = 12
MAX_NAME_TOKENS_EACH_SIDE = 10


class Phrases:
    """Reads the noun phrases of one field. Nodes are tokens of its tree."""

    def __init__(
        self,
        tree: Tree,
        mentions: Mentions,
        lexicon: Lexicon,
        gazetteer: Gazetteer,
        language: str,
        name_chars: int,
    ) -> None:
        self._tree = tree
        self._mentions = mentions
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._language = language
        self._name_chars = name_chars
        self._demonyms: dict[int, str | None] = {}

    def demonym(self, node: int) -> str | None:
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

    def country(self, node: int) -> str | None:
        """The country that a noun phrase tells: by an adjective, or by a place it belongs to or lies in."""
        tree, lexicon, entity_at = self._tree, self._lexicon, self._mentions.entity_at
        belongs = lexicon.words_of("of") | lexicon.words_of("place")
        belongs -= lexicon.words_of("hostile_preposition")
        queue = [node]
        for k in queue:
            entity = entity_at(k)
            if k != node or entity is None:
                if entity is not None and entity.country is not None and entity.type is not EntityType.PERSON:
                    return entity.country
                country = self.demonym(k)
                if country is not None:
                    return country
            if len(queue) > MAX_PHRASE_NODES:
                break
            queue.extend(
                g
                for g in tree.children[k][:10]
                if tree.relation[g] in ("amod", "compound", "poss", "flat", "nummod")
                or (tree.relation[g] == "prep" and tree.case[g] in belongs)
            )
        return None

    def title_country(self, node: int) -> str | None:
        """The country in the title that a name stands with: "South Korean leader Moon"."""
        tree = self._tree
        around = [node, *tree.kids(node, "appos")]
        parent = tree.head[node]
        if (
            tree.relation[node] in ("appos", "flat", "compound")
            and tree.lemma[parent] in self._lexicon.sectors
        ):
            around.append(parent)
        return next((c for n in around if (c := self.country(n)) is not None), None)

    def sector(self, node: int) -> str | None:
        """The sector of the phrase's own head noun."""
        return self._lexicon.sectors.get(self._tree.lemma[node]) or self._lexicon.sectors.get(
            self._tree.form[node]
        )

    def modifier_sector(self, node: int) -> str | None:
        """The sector that an adjective or noun beside the head tells: "police officers"."""
        for k in self._tree.kids(node, "amod", "compound", "acl"):
            sector = self.sector(k)
            if sector is not None and sector not in self._lexicon.vague_sectors:
                return sector
        return None

    def role_sector(self, node: int) -> str | None:
        """The sector that a title beside a name tells."""
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

    def sector_in(self, words: str) -> str | None:
        """The sector that the first telling word of a name or role tells."""
        parts = words.lower().replace("-", " ").replace("'", " ").replace("’", " ").split()
        for word in parts[:MAX_NAME_WORDS]:
            sector = self._lexicon.sectors.get(word) or self._lexicon.sectors.get(word.rstrip("s"))
            if sector is not None:
                return sector
        return None

    def sector_of_name(self, name: str) -> str | None:
        """The sector of a body of this name."""
        return self._gazetteer.sector_of_name(name, self._language) or self.sector_in(name)

    def name(self, node: int) -> str:
        """The words of a noun phrase without its article and what only says where, when or by whom."""
        tree, of = self._tree, self._lexicon.words_of("of")
        tokens = [node]
        for kid in tree.children[node]:
            if tree.relation[kid] in ("amod", "compound", "nummod", "flat", "poss", "inside") or (
                tree.relation[kid] == "prep" and tree.case[kid] in of
            ):
                tokens.extend(phrase(tree, kid))
        first = max(min(tokens), node - MAX_NAME_TOKENS_EACH_SIDE)
        last = min(max(tokens), node + MAX_NAME_TOKENS_EACH_SIDE)
        while first < last and tree.pos[first] in ("DET", "ADP", "PUNCT", "CCONJ", "SCONJ"):
            first += 1
        text = tree.text[tree.start[first] : tree.end[last]]
        if len(text) > self._name_chars or "\n" in text:
            text = tree.text[tree.start[node] : tree.end[node]]
        return " ".join(text.split())[: self._name_chars]

    def is_human(self, node: int) -> bool:
        """Whether a phrase means people: a person, a body of people, a number of them."""
        tree, lexicon = self._tree, self._lexicon
        entity = self._mentions.entity_at(node)
        if entity is not None:
            return entity.type is EntityType.PERSON
        lemma, form = tree.lemma[node], tree.form[node]
        return (
            lemma in lexicon.people
            or lemma in lexicon.sectors
            or form in lexicon.people
            or tree.pos[node] == "NUM"
            or form in lexicon.words_of("he") | lexicon.words_of("they")
            or self.demonym(node) is not None
        )

    def is_place(self, node: int) -> bool:
        """Whether a phrase that names nobody means a place, "in the capital"."""
        return self._tree.lemma[node] in self._lexicon.words_of("place_nouns") or not self.is_human(node)

    def entity(self, node: int) -> Entity | None:
        """The entity that a phrase names: by its head, or, for an office, by the name that stands with it."""
        tree = self._tree
        entity = self._mentions.entity_at(node)
        if entity is not None:
            return entity
        if tree.pos[node] not in NOMINAL:
            return None
        if tree.lemma[node] not in self._lexicon.sectors:
            return self._person_titled(node)
        return self._person_below(node) or self._person_behind(node)

    def _person(self, node: int) -> Entity | None:
        return self._mentions.entity_at(node) if self._mentions.is_person(node) else None

    def _person_titled(self, node: int) -> Entity | None:
        """ "M. Martin": the name right behind a word that it is hung from as one with it."""
        after = node + 1
        if after >= len(self._tree) or self._tree.head[self._tree.node[after]] != node:
            return None
        return (
            self._person(after) if self._tree.relation[self._tree.node[after]] in ("flat", "appos") else None
        )

    def _person_below(self, node: int) -> Entity | None:
        tree = self._tree
        for relation in ("flat", "appos", "compound"):
            for kid in tree.kids(node, relation):
                for each in (kid, *tree.kids(kid, "flat", "appos")):
                    person = self._person(each)
                    if person is not None:
                        return person
        return None

    def _person_behind(self, node: int) -> Entity | None:
        """ "le ministre de la Défense Jean Martin": the name follows the phrase, however it was hung."""
        tree = self._tree
        _, last = phrase(tree, node)
        after = last + 1
        behind_comma = after + 1 < len(tree) and tree.form[after] == ","
        if behind_comma:
            after += 1
            if tree.form[after] in self._lexicon.words_of("and"):
                return None
        for place in (last, after):
            if place >= len(tree) or tree.sentence[place] != tree.sentence[node] or tree.node[place] < node:
                continue
            person = self._person(place)
            own_place_in_clause = tree.relation[tree.node[place]] in ("subj", "subjpass", "obj")
            if person is not None and not (behind_comma and place == after and own_place_in_clause):
                return person
        return None
