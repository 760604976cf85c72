"""The contiguous piece of text that shows an event."""

from __future__ import annotations

from workers.contract.records import Span
from workers.enrich.events.match import Match
from workers.enrich.events.reading import Reading
from workers.enrich.events.roles import Roles
from workers.enrich.events.tree import Tree, phrase

AUXILIARY_TOKENS = 8
SUPPORT_TOKENS = 10
OBJECT_TOKENS = 12
CLAUSE_TOKENS = 16


def evidence_of(reading: Reading, match: Match, roles: Roles) -> Span:
    """The clause from a near subject to the last argument, within sentence and line."""
    tree, token = reading.tree, match.token
    tokens = (
        {token, *match.words}
        | _verb_group(tree, match, roles)
        | _arguments(reading, match, roles)
        | _complements(tree, match)
    )
    first, last = tree.sentence_bounds[tree.sentence[token]]
    most = reading.rules.limits.evidence_tokens_each_side
    begin = max(first, min(tokens), token - most)
    end = min(last - 1, max(tokens), token + most)
    begin, end = _within_line(tree, token, begin, end)
    begin, end = _trimmed(tree, token, begin, end)
    start, stop = tree.start[begin], tree.end[end]
    return Span(reading.field.name, start, stop, reading.field.original[start:stop])


def _verb_group(tree: Tree, match: Match, roles: Roles) -> set[int]:
    token = match.token
    group = {
        k
        for k in tree.kids(token, "aux", "auxpass", "neg", "reflexive", "particle")
        if abs(k - token) < AUXILIARY_TOKENS
    }
    if roles.support is not None and abs(roles.support - token) < SUPPORT_TOKENS:
        group.add(roles.support)
    return group


def _arguments(reading: Reading, match: Match, roles: Roles) -> set[int]:
    tree, token = reading.tree, match.token
    found: set[int] = set()
    above = set(tree.ancestors(token, 3))
    for node in (*roles.actors, *roles.recipients):
        if any(tree.pos[i] == "VERB" and i in above for i in range(node, token)):
            # The subject of a coordinated act stands with the first of them.
            continue
        if abs(node - token) <= reading.rules.reach.argument and tree.sentence[node] == tree.sentence[token]:
            found.update(phrase(tree, node))
    return found


def _complements(tree: Tree, match: Match) -> set[int]:
    token = match.token
    found: set[int] = set()
    for k in tree.kids(token, "obj", "attr", "when"):
        if abs(k - token) <= OBJECT_TOKENS and (tree.relation[k] != "when" or k > token):
            found.update(phrase(tree, k))
    if match.pattern.speech:
        for k in tree.kids(token, "xcomp", "ccomp"):
            said = [i for i in tree.below(k, CLAUSE_TOKENS) if token < i <= token + CLAUSE_TOKENS]
            found.update(said)
    return found


def _within_line(tree: Tree, token: int, begin: int, end: int) -> tuple[int, int]:
    begin = next((i + 1 for i in range(token, begin - 1, -1) if "\n" in tree.form[i]), begin)
    end = next((i - 1 for i in range(token, end + 1) if "\n" in tree.form[i]), end)
    return begin, end


def _trimmed(tree: Tree, token: int, begin: int, end: int) -> tuple[int, int]:
    """Without punctuation, list numbers and loose function words at the edges."""
    while begin < token and (
        tree.pos[begin] in ("PUNCT", "SPACE") or (tree.pos[begin] == "NUM" and tree.pos[begin + 1] == "PUNCT")
    ):
        begin += 1
    while end > token and tree.pos[end] in ("PUNCT", "SPACE", "ADP", "CCONJ", "DET"):
        end -= 1
    return begin, end
