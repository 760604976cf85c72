"""From parsed fields and entities to typed events, by the patterns of the language's lexicon.

Each sentence is first passed through a gate of one look-up a token. What triggers an event gets its roles
along the dependency tree, its parties from the entities, its status from tense, modals and negation,
a score from what speaks for it, and as evidence the contiguous clause that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from workers.contract.records import (
    Entity,
    EntityType,
    EventType,
    Party,
    Place,
    SourceTag,
    Span,
    Status,
)
from workers.enrich.events.drafts import EventDraft
from workers.enrich.events.knowledge import EventKnowledge, Lexicon, Pattern
from workers.enrich.events.match import Match, gate, is_negated, matches
from workers.enrich.events.parties import Parties, merge
from workers.enrich.events.quotations import Quotation, find_quotations, quotation_at
from workers.enrich.events.reality import future_type, published_day, status_of, time_of
from workers.enrich.events.roles import Roles, roles_of
from workers.enrich.events.tree import NOMINAL, VERBAL, Tree, make_tree, phrase, subject_of
from workers.enrich.syntax import Parse

MAX_TRIGGERS = 40
MAX_EVENTS_IN_SENTENCE = 6
MAX_EVIDENCE_TOKENS = 30
QUIET_SHARE = 1.0
QUIET_WORDS = 3
POLITICAL_WORDS = 3
POLITICAL_SHARE = 1.0


_AT_HOME = frozenset({"COP", "JUD", "LEG", "PTY", "CVL", "LAB"})


@dataclass(frozen=True, slots=True)
class _Found:
    draft: EventDraft
    match: Match
    score: float


def code_events(
    parses: Sequence[Parse],
    language: str,
    entities: Sequence[Entity],
    sources: Sequence[SourceTag],
    published_at: str | None,
    knowledge: EventKnowledge,
) -> tuple[EventDraft, ...]:
    """The typed events that the fields report, title first, then in text order.

    A credited agency or publisher is never a party. A language without a lexicon has no events.
    ``published_at`` (RFC 3339) is what relative dates are worked out from; without it they stay unknown.
    """
    lexicon = knowledge.lexicons.get(language)
    if lexicon is None:
        return ()
    published = published_day(published_at)
    trees = []
    for parse in parses:
        spans = [(m.start, m.end) for e in entities for m in e.mentions if m.field == parse.field.name]
        trees.append((parse, make_tree(parse.doc, spans, lexicon.gerund)))
    quiet, political = _matter([tree for _, tree in trees], lexicon)
    drafts: list[EventDraft] = []
    for parse, tree in trees:
        quotations = find_quotations(tree, lexicon)
        parties = Parties(
            tree,
            parse.field.name,
            entities,
            sources,
            quotations,
            lexicon,
            knowledge.gazetteer,
            language,
            political,
        )
        reader = _Reader(parse, tree, quotations, parties, lexicon, knowledge, published, quiet, political)
        found = reader.read()
        if parse.field.name == "text":
            drafts = _without_repeats(drafts, found, parse.field.clean)
        drafts.extend(found)
    return tuple(drafts)


def _matter(trees: Sequence[Tree], lexicon: Lexicon) -> tuple[bool, bool]:
    """Whether the article is about a quiet matter (sport, weather …), and whether about politics."""
    counts: Counter[str] = Counter()
    for tree in trees:
        for lemma in tree.lemma:
            for name in lexicon.domains_of.get(lemma, ()):
                counts[name] += 1
    politics = counts.pop("politics", 0)
    most = max(counts.values(), default=0)
    quiet = most >= QUIET_WORDS and most > QUIET_SHARE * politics
    return quiet, not quiet and politics >= POLITICAL_WORDS and politics > POLITICAL_SHARE * most


def _without_repeats(title: list[EventDraft], text: list[EventDraft], body: str) -> list[EventDraft]:
    """The title's events that the first paragraph does not tell again."""
    break_at = body.find("\n", body.find("\n") + 1) if body.count("\n", 0, 3000) > 1 else 600
    lead_end = max(300, break_at)
    lead = [e for e in text if e.evidence.start < lead_end]

    def told_again(event: EventDraft) -> bool:
        mine = {p.country for p in event.actors if p.country}
        for other in lead:
            theirs = {p.country for p in other.actors if p.country}
            if other.type is event.type and (mine == theirs or not mine or mine & theirs):
                return True
        return False

    return [e for e in title if not told_again(e)]


class _Reader:
    """Reads one field."""

    def __init__(
        self,
        parse: Parse,
        tree: Tree,
        quotations: list[Quotation],
        parties: Parties,
        lexicon: Lexicon,
        knowledge: EventKnowledge,
        published: date | None,
        quiet: bool,
        political: bool,
    ) -> None:
        self._parse = parse
        self._tree = tree
        self._quotations = quotations
        self._parties = parties
        self._lexicon = lexicon
        self._knowledge = knowledge
        self._published = published
        self._quiet = quiet
        self._political = political

    def read(self) -> list[EventDraft]:
        """All events of the field in order of their evidence."""
        found: list[EventDraft] = []
        for sentence in range(len(self._tree.sentence_bounds)):
            tokens = gate(self._tree, sentence, self._lexicon)
            if tokens:
                found.extend(self._sentence(sentence, tokens[:MAX_TRIGGERS]))
        return sorted(found, key=lambda e: (e.evidence.start, e.evidence.end, e.type))

    def _sentence(self, sentence: int, tokens: list[int]) -> list[EventDraft]:
        depth = {t: sum(1 for _ in self._tree.ancestors(t, 30)) for t in tokens}
        quiet_words = self._quiet_words(sentence)
        used: set[int] = set()
        found: list[_Found] = []
        for token in sorted(tokens, key=lambda t: (depth[t], t)):
            if token in used:
                continue
            event = self._event(token, quiet_words, found)
            if event is None:
                continue
            used.update(event.match.words)
            found.append(event)
        found = [
            f
            for f in found
            if f.match.token not in used or f.match.token not in self._words_of_others(f, found)
        ]
        return [f.draft for f in self._distinct(found)[:MAX_EVENTS_IN_SENTENCE]]

    @staticmethod
    def _words_of_others(this: _Found, found: list[_Found]) -> set[int]:
        return {word for other in found if other is not this for word in other.match.words}

    def _quiet_words(self, sentence: int) -> bool:
        first, last = self._tree.sentence_bounds[sentence]
        politics = quiet = 0
        for lemma in self._tree.lemma[first : min(last, first + 300)]:
            for name in self._lexicon.domains_of.get(lemma, ()):
                if name == "politics":
                    politics += 1
                else:
                    quiet += 1
        return quiet > 1 and quiet > politics

    def _event(self, token: int, quiet_sentence: bool, found: list[_Found]) -> _Found | None:
        for match in matches(self._tree, token, self._lexicon):
            if self._is_covered(match, found):
                return None
            event = self._read_match(match, quiet_sentence)
            if event is not None:
                return event
        return None

    def _is_covered(self, match: Match, found: list[_Found]) -> bool:
        """Whether the trigger is only what another act of this sentence is about ("condemned the attack")."""
        tree = self._tree
        node = match.token
        quotation = quotation_at(self._quotations, tree.start[node])
        for _ in range(5):
            parent = tree.head[node]
            if parent == node or tree.relation[node] not in (
                "obj", "xcomp", "prep", "acl", "ccomp", "conj", "poss", "compound", "amod", "advcl", "attr",
            ):  # fmt: skip
                return False
            if tree.relation[node] == "advcl" and tree.case[node] == "":
                return False
            if tree.relation[node] == "conj" and tree.pos[node] in VERBAL and node == match.token:
                return False
            for other in found:
                if quotation is not quotation_at(self._quotations, tree.start[other.match.token]):
                    # What is said is an act of its own.
                    continue
                if other.match.token == parent and (
                    other.match.pattern.speech
                    or (match.pattern.head_class == "noun" and other.match.pattern.type is match.pattern.type)
                ):
                    return True
            node = parent
        return False

    def _read_match(self, match: Match, quiet_sentence: bool) -> _Found | None:
        tree, pattern, token = self._tree, match.pattern, match.token
        roles = roles_of(self._tree, match, self._lexicon, self._parties)
        resolve = (
            self._parties.resolve_speaker
            if pattern.speech and pattern.head_class == "verb"
            else self._parties.resolve
        )
        actors = merge([p for node in roles.actors for p in resolve(node)])
        recipients = merge([p for node in roles.recipients for p in self._parties.resolve(node)])
        quotation = quotation_at(self._quotations, tree.start[token])
        speaker = self._speaker(token, quotation)
        if pattern.roles == "speaker":
            actors, recipients = ((speaker,) if speaker else ()), actors
        elif pattern.roles == "reciprocal":
            actors, recipients = merge([*actors, *recipients]), ()
        elif pattern.roles == "reverse":
            actors, recipients = recipients, actors
        elif pattern.roles == "nobody":
            actors, recipients = (), ()
        if pattern.roles == "reciprocal" and len(actors) == 1:
            actors = merge([*actors, *self._listed_after(roles)])
        elif pattern.roles == "direct" and pattern.speech and pattern.head_class != "noun" and not recipients:
            recipients = self._deep_recipient(token, actors)
        recipients = tuple(p for p in recipients if p not in actors)
        if not self._needs_hold(match, roles, actors, recipients):
            return None
        time = time_of(tree, token, self._published, self._lexicon)
        status = status_of(tree, token, pattern, time, self._published, self._lexicon)
        event_type, status, mode = future_type(pattern, status)
        if pattern.negated_as is not None and self._negated(token):
            event_type, mode = pattern.negated_as, None
        mode = mode or self._mode(event_type, match)
        score = self._score(pattern, actors, recipients, status, quiet_sentence, quotation)
        if score < self._knowledge.scoring.least_score:
            return None
        plover = self._knowledge.plover[event_type]
        location = self._location(match, roles)
        if location is not None and location.country is not None:
            actors = tuple(_at_home(p, location.country) for p in actors)
            recipients = tuple(_at_home(p, location.country) for p in recipients)
        draft = EventDraft(
            type=event_type,
            mode=mode,
            status=status,
            quad=plover.quad,
            intensity=plover.modes.get(mode, plover.intensity) if mode else plover.intensity,
            confidence=self._knowledge.scoring.confidence(score),
            actors=actors,
            recipients=recipients,
            speaker=speaker,
            location=location,
            time=time,
            evidence=self._evidence(match, roles),
        )
        return _Found(draft, match, score)

    def _negated(self, token: int) -> bool:
        return is_negated(self._tree, token, self._lexicon)

    def _deep_recipient(self, token: int, actors: tuple[Party, ...]) -> tuple[Party, ...]:
        """Whom a statement is about when nobody is its object: the first party in what was said."""
        tree = self._tree
        for i in range(token + 1, min(token + 16, tree.sentence_bounds[tree.sentence[token]][1])):
            entity = self._parties.entity_at(i)
            if tree.node[i] != i or tree.pos[i] not in NOMINAL:
                continue
            if tree.form[i] in ("«", "“") or not any(above == token for above in tree.ancestors(i, 6)):
                continue
            if (
                entity is not None
                and entity.type is EntityType.LOCATION
                and tree.case[i] in self._lexicon.words_of("place")
            ):
                continue
            found = self._parties.resolve(i, conjunctions=False)
            names = {p.name for p in actors}
            found = tuple(p for p in found if p.name not in names and (p.country or p.entity))
            if found:
                return found
        return ()

    def _listed_after(self, roles: Roles) -> list[Party]:
        """The names that follow "between A" in the same clause, when the parser lost the list."""
        tree, lexicon = self._tree, self._lexicon
        node = next(
            (n for n in (*roles.actors, *roles.recipients) if tree.case[n] in lexicon.words_of("between")),
            None,
        )
        if node is None:
            return []
        found: list[Party] = []
        for i in range(node + 1, tree.sentence_bounds[tree.sentence[node]][1]):
            if tree.pos[i] in VERBAL or len(found) == 3:
                break
            entity = self._parties.entity_at(i)
            if tree.node[i] == i and entity is not None and entity.type is EntityType.PERSON:
                found.extend(self._parties.resolve(i, conjunctions=False))
        return found

    def _needs_hold(
        self, match: Match, roles: Roles, actors: tuple[Party, ...], recipients: tuple[Party, ...]
    ) -> bool:
        needs = match.pattern.needs
        parties = [*actors, *recipients]
        if "actor" in needs and not actors:
            return False
        if "recipient" in needs and not recipients:
            return False
        if "party" in needs and not parties:
            return False
        if "pair" in needs and len(parties) < 2 and not self._is_plural(roles):
            return False
        if "plural" in needs and not self._is_plural(roles):
            return False
        public = any(self._parties.is_public(p) for p in parties)
        if (
            "public" in needs
            and not public
            and (self._quiet or not parties or match.pattern.quality == "weak")
        ):
            return False
        if "human" in needs:
            nodes = roles.recipients if match.pattern.type is not EventType.PROTEST else roles.actors
            if not any(self._parties.is_human(n) for n in nodes) and not any(
                p.sector not in ("UNK", "GOV")
                for p in (recipients if match.pattern.type is not EventType.PROTEST else actors)
            ):
                return False
        return "armed" not in needs or self._is_armed(match, parties)

    def _is_plural(self, roles: Roles) -> bool:
        tree = self._tree
        for node in roles.actors:
            if "Number=Plur" in tree.morph[node] and (
                tree.lemma[node] in self._lexicon.sectors or tree.form[node] in self._lexicon.words_of("they")
            ):
                return True
        return False

    def _is_armed(self, match: Match, parties: Sequence[Party]) -> bool:
        if any(p.sector in ("MIL", "REB", "COP", "INT") for p in parties):
            return True
        if any(p.country is not None and p.sector == "GOV" for p in parties):
            return True
        arms = self._lexicon.words_of("arms")
        tree = self._tree
        return any(
            i != match.token and (tree.lemma[i] in arms or tree.form[i] in arms)
            for i in tree.window(match.token, 14)
        )

    # ------------------------------------------------------------------ what else is told

    def _speaker(self, token: int, quotation: Quotation | None) -> Party | None:
        tree, lexicon = self._tree, self._lexicon
        if quotation is not None and quotation.speaker is not None:
            said_by = self._parties.resolve(quotation.speaker, conjunctions=False)
            if said_by:
                return said_by[0]
        node = token
        for above in tree.ancestors(token, 5):
            if (
                tree.relation[node] in ("ccomp", "parataxis", "advcl", "xcomp")
                and tree.pos[above] in VERBAL
                and tree.lemma[above] in lexicon.words_of("say")
            ):
                subject = subject_of(tree, above, lexicon.words_of("relative"))
                if subject is not None and not self._parties.is_credited(subject):
                    said_by = self._parties.resolve(subject, conjunctions=False)
                    return said_by[0] if said_by else None
                return None
            node = above
        return None

    def _mode(self, event_type: EventType, match: Match) -> str | None:
        words = self._lexicon.mode_words.get(event_type)
        if not words:
            return None
        tree = self._tree
        near = sorted(
            (i for i in tree.window(match.token, 12) if tree.lemma[i] in words or tree.form[i] in words),
            key=lambda i: (abs(i - match.token), i),
        )
        if not near:
            return None
        return words.get(tree.lemma[near[0]]) or words.get(tree.form[near[0]])

    def _location(self, match: Match, roles: Roles) -> Place | None:
        tree, lexicon = self._tree, self._lexicon
        taken = {*roles.actors, *roles.recipients}
        holders = [match.token, *match.words, *([roles.support] if roles.support is not None else [])]
        if tree.relation[match.token] in ("obj", "prep", "subj", "subjpass", "xcomp", "ccomp"):
            holders.append(tree.head[match.token])
        for holder in holders:
            for k in tree.kids(holder, "prep"):
                entity = self._parties.entity_at(k)
                if entity is None or entity.type is not EntityType.LOCATION or k in taken:
                    continue
                if tree.case[k] in lexicon.words_of("place"):
                    return Place(name=entity.name, country=entity.country, entity=entity.id)
        return None

    def _score(
        self,
        pattern: Pattern,
        actors: tuple[Party, ...],
        recipients: tuple[Party, ...],
        status: Status,
        quiet_sentence: bool,
        quotation: Quotation | None,
    ) -> float:
        scoring = self._knowledge.scoring
        weights = scoring.weights
        score = scoring.quality[pattern.quality]
        if any(self._parties.is_public(p) for p in actors):
            score += weights["public_actor"]
        if any(self._parties.is_public(p) for p in recipients) or len(actors) > 1:
            score += weights["public_recipient"]
        if not actors and not recipients:
            score += weights["no_party"] if pattern.needs or not self._political else weights["unnamed"]
        elif not any(self._parties.is_public(p) for p in (*actors, *recipients)):
            score += weights["private_parties"]
        if pattern.head_class == "noun":
            score += weights["noun"]
        if status in (Status.HYPOTHETICAL, Status.NEGATED):
            score += weights["unreal"]
        if quotation is not None:
            score += weights["quotation"]
        if self._quiet:
            score += weights["quiet_article"]
        elif quiet_sentence:
            score += weights["quiet_sentence"]
        return max(0.0, min(1.0, score))

    def _evidence(self, match: Match, roles: Roles) -> Span:
        """The contiguous clause from a near subject to the last argument, within sentence and line."""
        tree, token = self._tree, match.token
        first, last = tree.sentence_bounds[tree.sentence[token]]
        tokens = {token, *match.words}
        tokens.update(
            k
            for k in tree.kids(token, "aux", "auxpass", "neg", "reflexive", "particle")
            if abs(k - token) < 8
        )
        if roles.support is not None and abs(roles.support - token) < 10:
            tokens.add(roles.support)
        before = set(tree.ancestors(token, 3))
        for node in (*roles.actors, *roles.recipients):
            if any(tree.pos[i] == "VERB" and i in before for i in range(node, token)):
                # The subject of a coordinated act stands with the first of them.
                continue
            if abs(node - token) <= 14 and tree.sentence[node] == tree.sentence[token]:
                begin, end = phrase(tree, node)
                tokens.update((begin, end))
        for k in tree.kids(token, "obj", "attr"):
            if abs(k - token) <= 12:
                tokens.update(phrase(tree, k))
        for k in tree.kids(token, "xcomp", "ccomp"):
            inside = [i for i in tree.below(k, 16) if token < i <= token + 16]
            if inside and match.pattern.speech:
                tokens.add(max(inside))
        begin, end = max(first, min(tokens)), min(last - 1, max(tokens))
        begin, end = max(begin, token - MAX_EVIDENCE_TOKENS), min(end, token + MAX_EVIDENCE_TOKENS)
        for i in range(token, begin - 1, -1):
            if "\n" in tree.form[i]:
                begin = i + 1
                break
        for i in range(token, end + 1):
            if "\n" in tree.form[i]:
                end = i - 1
                break
        while begin < token and (
            tree.pos[begin] in ("PUNCT", "SPACE")
            or (tree.pos[begin] == "NUM" and tree.pos[begin + 1] == "PUNCT")
        ):
            begin += 1
        while end > token and (tree.pos[end] in ("PUNCT", "SPACE", "ADP", "CCONJ", "DET")):
            end -= 1
        start, stop = tree.start[begin], tree.end[end]
        field = self._parse.field
        return Span(field.name, start, stop, field.original[start:stop])

    def _distinct(self, found: list[_Found]) -> list[_Found]:
        """One event for one act: of the same type, with the same or unknown parties, the surest stays."""
        kept: list[_Found] = []
        for this in sorted(found, key=lambda f: (-f.score, f.match.token)):
            if not any(self._same_act(this, other) for other in kept):
                kept.append(this)
        return kept

    def _same_act(self, one: _Found, other: _Found) -> bool:
        if one.draft.type is not other.draft.type:
            return False
        mine, theirs = _names(one.draft.actors), _names(other.draft.actors)
        harmed, also_harmed = _names(one.draft.recipients), _names(other.draft.recipients)
        if not (mine or harmed) or not (theirs or also_harmed):
            return True
        if one.draft.type is EventType.ASSAULT:
            return not (mine and theirs and mine.isdisjoint(theirs))
        tokens = (one.match.token, other.match.token)
        if any(
            a in tokens
            for t in tokens
            for a in self._tree.ancestors(t, 4)
            if self._tree.relation[t] != "conj"
        ):
            return not (mine and theirs and mine.isdisjoint(theirs))
        return bool(mine & theirs) and not (harmed and also_harmed and harmed.isdisjoint(also_harmed))


def _at_home(party: Party, country: str) -> Party:
    """A body of no other country that acts in a place is the place's: "police … in Kampala"."""
    if party.country is not None or party.entity is not None or party.sector not in _AT_HOME:
        return party
    return replace(party, country=country)


def _names(parties: Sequence[Party]) -> set[str]:
    return {p.name for p in parties}
