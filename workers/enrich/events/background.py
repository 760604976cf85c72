"""Whether an event is background: told as having happened well before the news of the day."""

from __future__ import annotations

import calendar
from datetime import date

from workers.contract.records import EventTime
from workers.enrich.events.lexicon import Lexicon, TimePhrase
from workers.enrich.events.reading import Reading
from workers.enrich.events.times import day_by, is_year, neighbour, parts_of
from workers.enrich.events.tree import NOMINAL, VERBAL, Tree

CLAUSES_UP = 3
ANCESTORS_UP = 5
MAX_GAP = 2
WHEN_REACH = 4
WEEKDAY_REACH = 5
_OWN_CLAUSE = ("relcl", "advcl", "ccomp", "acl")


def is_background(reading: Reading, token: int, verb: int, time: EventTime | None, *, lasting: bool) -> bool:
    """Whether the event at ``token``, told by ``verb``, is set well before the news of the day.

    A date tells it where the article has one of its own. Else tense does (what had happened before
    something else), and words of time in the same clause: "in 2015", "three months ago", "last year".
    ``lasting`` says that what was done then holds on, as a promise does.
    """
    tree, lexicon = reading.tree, reading.lexicon
    if time is not None and reading.published is not None:
        return _is_long_before(time, reading.published, reading.rules.historical_after_days)
    if lasting and _is_present(tree, verb):
        return False
    if _is_before_past(tree, verb, lexicon, lasting=lasting) or _is_recalled(tree, token, lexicon):
        return True
    return any(
        _marks_past(reading, i, verb) and _sets_scene(tree, i, token, lexicon)
        for i in tree.window(token, reading.rules.reach.time)
    )


def _is_long_before(time: EventTime, published: date, days: int) -> bool:
    year, month, day = parts_of(time.value)
    latest = date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    return (published - latest).days > days


def _is_present(tree: Tree, verb: int) -> bool:
    morph = tree.morph[verb]
    finite = "VerbForm=Fin" in morph and tree.kid(verb, "aux", "auxpass") is None
    return finite and "Tense=Pres" in morph


def _is_before_past(tree: Tree, verb: int, lexicon: Lexicon, *, lasting: bool) -> bool:
    """Whether the tense alone sets the verb back: "had rejected", "initia", "has already visited".

    In reported speech tenses are set back anyway ("said that it had rejected"): there they tell nothing.
    """
    reporting = lexicon.words_of("say") | lexicon.words_of("said_nouns") | lexicon.words_of("denial")
    if any(tree.lemma[a] in reporting for a in tree.ancestors(verb, 2)):
        return False
    auxiliaries = tree.kids(verb, "aux")
    finite = "VerbForm=Fin" in tree.morph[verb] and tree.kid(verb, "aux", "auxpass") is None
    if finite and any(feature in tree.morph[verb] for feature in lexicon.words_of("background_tense")):
        return True
    if any(tree.form[a] in lexicon.words_of("pluperfect_auxiliary") for a in auxiliaries):
        return True
    already = any(tree.form[k] in lexicon.words_of("already") for k in tree.kids(verb, "advmod"))
    return (
        not lasting
        and already
        and any(tree.lemma[a] in lexicon.words_of("perfect_auxiliary") for a in auxiliaries)
    )


def _is_recalled(tree: Tree, token: int, lexicon: Lexicon) -> bool:
    """Whether an act is named only to tell something else: "since the attack", "its anniversary".

    So is what a relative clause says of such an act: "the suspect in the attack that killed eight".
    """
    act = tree.head[token] if tree.relation[token] == "relcl" else token
    return tree.case[act] in lexicon.words_of("since") or tree.lemma[tree.head[act]] in lexicon.words_of(
        "remembrance"
    )


def _marks_past(reading: Reading, i: int, verb: int) -> bool:
    """Whether a token begins or is a word of time that lies well back, as seen from ``verb``."""
    tree, lexicon = reading.tree, reading.lexicon
    form = tree.form[i]
    if form in lexicon.words_of("past_frame"):
        return True
    for phrase in lexicon.past_phrases:
        end = _end_of(tree, i, phrase)
        if end is not None:
            return not any(tree.case[k] in lexicon.words_of("durative") for k in range(i, end))
    if reading.published is not None:
        return False
    if form in lexicon.months:
        named = reading.parties.mentions.entity_at(i) is not None
        goes_on = bool({tree.case[i], tree.case[tree.head[i]]} & lexicon.words_of("durative"))
        return tree.pos[i] not in VERBAL and not named and not goes_on and _is_past_month(reading, i)
    if is_year(form):
        before = neighbour(tree, i, -1)
        if before in lexicon.words_of("durative"):
            # "has tightened them since 2006" is over, "on trial since 2022" goes on.
            return tree.kid(verb, "aux", "auxpass") is not None
        return before in lexicon.words_of("in_year") or before in lexicon.months
    return False


def _is_past_month(reading: Reading, i: int) -> bool:
    """Whether a date without year lies well before the dateline.

    Without a dateline: whether no weekday stands by it; a day of this week is named by its weekday.
    """
    tree, weekdays = reading.tree, reading.lexicon.weekdays
    if reading.dateline is None:
        return not any(tree.form[k] in weekdays for k in tree.window(i, WEEKDAY_REACH))
    month, day = reading.dateline
    since = (month - reading.lexicon.months[tree.form[i]]) * 30.4 + day - (day_by(tree, i) or 15)
    return reading.rules.historical_after_days < since % 365 < 365 - reading.rules.historical_after_days


def _end_of(tree: Tree, i: int, phrase: TimePhrase) -> int | None:
    """Where a phrase that begins at ``i`` ends; its words stand in a row, None is a gap of a few tokens."""
    last = tree.sentence_bounds[tree.sentence[i]][1]
    gap = 0
    for words in phrase:
        if words is None:
            gap = MAX_GAP
            continue
        places = range(i, min(last, i + gap + 1))
        place = next((j for j in places if tree.form[j] in words or tree.lemma[j] in words), None)
        if place is None:
            return None
        i, gap = place + 1, 0
    return i


def _sets_scene(tree: Tree, marker: int, token: int, lexicon: Lexicon) -> bool:
    """Whether a word of time is about the trigger: in its phrase, its clause, or one that it depends on."""
    if _is_counted_from(tree, marker, _clause(tree, token), lexicon):
        return False
    if any(above == token for above in tree.ancestors(marker, ANCESTORS_UP)):
        return not _in_clause_of_its_own(tree, marker, token)
    mine, its = _clause(tree, token), _clause(tree, marker)
    if mine == its:
        return True
    for _ in range(CLAUSES_UP):
        relation, above = tree.relation[mine], tree.head[mine]
        if relation == "relcl" and tree.pos[above] in NOMINAL:
            return any(a == above for a in tree.ancestors(marker, ANCESTORS_UP))
        when = _when(tree, mine, lexicon)
        if when is not None and 0 < when - marker <= WHEN_REACH:
            return True
        joined = relation == "conj" and marker < token
        shares_time = when is not None or "VerbForm=Fin" not in tree.morph[mine]
        if not joined and not (relation == "advcl" and shares_time):
            return False
        mine = above
        if mine == its:
            return True
    return False


def _is_counted_from(tree: Tree, marker: int, verb: int, lexicon: Lexicon) -> bool:
    """Whether the time is counted from what ``verb`` tells: "weeks after he had called for it"."""
    return any(
        tree.form[k] in lexicon.words_of("counted_from") and 0 < k - marker <= MAX_GAP
        for k in tree.kids(verb, "mark", "advmod", "case")
    )


def _when(tree: Tree, verb: int, lexicon: Lexicon) -> int | None:
    """The "when" of the clause of ``verb``."""
    return next(
        (k for k in tree.kids(verb, "mark", "advmod") if tree.form[k] in lexicon.words_of("when")), None
    )


def _in_clause_of_its_own(tree: Tree, marker: int, token: int) -> bool:
    node = marker
    for above in tree.ancestors(marker, ANCESTORS_UP):
        if tree.relation[node] in _OWN_CLAUSE:
            return True
        if above == token:
            return tree.relation[node] == "xcomp"
        node = above
    return False


def _clause(tree: Tree, token: int) -> int:
    if tree.pos[token] in VERBAL:
        return token
    for above in tree.ancestors(token, 8):
        token = above
        if tree.pos[above] in VERBAL:
            break
    return token
