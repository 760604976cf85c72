"""A parsed field as plain lists, with the two dependency schemes of the models (UD, ClearNLP) made one.

Prepositions are folded away: the noun hangs from what the preposition hung from, with ``relation`` ``prep``
(or ``agent``) and the preposition in ``case``. The tokens of a mention act as one node, its root. All
walks are bounded, so that no sentence, however long, costs more than its length.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc

_LABELS = {
    "subj": "nsubj expl:subj",
    "other": "csubj",
    "subjpass": "nsubjpass nsubj:pass",
    "obj": "dobj obj",
    "dative": "iobj dative",
    "agent": "agent obl:agent",
    "prep": "obl obl:arg obl:mod nmod",
    "poss": "poss nmod:poss",
    "amod": "amod",
    "compound": "compound",
    "conj": "conj",
    "appos": "appos",
    "acl": "acl",
    "relcl": "relcl acl:relcl",
    "xcomp": "xcomp pcomp",
    "ccomp": "ccomp",
    "advcl": "advcl",
    "aux": "aux aux:tense aux:caus",
    "auxpass": "auxpass aux:pass",
    "neg": "neg",
    "mark": "mark",
    "cop": "cop",
    "attr": "attr acomp oprd",
    "particle": "prt",
    "flat": "flat:name flat flat:foreign",
    "reflexive": "expl:comp expl:pass expl:pv",
    "parataxis": "parataxis",
    "det": "det",
    "case": "case",
    "preposition": "prep",
    "advmod": "advmod",
    "cc": "cc",
    "nummod": "nummod",
    "punct": "punct",
    "pobj": "pobj",
    "root": "ROOT root",
}
_RELATIONS = {label: relation for relation, labels in _LABELS.items() for label in labels.split()}
MAX_WALK = 60
NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM"})
VERBAL = frozenset({"VERB", "AUX"})


@dataclass(slots=True)
class Tree:
    """One field, a list entry a token: ``start``/``end`` are character offsets, ``sentence`` a number."""

    text: str
    form: list[str]
    lemma: list[str]
    pos: list[str]
    relation: list[str]
    head: list[int]
    case: list[str]
    morph: list[str]
    start: list[int]
    end: list[int]
    sentence: list[int]
    sentence_bounds: list[tuple[int, int]]
    node: list[int] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.form)

    def kids(self, token: int, *relations: str) -> list[int]:
        """The dependents of ``token`` in these relations (all when none is given), in text order."""
        found = self.children[token]
        return [k for k in found if self.relation[k] in relations] if relations else found

    def kid(self, token: int, *relations: str) -> int | None:
        """The first such dependent."""
        for k in self.children[token]:
            if self.relation[k] in relations:
                return k
        return None

    def below(self, token: int, limit: int = MAX_WALK, stop: frozenset[str] = frozenset()) -> Iterator[int]:
        """``token`` and at most ``limit`` of what hangs from it, not passing relations in ``stop``."""
        queue, seen = [token], 0
        while queue and seen < limit:
            current = queue.pop(0)
            seen += 1
            yield current
            queue.extend(k for k in self.children[current][:limit] if self.relation[k] not in stop)

    def ancestors(self, token: int, limit: int = 8) -> Iterator[int]:
        """What ``token`` hangs from, nearest first."""
        for _ in range(limit):
            parent = self.head[token]
            if parent == token:
                return
            token = parent
            yield token

    def window(self, token: int, width: int) -> range:
        """The tokens at most ``width`` from ``token`` in its sentence."""
        first, last = self.sentence_bounds[self.sentence[token]]
        return range(max(first, token - width), min(last, token + width + 1))


def make_tree(
    doc: Doc, mentions: Iterable[tuple[int, int]], gerund: tuple[str, str, str] | None = None
) -> Tree:
    """Read ``doc``; ``mentions`` are the entity mentions' character spans, each made one node.

    ``gerund`` is the word before one, its ending, and the ending of its verb ("en", "ant", "er"): taggers
    often take gerunds for nouns.
    """
    tree = Tree(
        text=doc.text,
        form=[t.text.lower().replace("’", "'") for t in doc],
        lemma=[t.lemma_.lower() for t in doc],
        pos=[t.pos_ for t in doc],
        relation=[_RELATIONS.get(t.dep_, "other") for t in doc],
        head=[t.head.i for t in doc],
        case=[""] * len(doc),
        morph=[str(t.morph) for t in doc],
        start=[t.idx for t in doc],
        end=[t.idx + len(t.text) for t in doc],
        sentence=[0] * len(doc),
        sentence_bounds=[],
    )
    mentions = sorted(mentions)
    _mark_sentences(tree, [sentence.start for sentence in doc.sents], mentions)
    tree.node = list(range(len(doc)))
    if gerund is not None:
        _read_gerunds(tree, *gerund)
    _join_mentions(tree, mentions)
    _fold_prepositions(tree)
    tree.children = [[] for _ in range(len(tree))]
    for i, parent in enumerate(tree.head):
        if parent != i:
            tree.children[parent].append(i)
    return tree


def _read_gerunds(tree: Tree, before: str, ending: str, verb_ending: str) -> None:
    for i in range(1, len(tree)):
        form = tree.form[i]
        if (
            tree.pos[i] != "VERB"
            and tree.form[i - 1] == before
            and form.endswith(ending)
            and tree.lemma[i] == form
        ):
            tree.pos[i], tree.relation[i] = "VERB", "advcl"
            tree.lemma[i] = form[: -len(ending)] + verb_ending


def _mark_sentences(tree: Tree, starts: list[int], mentions: list[tuple[int, int]]) -> None:
    """Number the sentences; one that begins inside a name is none."""
    inside = {i for start, end in mentions for i in _tokens_after(tree, start, end)}
    begins = [i for i in starts if i not in inside and (i == 0 or _may_end(tree.form[i - 1]))]
    ends = [*begins[1:], len(tree)] if begins else []
    for number, (first, last) in enumerate(zip(begins, ends, strict=True)):
        tree.sentence_bounds.append((first, last))
        tree.sentence[first:last] = [number] * (last - first)


def _may_end(form: str) -> bool:
    """Whether a sentence may end with this token; a parser that loses its way ends them anywhere."""
    return "\n" in form or form[-1] in '.!?…»”":;)]؟۔'


def _tokens_after(tree: Tree, start: int, end: int) -> Iterator[int]:
    place = bisect_right(tree.start, start)
    while place < len(tree) and tree.start[place] < end and "\n" not in tree.form[place]:
        yield place
        place += 1


def _join_mentions(tree: Tree, mentions: Iterable[tuple[int, int]]) -> None:
    by_start = {start: i for i, start in enumerate(tree.start)}
    joined: dict[int, int] = {}
    for start, end in sorted(mentions):
        first = by_start.get(start)
        if first is None:
            continue
        last = first
        while last + 1 < len(tree) and tree.end[last] < end:
            last += 1
        if tree.sentence[first] != tree.sentence[last] or first in joined:
            continue
        inside = range(first, last + 1)
        if last == first and tree.pos[first] not in NOMINAL and first > 0:
            # A name read as some other word: most likely it goes with the noun before it.
            before = first - 1
            tree.pos[first] = "PROPN"
            if tree.pos[before] in ("NOUN", "PROPN"):
                tree.head[first], tree.relation[first] = before, "flat"
            elif tree.relation[first] in ("case", "punct", "mark", "cc", "det"):
                tree.relation[first] = "other"
        root = next((i for i in inside if tree.head[i] not in inside or tree.head[i] == i), first)
        for i in inside:
            joined[i] = root
            tree.node[i] = root
            if i != root:
                tree.head[i], tree.relation[i] = root, "inside"
        if tree.relation[root] in ("punct", "advmod", "aux", "mark"):
            tree.relation[root] = "other"
        if tree.pos[root] not in NOMINAL:
            tree.pos[root] = "PROPN"
    for i in range(len(tree)):
        target = joined.get(tree.head[i])
        if target is not None and i not in joined and target != i:
            tree.head[i] = target


def _fold_prepositions(tree: Tree) -> None:
    scheme_has_case = "case" in tree.relation
    for i in range(len(tree)):
        relation = tree.relation[i]
        if relation == "case":
            tree.case[tree.head[i]] = tree.case[tree.head[i]] or tree.form[i]
        elif relation in ("pobj", "xcomp") and tree.relation[tree.head[i]] in ("preposition", "agent"):
            preposition = tree.head[i]
            tree.case[i] = tree.form[preposition]
            if relation == "pobj":
                tree.relation[i] = "agent" if tree.relation[preposition] == "agent" else "prep"
            # "out of Iraq": the outer preposition's own head, one step more.
            above = tree.head[preposition]
            if tree.relation[above] == "preposition" and tree.head[above] != above:
                above = tree.head[above]
            if above != i:
                tree.head[i] = above
    for i in range(len(tree)):
        bare = scheme_has_case and tree.relation[i] == "prep" and not tree.case[i]
        if (
            bare
            and tree.pos[tree.head[i]] in VERBAL
            and tree.pos[i] in ("NOUN", "PROPN")
            and i > tree.head[i]
        ):
            tree.relation[i] = "obj"


def subjects(tree: Tree) -> frozenset[int]:
    """All nodes that are the subject of some verb."""
    found = set()
    for i in range(len(tree)):
        if tree.relation[i] in ("subj", "subjpass"):
            found.add(i)
        elif tree.pos[i] in VERBAL and tree.kid(i, "subj", "subjpass") is None:
            beside = subject_beside(tree, i)
            if beside is not None:
                found.add(beside)
    return frozenset(found)


def is_passive(tree: Tree, verb: int) -> bool:
    """Whether the subject of ``verb`` undergoes it: a passive auxiliary, or a bare past participle."""
    if tree.kid(verb, "reflexive") is not None:
        return False
    if tree.kid(verb, "auxpass", "subjpass") is not None:
        return True
    if tree.pos[verb] == "ADJ":
        return False
    if tree.kid(verb, "aux") is not None or "VerbForm=Part" not in tree.morph[verb]:
        return False
    if tree.kid(verb, "subj", "cop") is not None or "Tense=Pres" in tree.morph[verb]:
        return False
    if (
        tree.relation[verb] == "conj"
        and tree.pos[tree.head[verb]] in VERBAL
        and tree.kid(verb, "agent") is None
    ):
        return is_passive(tree, tree.head[verb]) if tree.head[verb] < verb else False
    return tree.kid(verb, "obj") is None


def subject_of(tree: Tree, verb: int, relative: frozenset[str], depth: int = 6) -> int | None:
    """The node whose deed (or, in the passive, whose lot) ``verb`` is: its own subject or its governor's."""
    own = tree.kid(verb, "subj", "subjpass")
    if own is not None:
        if tree.form[own] in relative and tree.relation[verb] == "relcl":
            return tree.head[verb]
        return own
    if depth == 0:
        return None
    relation, parent = tree.relation[verb], tree.head[verb]
    if relation in ("acl", "relcl"):
        return parent if tree.pos[parent] in NOMINAL else subject_of(tree, parent, relative, depth - 1)
    beside = subject_beside(tree, verb)
    if beside is not None:
        return beside
    for clause in tree.kids(verb, "advcl"):
        # "The minister, while thanking Iraq, asked": the subject hangs from whichever verb comes first.
        lent = tree.kid(clause, "subj")
        if lent is not None and lent < clause < verb and tree.pos[lent] in NOMINAL:
            return lent
    if parent == verb:
        return None
    if relation == "attr":
        return subject_of(tree, parent, relative, depth - 1)
    if relation == "xcomp":
        obj = tree.kid(parent, "obj", "dative")
        if obj is not None and obj < verb and tree.pos[obj] in NOMINAL:
            return obj
        return subject_of(tree, parent, relative, depth - 1)
    if relation in ("conj", "advcl", "ccomp", "parataxis", "other") and (
        tree.pos[parent] in VERBAL or tree.kid(parent, "subj", "subjpass") is not None
    ):
        return subject_of(tree, parent, relative, depth - 1)
    return None


def subject_beside(tree: Tree, verb: int) -> int | None:
    """A noun phrase before a finite verb hung elsewhere by the parser: right before it, or a name cut off."""
    auxiliaries = [k for k in tree.kids(verb, "aux", "auxpass", "neg", "advmod", "reflexive") if k < verb]
    finite = "VerbForm=Fin" in tree.morph[verb] or any("VerbForm=Fin" in tree.morph[k] for k in auxiliaries)
    if not finite:
        return None
    place = verb - 1
    while place in auxiliaries:
        place -= 1
    first, _ = tree.sentence_bounds[tree.sentence[verb]]
    if place > first and tree.form[place] == "," and tree.relation[tree.node[place - 1]] == "appos":
        place -= 1
    if place >= first and tree.pos[place] in ("NOUN", "PROPN", "ADJ"):
        node = tree.node[place]
        for _ in range(6):
            parent = tree.head[node]
            within = tree.relation[node] in ("amod", "prep", "flat", "compound", "inside")
            named = tree.relation[node] == "appos" and tree.case[parent] == ""
            if not (within or named) or parent >= verb:
                break
            if parent == node or tree.pos[parent] not in ("NOUN", "PROPN"):
                break
            node = parent
        if (
            tree.relation[node] in ("conj", "appos", "other", "root")
            and node < verb
            and tree.case[node] == ""
        ):
            return node
    if tree.relation[verb] == "root":
        for place in range(verb - 1, max(first - 1, verb - 14), -1):
            if (
                tree.relation[place] in ("root", "other")
                and tree.pos[place] == "PROPN"
                and tree.case[place] == ""
            ):
                return tree.node[place]
            if tree.pos[place] in VERBAL and place not in auxiliaries:
                break
    return None


def phrase(tree: Tree, node: int, limit: int = 12) -> tuple[int, int]:
    """First and last token of the noun phrase of ``node``, without clauses; bounded."""
    stop = frozenset(
        {
            "relcl",
            "acl",
            "advcl",
            "conj",
            "cc",
            "punct",
            "ccomp",
            "parataxis",
            "appos",
            "case",
            "preposition",
            "xcomp",
        }
    )
    tokens = [i for i in tree.below(node, 20, stop) if abs(i - node) <= limit]
    return min(tokens), max(tokens)


def conjuncts(tree: Tree, node: int, limit: int = 6) -> Sequence[int]:
    """``node`` and the nouns coordinated with it."""
    found = [node]
    for current in found:
        for k in tree.kids(current, "conj"):
            own_verb = any(tree.relation[g] in ("subj", "subjpass") for g in tree.children[k])
            if tree.pos[k] in NOMINAL and not own_verb and len(found) < limit:
                found.append(k)
    return found
