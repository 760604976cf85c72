"""Whom a pronoun or a definite phrase refers to: "he", "they", "we", "the minister", "both sides"."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from workers.contract.records import Entity, EntityType
from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.phrases import Phrases
from workers.enrich.events.quotations import Quotation, quotation_at
from workers.enrich.events.tree import Tree, subjects

SUBJECTS_BACK = 12
OFFICES_BACK = 4
PLURAL_TOKENS_BACK = 120
BOTH_REACH = 4

Referent = Entity | int
"""An entity of the article, or the node of an earlier noun phrase."""


class References:
    """Resolves the references of one field to what was named before."""

    def __init__(
        self,
        tree: Tree,
        mentions: Mentions,
        phrases: Phrases,
        quotations: Sequence[Quotation],
        lexicon: Lexicon,
        look_back_chars: int,
    ) -> None:
        self._tree = tree
        self._mentions = mentions
        self._phrases = phrases
        self._quotations = quotations
        self._lexicon = lexicon
        self._look_back = look_back_chars
        self._subjects = sorted(subjects(tree))

    def is_pronoun(self, node: int) -> bool:
        """Whether the node is a personal pronoun of any of the lexicon's groups."""
        form = self._pronoun_form(node)
        in_words = self._lexicon.words_of
        if self._tree.pos[node] not in ("PRON", "DET") and form not in in_words("he"):
            return False
        return form in in_words("we") or form in in_words("he") or form in in_words("they")

    def of_pronoun(self, node: int) -> Referent | None:
        """Whom a personal pronoun means; None when nobody is found."""
        tree, lexicon = self._tree, self._lexicon
        form, offset = self._pronoun_form(node), tree.start[node]
        if form in lexicon.words_of("we"):
            return self._speaker_of_we(offset)
        if form in lexicon.words_of("he"):
            person = self._last_person(offset)
            return person if person is not None else self._last_office(offset)
        return self._last_plural(offset)

    def by_role(self, node: int, country: str | None) -> Entity | None:
        """The person of the article whose office a definite phrase names: "the minister"."""
        tree, lexicon = self._tree, self._lexicon
        indefinite = lexicon.words_of("indefinite")
        if any(tree.form[k] in indefinite for k in tree.kids(node, "det")):
            return None
        if "Number=Plur" in tree.morph[node]:
            return None
        lemma, form = tree.lemma[node], tree.form[node]
        for mention in self._mentions.before(tree.start[node], self._look_back):
            entity = mention.entity
            if entity.type is not EntityType.PERSON or not entity.role:
                continue
            role = entity.role.lower().split()
            if (lemma in role or form in role) and (
                country is None or entity.country is None or entity.country == country
            ):
                return entity
        return None

    def both(self, node: int) -> tuple[Entity, ...]:
        """The two of "both countries": those last named of different countries, in text order."""
        tree, lexicon = self._tree, self._lexicon
        if tree.lemma[node] not in lexicon.words_of("party_both") and tree.form[node] not in lexicon.words_of(
            "party_both"
        ):
            return ()
        if not any(tree.form[k] in lexicon.words_of("two") for k in tree.children[node]):
            return ()
        found: list[Entity] = []
        for mention in self._mentions.before(tree.start[node], BOTH_REACH * self._look_back):
            entity = mention.entity
            if entity.country is None or any(e.country == entity.country for e in found):
                continue
            found.append(entity)
            if len(found) == 2:
                return tuple(reversed(found))
        return ()

    def _pronoun_form(self, node: int) -> str:
        return self._tree.form[node].strip("-'").removeprefix("t-")

    def _speaker_of_we(self, offset: int) -> int | None:
        tree = self._tree
        quotation = quotation_at(self._quotations, offset)
        if quotation is None or quotation.speaker is None or tree.start[quotation.speaker] == offset:
            return None
        if tree.form[quotation.speaker].strip("-'") in self._lexicon.words_of("we"):
            return None
        return quotation.speaker

    def _subjects_before(self, offset: int, count: int) -> list[int]:
        """The last subjects before ``offset``, nearest first."""
        place = bisect_left(self._subjects, bisect_left(self._tree.start, offset))
        return self._subjects[max(0, place - count) : place][::-1]

    def _last_person(self, offset: int) -> Entity | None:
        """The person a pronoun most plausibly means: the last one that was a subject, else the last named."""
        tree = self._tree
        other: Entity | None = None
        for node in self._subjects_before(offset, SUBJECTS_BACK):
            if offset - tree.start[node] > self._look_back:
                break
            entity = self._phrases.entity(node)
            if entity is None and tree.lemma[node] in self._lexicon.sectors:
                entity = self.by_role(node, self._phrases.country(node))
            if entity is not None and entity.type is EntityType.PERSON:
                return entity
            if entity is not None and entity.country is not None and other is None:
                other = entity
        nearest = self._mentions.before(offset, self._look_back)
        return next((m.entity for m in nearest if m.entity.type is EntityType.PERSON), other)

    def _last_office(self, offset: int) -> int | None:
        """The unnamed holder of an office who was the last subject: "The president … He …"."""
        tree = self._tree
        for node in self._subjects_before(offset, OFFICES_BACK):
            if tree.lemma[node] in self._lexicon.sectors and "Number=Plur" not in tree.morph[node]:
                return node
        return None

    def _last_plural(self, offset: int) -> int | None:
        tree, lexicon = self._tree, self._lexicon
        here = bisect_left(tree.start, offset)
        for place in range(here - 1, max(-1, here - PLURAL_TOKENS_BACK), -1):
            if tree.relation[place] not in ("subj", "subjpass") or "Number=Plur" not in tree.morph[place]:
                continue
            if tree.pos[place] == "PRON":
                continue
            if tree.lemma[place] in lexicon.sectors or tree.lemma[place] in lexicon.people:
                return place
        return None
