"""Common slips of the dependency parsers, mended on the tree before any event is read from it.

Each repair is by form and position, the same for all languages; the words that it needs come from the
language's lexicon. A repair that would not leave a tree is not made.
"""

from __future__ import annotations

from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.tree import NOMINAL, VERBAL, Tree, subject_beside

MAX_UP = 60
DATELINE_TOKENS = 16
DASHES = ("-", "–", "—")


def repair(tree: Tree, lexicon: Lexicon) -> None:
    """Mend ``tree`` in place."""
    _known_verbs(tree, lexicon)
    _own_perfects(tree, lexicon)
    _active_voices(tree, lexicon)
    _split_groups(tree)
    _fill_subjects(tree, lexicon)
    _pass_datelines(tree)
    _free_times(tree, lexicon)
    _join_verbs(tree, lexicon)
    _find_objects(tree)
    _find_subjects(tree)


def _rehang(tree: Tree, node: int, head: int, relation: str) -> None:
    if node == head or any(above == node for above in tree.ancestors(head, MAX_UP)):
        return
    old = tree.head[node]
    if old != node:
        tree.children[old].remove(node)
    tree.head[node], tree.relation[node] = head, relation
    tree.children[head].append(node)
    tree.children[head].sort()


def _known_verbs(tree: Tree, lexicon: Lexicon) -> None:
    """Give a verb without a lemma the one that its ending tells, if the lexicon has it."""
    if lexicon.verb_endings is None:
        return
    endings, infinitive = lexicon.verb_endings
    for node in range(len(tree)):
        form = tree.form[node]
        if tree.pos[node] not in ("VERB", "ADV") or tree.lemma[node] != form or form in lexicon.patterns:
            continue
        for ending in endings:
            lemma = form[: -len(ending)] + infinitive
            if form.endswith(ending) and lemma in lexicon.patterns:
                tree.lemma[node] = lemma
                if tree.pos[node] == "ADV":
                    tree.pos[node], tree.morph[node] = "VERB", "VerbForm=Fin"
                break


def _active_voices(tree: Tree, lexicon: Lexicon) -> None:
    """ "Il a exclu de …": without the auxiliary of the passive a verb is in the active voice."""
    passive = lexicon.words_of("passive_auxiliary")
    for verb in range(len(tree)):
        kids = tree.kids(verb, "aux", "auxpass") if passive else []
        if kids and not any(tree.lemma[k] in passive or tree.form[k] in passive for k in kids):
            for kid in tree.children[verb]:
                if tree.relation[kid] in ("auxpass", "subjpass"):
                    tree.relation[kid] = tree.relation[kid].removesuffix("pass")


def _split_groups(tree: Tree) -> None:
    """ "L'ambassadeur a, de son côté, salué": a participle hung from a root noun, its auxiliary elsewhere."""
    for root in range(len(tree)):
        if tree.head[root] != root or tree.pos[root] not in NOMINAL:
            continue
        verb = next(
            (
                k
                for holder in (root, *tree.kids(root, "prep")[:4])
                for k in tree.kids(holder, "acl")
                if k > root and "VerbForm=Part" in tree.morph[k]
            ),
            None,
        )
        if verb is None:
            continue
        between = range(root + 1, min(verb, root + 12))
        auxiliary = next(
            (i for i in between if tree.pos[i] == "AUX" and tree.relation[i] == "aux"),
            None,
        )
        if auxiliary is None or tree.pos[tree.head[auxiliary]] in VERBAL:
            continue
        tree.children[tree.head[verb]].remove(verb)
        tree.head[verb], tree.relation[verb] = verb, "root"
        _rehang(tree, root, verb, "subj")
        _rehang(tree, auxiliary, verb, "aux")


def _own_perfects(tree: Tree, lexicon: Lexicon) -> None:
    """ "Ils sont convenus" is no passive: some verbs form the perfect with the passive's auxiliary."""
    verbs = lexicon.words_of("perfect_like_passive")
    for verb in range(len(tree)):
        if tree.lemma[verb] in verbs and tree.pos[verb] == "VERB":
            for kid in tree.children[verb]:
                if tree.relation[kid] in ("auxpass", "subjpass"):
                    tree.relation[kid] = tree.relation[kid].removesuffix("pass")


def _fill_subjects(tree: Tree, lexicon: Lexicon) -> None:
    """ "a-t-elle dit": the pronoun, not the letter that only eases it, is the subject."""
    fillers = lexicon.words_of("subject_filler")
    for node in range(len(tree)):
        if tree.form[node] not in fillers or tree.relation[node] != "subj":
            continue
        pronoun = next((k for k in tree.children[node] if k == node + 1 and tree.pos[k] == "PRON"), None)
        if pronoun is not None:
            _rehang(tree, pronoun, tree.head[node], "subj")
            tree.relation[node] = "other"


def _pass_datelines(tree: Tree) -> None:
    """ "MUSCAT, Feb 10 (Reuters) - The ministers met": the subject stands behind the dateline's dash."""
    for first in range(len(tree)):
        verb = tree.head[first]
        opens = first == 0 or "\n" in tree.form[first - 1]
        if not opens or tree.relation[first] != "subj" or verb <= first + 1:
            continue
        dash = next(
            (
                i
                for i in range(first + 1, min(verb, first + DATELINE_TOKENS))
                if tree.form[i].endswith(DASHES)
            ),
            None,
        )
        if dash is None:
            continue
        behind = range(dash + 1, min(verb, dash + DATELINE_TOKENS))
        subject = next(
            (
                i
                for i in behind
                if tree.pos[i] in ("NOUN", "PROPN")
                and tree.case[i] == ""
                and (first <= tree.head[i] <= dash or (tree.head[i] == verb and tree.relation[i] == "subj"))
            ),
            None,
        )
        if subject is not None:
            _rehang(tree, subject, verb, "subj")
            tree.relation[first] = "other"


def _free_times(tree: Tree, lexicon: Lexicon) -> None:
    """ "Il a reçu mardi l'ambassadeur": what only tells when is no object, and its dependent may be it."""
    units, months = lexicon.words_of("time_unit"), lexicon.months
    for node in range(len(tree)):
        bare = tree.relation[node] in ("obj", "prep", "appos", "dative") and tree.case[node] == ""
        if not bare or tree.pos[node] not in ("NOUN", "PROPN") or tree.pos[tree.head[node]] not in VERBAL:
            continue
        words = {tree.lemma[node], tree.form[node]}
        counted = tree.kid(node, "nummod") is not None
        if not (
            words
            & (lexicon.weekdays.keys() | months.keys() | lexicon.days.keys() | lexicon.words_of("moment"))
            or (words & units and not counted)
        ):
            continue
        tree.relation[node] = "when"
        for kid in list(tree.children[node]):
            if kid > node and _is_bare_phrase(tree, kid):
                _rehang(tree, kid, tree.head[node], "obj")
            elif kid > node and tree.relation[kid] == "prep" and tree.case[kid] not in lexicon.words_of("of"):
                _rehang(tree, kid, tree.head[node], "prep")


def _is_bare_phrase(tree: Tree, node: int) -> bool:
    """A noun phrase with a determiner or number and no preposition, hung as a noun's complement."""
    return (
        tree.relation[node] in ("prep", "appos", "obj", "conj")
        and tree.kid(node, "subj", "cop", "cc") is None
        and tree.case[node] == ""
        and tree.pos[node] in ("NOUN", "PROPN")
        and any(tree.relation[k] in ("det", "nummod") and k < node for k in tree.children[node])
    )


def _join_verbs(tree: Tree, lexicon: Lexicon) -> None:
    """ "a rejeté ces accusations et menacé de …": the second verb goes on with the first."""
    conjunctions = lexicon.words_of("and")
    for node in range(1, len(tree)):
        if tree.pos[node] != "VERB" or tree.relation[node] not in ("acl", "conj", "amod", "appos", "advcl"):
            continue
        marked = any(
            tree.relation[k] == "cc" and tree.form[k] in conjunctions and k < node
            for k in tree.children[node]
        )
        if not marked or tree.pos[tree.head[node]] in VERBAL or tree.kid(node, "subj", "subjpass", "mark"):
            continue
        if not any(tree.form[node - step] in conjunctions for step in (1, 2, 3) if node - step >= 0):
            continue
        above = next((a for a in tree.ancestors(node, 6) if tree.pos[a] in VERBAL), None)
        if above is None or above > node:
            continue
        alike = "VerbForm=Part" in tree.morph[above] and tree.kid(above, "aux", "auxpass") is not None
        if "VerbForm=Fin" in tree.morph[node] or ("VerbForm=Part" in tree.morph[node] and alike):
            _rehang(tree, node, above, "conj")


def _find_objects(tree: Tree) -> None:
    """ "Il a reçu à Paris son homologue": a bare phrase behind a prepositional one is the verb's."""
    if "case" not in tree.relation:
        return
    for node in range(len(tree)):
        holder = tree.head[node]
        if tree.relation[node] == "conj" and tree.pos[holder] == "VERB" and _is_bare_phrase(tree, node):
            # No noun goes on with a verb: "a invité, vendredi, les communautés à …".
            if tree.kid(holder, "obj", "auxpass", "subjpass") is None and holder < node:
                tree.relation[node] = "obj"
            continue
        if tree.relation[node] != "prep" or not _is_bare_phrase(tree, node) or holder >= node:
            continue
        verb = tree.head[holder]
        if tree.relation[holder] != "prep" or tree.case[holder] == "" or tree.pos[verb] != "VERB":
            continue
        passive = tree.kid(verb, "auxpass", "subjpass") is not None
        if verb > holder or passive or any(k < node for k in tree.kids(verb, "obj")):
            continue
        _rehang(tree, node, verb, "obj")


def _find_subjects(tree: Tree) -> None:
    """A phrase before a finite verb that has no subject, with what is coordinated with it, becomes its."""
    for verb in range(len(tree)):
        if tree.pos[verb] not in VERBAL or tree.relation[verb] not in ("root", "ccomp", "parataxis"):
            continue
        if tree.kid(verb, "subj", "subjpass") is not None:
            continue
        node = subject_beside(tree, verb)
        if node is None or tree.relation[node] not in ("conj", "appos", "other") or tree.head[node] == node:
            continue
        others: list[int] = []
        if tree.relation[node] == "conj" and tree.case[tree.head[node]] != "":
            siblings = [
                k
                for k in tree.kids(tree.head[node], "conj")
                if k < verb and tree.pos[k] in NOMINAL and tree.case[k] == ""
            ]
            node, others = siblings[0], siblings[1:]
        _rehang(tree, node, verb, "subjpass" if tree.kid(verb, "auxpass") is not None else "subj")
        for other in others:
            _rehang(tree, other, node, "conj")
