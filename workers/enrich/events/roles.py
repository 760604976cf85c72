"""Who stands where around a trigger: actors and recipients as nodes of the dependency tree."""

from __future__ import annotations

from dataclasses import dataclass

from workers.contract.records import EntityType
from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.match import Match, objects
from workers.enrich.events.reading import Reading
from workers.enrich.events.tree import NOMINAL, VERBAL, Tree, is_passive, subject_of


@dataclass(frozen=True, slots=True)
class Roles:
    """Who stands where around a trigger: nodes of the tree."""

    actors: tuple[int, ...]
    recipients: tuple[int, ...]
    support: int | None = None


def roles_of(reading: Reading, match: Match) -> Roles:
    """Who stands where around a trigger, by the tree alone."""
    tree, lexicon = reading.tree, reading.lexicon
    if match.pattern.head_class == "noun":
        return _noun_roles(tree, match, lexicon)
    if match.pattern.head_class == "modal":
        verb = tree.head[match.token] if tree.relation[match.token] == "aux" else match.token
        subject = subject_of(tree, verb, lexicon.words_of("relative"))
        return Roles((subject,) if subject is not None else (), (), verb)
    return _verb_roles(reading, match)


def _verb_roles(reading: Reading, match: Match) -> Roles:
    tree, lexicon, verb = reading.tree, reading.lexicon, match.token
    subject = subject_of(tree, verb, lexicon.words_of("relative"))
    passive = match.pattern.head_class == "verb" and not match.pattern.reflexive and is_passive(tree, verb)
    if subject is not None and not passive and subject in objects(tree, verb, lexicon):
        subject = next(
            (
                s
                for a in tree.ancestors(verb, 5)
                if tree.pos[a] in VERBAL
                and (s := subject_of(tree, a, lexicon.words_of("relative"))) not in (None, subject)
            ),
            None,
        )
    agents = tree.kids(verb, "agent")
    actors = agents if passive else [subject] if subject is not None else []
    recipients: list[int] = []
    if passive and subject is not None:
        recipients.append(subject)
    elif not passive:
        recipients.extend(tree.kids(verb, "obj", "dative"))
        recipients.extend(
            k for k in tree.children[verb] if tree.relation[k] == "reflexive" and not match.pattern.reflexive
        )
    prepositions = (
        lexicon.words_of("with") if match.pattern.roles == "reciprocal" else lexicon.words_of("against")
    )
    holders = [verb, *[w for w in match.words if tree.pos[w] in NOMINAL]]
    for holder in holders:
        for k in tree.kids(holder, "prep")[:8]:
            entity = reading.parties.mentions.entity_at(k)
            case = tree.case[k]
            between = match.pattern.roles == "reciprocal" and case in lexicon.words_of("between")
            ahead = k < verb and entity is None and case in lexicon.words_of("dative")
            if ahead and reading.parties.phrases.is_place(k):
                # "À l'issue de l'entretien, …" is a circumstance.
                continue
            if (case in prepositions or between) and k not in recipients:
                where = (
                    entity.type is EntityType.LOCATION
                    if entity is not None
                    else reading.parties.phrases.is_place(k)
                )
                given = match.pattern.type in reading.rules.given_types and case in lexicon.words_of("dative")
                if (
                    where
                    and not given
                    and case in lexicon.words_of("place")
                    and case not in lexicon.words_of("hostile_preposition")
                ):
                    continue
                recipients.append(k)
    if not actors:
        actors = _actors_of_cause(tree, match, lexicon)
    return Roles(tuple(actors), tuple(recipients))


def _actors_of_cause(tree: Tree, match: Match, lexicon: Lexicon) -> list[int]:
    """Who did it by the noun that tells how: "killed in an attack by militants"."""
    for k in tree.kids(match.token, "prep")[:8]:
        for pattern in lexicon.patterns.get(tree.lemma[k], ()):
            if pattern.head_class == "noun" and pattern.type is match.pattern.type:
                return list(_noun_roles(tree, Match(pattern, k, ()), lexicon).actors)
    return []


def _noun_roles(tree: Tree, match: Match, lexicon: Lexicon) -> Roles:
    noun = match.token
    actors: list[int] = []
    recipients: list[int] = []
    support: int | None = None
    of, by = lexicon.words_of("of"), lexicon.words_of("by")
    takes_object = tree.lemma[noun] in lexicon.words_of("object_nouns")
    reciprocal = match.pattern.roles == "reciprocal"
    agents = [
        k for k in tree.kids(noun, "agent", "prep") if tree.relation[k] == "agent" or tree.case[k] in by
    ]
    actors.extend(agents)
    for k in tree.children[noun]:
        case = tree.case[k]
        if k in agents or k in match.words:
            continue
        if tree.relation[k] in ("poss", "amod", "compound"):
            actors.append(k)
        elif tree.relation[k] == "prep":
            if case in lexicon.words_of("between"):
                actors.append(k)
            elif case in of:
                (recipients if takes_object or agents else actors).append(k)
                if takes_object:
                    actors.extend(
                        g
                        for g in tree.kids(k, "agent", "prep")
                        if tree.relation[g] == "agent" or tree.case[g] in by
                    )
                # "la guerre du régime contre l'Iran": the parser may hang "contre" from "régime".
                recipients.extend(
                    g for g in tree.kids(k, "prep") if tree.case[g] in lexicon.words_of("hostile_preposition")
                )
            elif case in (lexicon.words_of("with") if reciprocal else lexicon.words_of("against")) and (
                case not in lexicon.words_of("place") or case in lexicon.words_of("hostile_preposition")
            ):
                recipients.append(k)
        elif tree.relation[k] in ("acl", "relcl"):
            actors.extend(tree.kids(k, "agent"))
            recipients.extend(
                g for g in tree.kids(k, "prep") if tree.case[g] in lexicon.words_of("hostile_preposition")
            )
            recipients.extend(tree.kids(k, "obj") if tree.relation[k] == "acl" else [])
    parent = tree.head[noun]
    if parent != noun and tree.pos[parent] in VERBAL and tree.lemma[parent] in lexicon.words_of("light_verb"):
        support = parent
        subject = subject_of(tree, parent, lexicon.words_of("relative"))
        if subject is not None and subject != noun:
            (actors if not is_passive(tree, parent) else recipients).append(subject)
        actors.extend(tree.kids(parent, "agent"))
        for k in tree.kids(parent, "prep"):
            if tree.case[k] in lexicon.words_of("hostile_preposition"):
                recipients.append(k)
            elif reciprocal and tree.case[k] in lexicon.words_of("with") | lexicon.words_of("between"):
                actors.append(k)
    elif reciprocal and parent != noun and tree.relation[noun] in ("subj", "subjpass"):
        support = parent
        actors.extend(
            k
            for k in tree.kids(parent, "prep")
            if tree.case[k] in lexicon.words_of("with") | lexicon.words_of("between")
        )
    if not recipients and not reciprocal:
        recipients.extend(
            i
            for i in range(noun + 1, min(noun + 9, tree.sentence_bounds[tree.sentence[noun]][1]))
            if tree.case[i] in lexicon.words_of("only_hostile") and tree.node[i] == i
        )
    if reciprocal and support is None and len(actors) + len(recipients) == 1:
        above = next((a for a in tree.ancestors(noun, 5) if tree.pos[a] in VERBAL), None)
        subject = subject_of(tree, above, lexicon.words_of("relative")) if above is not None else None
        if subject is not None and subject not in actors and subject not in recipients and subject != noun:
            actors.append(subject)
    return Roles(tuple(actors), tuple(recipients), support)
