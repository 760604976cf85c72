"""Which tokens of a sentence trigger an event, by the patterns of the lexicon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.enrich.events.lexicon import Lexicon, Pattern
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.rules import Reach
from workers.enrich.events.tree import NOMINAL, VERBAL, Tree, conjuncts, is_passive, subject_of

_CLASSES = {
    "verb": frozenset({"VERB", "AUX"}),
    "noun": frozenset({"NOUN", "PROPN"}),
    "adjective": frozenset({"ADJ", "VERB"}),
    "modal": frozenset({"AUX", "VERB"}),
}


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: its head token, and the tokens of its other words and its object."""

    pattern: Pattern
    token: int
    words: tuple[int, ...]


def gate(tree: Tree, sentence: int, lexicon: Lexicon) -> list[int]:
    """The tokens of a sentence that could trigger an event at all: one look-up a token."""
    first, last = tree.sentence_bounds[sentence]
    known = lexicon.patterns
    return [i for i in range(first, last) if tree.lemma[i] in known or tree.form[i] in known]


def matches(tree: Tree, token: int, lexicon: Lexicon, mentions: Mentions, reach: Reach) -> Iterator[Match]:
    """The patterns that hold at ``token`` as far as its words go, most specific first."""
    if tree.relation[token] == "inside" or tree.node[token] != token:
        return
    keys = {tree.lemma[token], tree.form[token]}
    candidates = [p for key in sorted(keys) for p in lexicon.patterns.get(key, ())]
    for pattern in sorted(candidates, key=lambda p: -p.specificity):
        if tree.pos[token] not in _CLASSES[pattern.head_class] and not (
            pattern.head_class == "verb"
            and tree.pos[token] in ("PROPN", "ADJ", "NOUN")
            and _is_inflected(tree, token)
        ):
            continue
        words = _words(tree, token, pattern, lexicon, mentions, reach)
        if words is not None:
            yield Match(pattern, token, words)


def _is_inflected(tree: Tree, token: int) -> bool:
    """Whether the lemma, other than the form, tells a verb that the tagger took for something else."""
    form, lemma = tree.form[token], tree.lemma[token]
    return lemma != form and (tree.pos[token] == "PROPN" or not form.startswith(lemma))


def _words(
    tree: Tree, token: int, pattern: Pattern, lexicon: Lexicon, mentions: Mentions, reach: Reach
) -> tuple[int, ...] | None:
    found: list[int] = []
    if pattern.reflexive:
        reflexive = next(
            (k for k in tree.children[token] if tree.form[k] in lexicon.words_of("reflexive")), None
        )
        if reflexive is None:
            return None
        found.append(reflexive)
    elif pattern.head_class == "verb" and not pattern.speech and tree.kid(token, "reflexive") is not None:
        # "s'arrêter" is no arrest; but who speaks may speak of himself.
        return None
    if pattern.words:
        near = [i for i in tree.window(token, 7) if i != token]
        for word in pattern.words:
            place = next(
                (
                    i
                    for i in near
                    if word in (tree.lemma[i], tree.form[i])
                    and _hangs_from(tree, i, token)
                    and not (tree.relation[i] == "aux" and tree.head[i] == token)
                ),
                None,
            )
            if place is None:
                return None
            found.append(place)
    if pattern.objects:
        place = next(
            (o for o in objects(tree, token, lexicon) if _is_object(tree, o, pattern.objects, mentions)), None
        )
        if place is None:
            return None
        found.append(place)
    if pattern.near and not _any_near(tree, token, pattern.near, reach.near):
        return None
    if pattern.never and _any_near(tree, token, pattern.never, reach.never, in_names=False):
        return None
    if "clause" in pattern.needs and tree.kid(token, "xcomp", "ccomp", "acl", "advcl") is None:
        return None
    if "object" in pattern.needs and not objects(tree, token, lexicon):
        return None
    if "negation" in pattern.needs and not is_negated(tree, token, lexicon):
        return None
    return tuple(found)


def _is_object(tree: Tree, node: int, wanted: frozenset[str], mentions: Mentions) -> bool:
    """Whether ``node`` is one of the wanted objects; ``@person`` wants any named person."""
    return (
        tree.lemma[node] in wanted
        or tree.form[node] in wanted
        or ("@person" in wanted and mentions.is_person(node))
    )


def _any_near(tree: Tree, token: int, words: frozenset[str], width: int, *, in_names: bool = True) -> bool:
    return any(
        i != token
        and (tree.lemma[i] in words or tree.form[i] in words)
        and (in_names or not _is_in_name(tree, i))
        for i in tree.window(token, width)
    )


def _is_in_name(tree: Tree, token: int) -> bool:
    """Whether a token is one of several of a name: "Rapid Support Forces" tells nothing of support."""
    return tree.relation[token] == "inside" or tree.kid(token, "inside") is not None


def _hangs_from(tree: Tree, token: int, head: int) -> bool:
    for above in tree.ancestors(token, 4):
        if above == head:
            return True
    # A preposition folded away still hangs where the parser put it.
    return tree.head[token] == tree.head[head] and tree.relation[token] in ("compound", "amod")


def objects(tree: Tree, verb: int, lexicon: Lexicon) -> list[int]:
    """What a verb is done to: its objects, or its subject in the passive, with what is coordinated."""
    heads = list(tree.kids(verb, "obj"))
    if not heads:
        beside = _object_beside(tree, verb)
        heads = [beside] if beside is not None else []
    if is_passive(tree, verb):
        subject = subject_of(tree, verb, lexicon.words_of("relative"))
        if subject is not None:
            heads.append(subject)
    nodes = [node for head in heads for node in conjuncts(tree, head) if tree.pos[node] in NOMINAL]
    return [each for node in nodes for each in (node, *_measured(tree, node, lexicon))]


def _measured(tree: Tree, node: int, lexicon: Lexicon) -> list[int]:
    """What a word of amount is of: "a number of weapons"."""
    if tree.lemma[node] not in lexicon.words_of("measures"):
        return []
    of = lexicon.words_of("of") | lexicon.words_of("measured_in")
    return [k for k in tree.kids(node, "prep")[:2] if tree.case[k] in of]


def _object_beside(tree: Tree, verb: int) -> int | None:
    """The noun right behind a verb, with but determiner and adjectives between, however hung."""
    for i in range(verb + 1, min(verb + 4, tree.sentence_bounds[tree.sentence[verb]][1])):
        if tree.pos[i] == "NOUN" and tree.case[i] == "":
            return i if tree.relation[i] not in ("subj", "subjpass") or tree.head[i] > i else None
        if tree.pos[i] not in ("DET", "ADJ", "ADV"):
            return None
    return None


def is_negated(tree: Tree, token: int, lexicon: Lexicon) -> bool:
    """Whether a negation word stands with ``token``, its auxiliaries, its subject or its object."""
    negation = lexicon.words_of("negation")
    for kid in tree.children[token]:
        if tree.form[kid] in negation or tree.relation[kid] == "neg":
            return True
        if tree.relation[kid] in ("subj", "subjpass", "obj") and any(
            tree.form[k] in negation for k in tree.children[kid]
        ):
            return True
    parent = tree.head[token]
    if tree.relation[token] in ("attr", "xcomp") and parent != token and tree.pos[parent] in VERBAL:
        return any(tree.form[k] in negation or tree.relation[k] == "neg" for k in tree.children[parent])
    return False
