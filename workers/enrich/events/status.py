"""Whether an event happened: by negation, time, condition, mood, and the verbs that it depends on."""

from __future__ import annotations

from dataclasses import dataclass

from workers.contract.records import EventTime, EventType, Status
from workers.enrich.events.background import is_background
from workers.enrich.events.lexicon import Lexicon, Pattern
from workers.enrich.events.match import Match, is_negated
from workers.enrich.events.reading import Reading
from workers.enrich.events.tree import VERBAL, Tree

GOVERNORS_UP = 3
_COMPLEMENTS = ("xcomp", "obj", "ccomp", "prep")
_DOUBTED = (*_COMPLEMENTS, "acl")
_CHAIN = ("xcomp", "conj", "obj")


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event is: its type, the mode as far as its trigger tells it, and its status."""

    type: EventType
    mode: str | None
    status: Status


def kind_of(reading: Reading, match: Match, time: EventTime | None) -> Kind:
    """The kind of the event that a match found; ``time`` is the date told of it.

    What is still to come or denied may be another type: a meeting that will be is an agreement to meet.
    """
    pattern = match.pattern
    status = status_of(reading, match, time)
    negated = is_negated(reading.tree, match.token, reading.lexicon)
    if pattern.negated_as is not None and negated:
        return Kind(pattern.negated_as, None, status)
    if pattern.type is EventType.CONSULT and status in (Status.FUTURE, Status.HYPOTHETICAL):
        return Kind(EventType.AGREE, "meet", Status.ASSERTED if status is Status.FUTURE else status)
    return Kind(pattern.type, pattern.mode, status)


def status_of(reading: Reading, match: Match, time: EventTime | None) -> Status:
    """The status of the event that a match found; the first of these that tells one decides."""
    tree, lexicon, token, pattern = reading.tree, reading.lexicon, match.token, match.pattern
    if is_negated(tree, token, lexicon) and pattern.negated_as is None:
        return Status.NEGATED
    governor = _governor(tree, token, lexicon) if pattern.head_class == "noun" else None
    carried = governor is not None and tree.lemma[governor] in _carriers(lexicon)
    verb = governor if governor is not None else token
    mood = _mood(tree, verb, lexicon)
    teller = verb if carried else token
    if mood is not Status.FUTURE and is_background(reading, token, teller, time, lasting=pattern.speech):
        return Status.HISTORICAL
    if governor is not None and carried and is_negated(tree, governor, lexicon):
        return Status.NEGATED
    known = governor is not None and not carried and tree.relation[token] in ("subj", "subjpass")
    if not known and (_in_condition(tree, verb, lexicon) or _is_conditioned(tree, verb, pattern, lexicon)):
        return Status.HYPOTHETICAL
    if not known and mood is not None and not (pattern.speech and mood is Status.FUTURE):
        return mood
    return _by_governors(tree, verb, pattern, lexicon) or Status.ASSERTED


def _carriers(lexicon: Lexicon) -> frozenset[str]:
    """Verbs that only carry a noun of action: "carried out an attack", "an attack took place"."""
    return lexicon.words_of("light_verb") | lexicon.words_of("occur")


def _governor(tree: Tree, token: int, lexicon: Lexicon) -> int | None:
    """The verb that a noun is subject or object of; of "are due to begin" it is "begin"."""
    parent = tree.head[token]
    governs = tree.relation[token] in ("obj", "subj", "subjpass", "prep") and tree.pos[parent] in VERBAL
    if not governs or parent == token:
        return None
    if tree.lemma[parent] in lexicon.words_of("future_verbs"):
        return tree.kid(parent, "xcomp") or parent
    return parent


def _mood(tree: Tree, verb: int, lexicon: Lexicon) -> Status | None:
    """Future or hypothetical by auxiliaries, by the verb that it complements, or by its ending."""
    parent, morph = tree.head[verb], tree.morph[verb]
    auxiliaries = tree.kids(verb, "aux", "auxpass", "cop")
    if tree.relation[verb] == "xcomp" and parent != verb:
        if tree.lemma[parent] in lexicon.words_of("future_verbs"):
            return Status.FUTURE
        if tree.lemma[parent] in lexicon.words_of("modal_verbs"):
            return Status.HYPOTHETICAL
    if tree.relation[verb] == "attr" and parent != verb:
        auxiliaries = [*auxiliaries, *tree.kids(parent, "aux")]
        morph = tree.morph[parent]
    forms = {tree.form[a] for a in auxiliaries}
    if forms & lexicon.words_of("future"):
        return Status.FUTURE
    if forms & lexicon.words_of("reported_future"):
        return Status.FUTURE if _is_reported(tree, verb, lexicon) else Status.HYPOTHETICAL
    if forms & lexicon.words_of("modal"):
        return Status.HYPOTHETICAL
    if any("Tense=Fut" in m for m in ([tree.morph[a] for a in auxiliaries] or [morph])):
        return Status.FUTURE
    # The conditional mood: of the past it reports ("aurait tué"), of the present it wishes or fears, or, in
    # what somebody said, tells the future.
    if "Mood=Cnd" in morph and not tree.kids(verb, "aux"):
        return Status.FUTURE if _is_reported(tree, verb, lexicon) else Status.HYPOTHETICAL
    return None


def _is_reported(tree: Tree, verb: int, lexicon: Lexicon) -> bool:
    """Whether a clause is what somebody said: of a verb of saying, or of a noun for what is said."""
    if tree.relation[verb] not in ("ccomp", "relcl", "advcl", "acl"):
        return False
    said = lexicon.words_of("say") | lexicon.words_of("said_nouns")
    return any(tree.lemma[a] in said for a in tree.ancestors(verb, 2))


def _in_condition(tree: Tree, verb: int, lexicon: Lexicon) -> bool:
    """Whether a verb stands in an if-clause, as far as it is not one of another verb."""
    for node in [verb, *tree.ancestors(verb, 2)]:
        if tree.pos[node] in VERBAL and any(
            tree.form[k] in lexicon.words_of("condition") for k in tree.kids(node, "mark", "advmod")
        ):
            return True
        if tree.relation[node] not in ("conj", "xcomp"):
            break
    return False


def _is_conditioned(tree: Tree, verb: int, pattern: Pattern, lexicon: Lexicon) -> bool:
    """Whether an if-clause hangs from what is no statement: "would be sent if the unrest continued"."""
    return not pattern.speech and any(
        tree.form[k] in lexicon.words_of("if")
        for clause in tree.kids(verb, "advcl")
        for k in tree.kids(clause, "mark")
    )


def _by_governors(tree: Tree, verb: int, pattern: Pattern, lexicon: Lexicon) -> Status | None:
    """What the verbs and nouns that ``verb`` depends on make of it: denied, prevented, wished or feared."""
    for above in tree.ancestors(verb, GOVERNORS_UP):
        if tree.pos[above] not in VERBAL and tree.pos[above] not in ("NOUN", "ADJ"):
            continue
        lemma, relation = tree.lemma[above], tree.relation[verb]
        if relation == "conj" and pattern.speech:
            # "denied that … and demanded": a statement is made whatever the one before it was about.
            return None
        if lemma in lexicon.words_of("denial"):
            return Status.NEGATED
        if lemma in lexicon.words_of("negative_verbs") and relation in _COMPLEMENTS:
            return Status.NEGATED
        if pattern.type is EventType.AGREE and lemma in lexicon.words_of("intent"):
            # To want to cooperate is what the type means.
            return None
        if lemma in lexicon.words_of("doubt") and relation in _DOUBTED:
            return Status.HYPOTHETICAL if not pattern.speech or relation == "xcomp" else None
        if relation not in _CHAIN:
            return None
        verb = above
    return None
