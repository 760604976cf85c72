"""Whether an event happened, by tense, modals and negation, and when, by explicit dates."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from workers.contract.records import EventTime, EventType, Status
from workers.enrich.events.knowledge import Lexicon, Pattern
from workers.enrich.events.match import is_negated
from workers.enrich.events.tree import VERBAL, Tree

_REACH = 16
_OLD_DAYS = 31


def published_day(published_at: str | None) -> date | None:
    """The day of an RFC 3339 time; None for none or a wrong one."""
    try:
        return date.fromisoformat(published_at[:10]) if published_at else None
    except ValueError:
        return None


def status_of(
    tree: Tree, token: int, pattern: Pattern, time: EventTime | None, published: date | None, lexicon: Lexicon
) -> Status:
    """The status of the event that ``pattern`` found at ``token``."""
    if is_negated(tree, token, lexicon) and pattern.negated_as is None:
        return Status.NEGATED
    governor = _governor(tree, token)
    coming = (
        _mood(tree, token if pattern.head_class != "noun" else governor or token, lexicon) is Status.FUTURE
    )
    if not coming and _is_past(tree, token, time, published, lexicon):
        return Status.HISTORICAL
    if governor is not None and pattern.head_class == "noun":
        carries = tree.lemma[governor] in lexicon.words_of("light_verb") | lexicon.words_of("occur")
        if carries and is_negated(tree, governor, lexicon):
            return Status.NEGATED
        verb = governor
    else:
        verb = token
    if _in_condition(tree, verb, lexicon):
        return Status.HYPOTHETICAL
    kind = _mood(tree, verb, lexicon)
    if kind is not None and not (pattern.speech and kind is Status.FUTURE):
        return kind
    for above in tree.ancestors(verb, 3):
        if tree.pos[above] not in VERBAL and tree.pos[above] != "NOUN" and tree.pos[above] != "ADJ":
            continue
        if tree.lemma[above] in lexicon.words_of("denial"):
            return Status.NEGATED
        if tree.lemma[above] in lexicon.words_of("negative_verbs") and tree.relation[verb] in (
            "xcomp",
            "obj",
            "ccomp",
            "prep",
        ):
            return Status.NEGATED
        if tree.lemma[above] in lexicon.words_of("doubt") and tree.relation[verb] in (
            "xcomp",
            "ccomp",
            "acl",
            "prep",
            "obj",
        ):
            return (
                Status.HYPOTHETICAL
                if not pattern.speech or tree.relation[verb] in ("xcomp",)
                else Status.ASSERTED
            )
        if tree.relation[verb] not in ("xcomp", "conj", "obj"):
            break
        verb = above
    return Status.ASSERTED


def _governor(tree: Tree, token: int) -> int | None:
    parent = tree.head[token]
    if (
        parent != token
        and tree.relation[token] in ("obj", "subj", "subjpass", "prep")
        and tree.pos[parent] in VERBAL
    ):
        return parent
    return None


def _mood(tree: Tree, verb: int, lexicon: Lexicon) -> Status | None:
    morph = tree.morph[verb]
    auxiliaries = tree.kids(verb, "aux", "auxpass", "cop")
    parent = tree.head[verb]
    if (
        tree.relation[verb] == "xcomp"
        and parent != verb
        and tree.lemma[parent] in lexicon.words_of("future_verbs")
    ):
        return Status.FUTURE
    if (
        tree.relation[verb] == "xcomp"
        and parent != verb
        and tree.lemma[parent] in lexicon.words_of("modal_verbs")
    ):
        return Status.HYPOTHETICAL
    if tree.relation[verb] == "attr" and parent != verb:
        auxiliaries = [*auxiliaries, *tree.kids(parent, "aux")]
        morph = tree.morph[parent]
    if any(tree.form[a] in lexicon.words_of("future") for a in auxiliaries):
        return Status.FUTURE
    reported = tree.relation[verb] in ("ccomp", "relcl", "advcl") and any(
        tree.lemma[a] in lexicon.words_of("say") for a in tree.ancestors(verb, 2)
    )
    if any(tree.form[a] in lexicon.words_of("reported_future") for a in auxiliaries):
        return Status.FUTURE if reported else Status.HYPOTHETICAL
    if any(tree.form[a] in lexicon.words_of("modal") for a in auxiliaries):
        return Status.HYPOTHETICAL
    finite = [tree.morph[a] for a in auxiliaries] or [morph]
    if any("Tense=Fut" in m for m in finite):
        return Status.FUTURE
    # The conditional mood: of the past it reports ("aurait tué"), of the present it wishes or fears, or, in
    # what somebody said, tells the future.
    if "Mood=Cnd" in morph and not tree.kids(verb, "aux"):
        return Status.FUTURE if reported else Status.HYPOTHETICAL
    return None


def _in_condition(tree: Tree, verb: int, lexicon: Lexicon) -> bool:
    for node in [verb, *tree.ancestors(verb, 2)]:
        if tree.pos[node] in VERBAL and any(
            tree.form[k] in lexicon.words_of("condition") for k in tree.kids(node, "mark", "advmod")
        ):
            return True
        if tree.relation[node] not in ("conj", "xcomp"):
            break
    return False


def _is_past(
    tree: Tree, token: int, time: EventTime | None, published: date | None, lexicon: Lexicon
) -> bool:
    """Whether the clause of ``token`` is set well before the news of the day."""
    if time is not None and published is not None:
        year, month, day = _parts(time.value)
        latest = date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
        return (published - latest).days > _OLD_DAYS
    return any(
        _marks_past(tree, i, published, lexicon) and _same_clause(tree, i, token)
        for i in tree.window(token, _REACH)
    )


def _marks_past(tree: Tree, i: int, published: date | None, lexicon: Lexicon) -> bool:
    form = tree.form[i]
    if form in lexicon.words_of("past_frame"):
        return True
    first, last = tree.sentence_bounds[tree.sentence[i]]
    if form in lexicon.words_of("last"):
        return any(
            tree.lemma[j] in lexicon.words_of("period") for j in range(max(first, i - 2), min(last, i + 3))
        )
    if published is not None:
        return False
    if form in lexicon.months:
        return tree.pos[i] not in VERBAL and not _has_day(tree, i)
    if _is_year(form):
        before = _neighbour(tree, i, -1)
        return before in lexicon.words_of("in_year") or before in lexicon.months
    return False


def _same_clause(tree: Tree, marker: int, token: int) -> bool:
    """Whether a time word sets the trigger's scene: in its phrase, its clause, or one before it."""
    if any(above == token for above in tree.ancestors(marker, 5)):
        return not any(
            tree.relation[i] in ("relcl", "advcl", "ccomp", "acl") for i in _path(tree, marker, token)
        )
    mine, its = _clause(tree, token), _clause(tree, marker)
    if mine == its:
        return True
    for _ in range(3):
        if tree.relation[mine] != "conj":
            return False
        mine = tree.head[mine]
        if mine == its:
            return marker < token
    return False


def _path(tree: Tree, low: int, high: int) -> list[int]:
    path = [low]
    for above in tree.ancestors(low, 5):
        if above == high:
            break
        path.append(above)
    return path


def _clause(tree: Tree, token: int) -> int:
    if tree.pos[token] in VERBAL:
        return token
    for above in tree.ancestors(token, 8):
        token = above
        if tree.pos[above] in VERBAL:
            break
    return token


def _has_day(tree: Tree, month: int) -> bool:
    return any(_number(_neighbour(tree, month, step), 31) is not None for step in (-1, 1))


def _neighbour(tree: Tree, i: int, step: int, count: int = 1) -> str | None:
    """The form of the ``count``-th token before or after, spaces (French sets hard ones) not counted."""
    first, last = tree.sentence_bounds[tree.sentence[i]]
    while count:
        i += step
        if not first <= i < last:
            return None
        count -= tree.pos[i] != "SPACE"
    return tree.form[i]


def _parts(value: str) -> tuple[int, int | None, int | None]:
    numbers = [int(n) for n in value.split("-")]
    return numbers[0], numbers[1] if len(numbers) > 1 else None, numbers[2] if len(numbers) > 2 else None


def time_of(tree: Tree, token: int, published: date | None, lexicon: Lexicon) -> EventTime | None:
    """The date nearest to ``token`` in its sentence; None when none can be worked out."""
    best: tuple[int, EventTime] | None = None
    for i in tree.window(token, _REACH):
        found = _date_at(tree, i, published, lexicon)
        if found is not None and (best is None or abs(i - token) < best[0]):
            best = (abs(i - token), found)
    return best[1] if best is not None else None


def _date_at(tree: Tree, i: int, published: date | None, lexicon: Lexicon) -> EventTime | None:
    form = tree.form[i]
    before, after = _neighbour(tree, i, -1), _neighbour(tree, i, 1)
    if form in lexicon.months and tree.pos[i] not in VERBAL:
        return _month_at(tree, i, lexicon.months[form], published, lexicon)
    if _is_year(form) and before in lexicon.words_of("in_year"):
        return EventTime(value=form, precision="year")
    if published is None:
        return None
    if form in lexicon.days:
        return _day(published + timedelta(days=lexicon.days[form]))
    weekday = lexicon.weekdays.get(form)
    if weekday is None or after in lexicon.months or _number(after, 31) is not None:
        return None
    following = before in lexicon.words_of("next") or after in lexicon.words_of("next")
    if following or any(
        tree.form[j] in lexicon.words_of("future") or "Tense=Fut" in tree.morph[j] for j in tree.window(i, 8)
    ):
        return _day(published + timedelta(days=(weekday - published.weekday() - 1) % 7 + 1))
    return _day(published - timedelta(days=(published.weekday() - weekday) % 7))


def _month_at(tree: Tree, i: int, month: int, published: date | None, lexicon: Lexicon) -> EventTime | None:
    before, after = _neighbour(tree, i, -1), _neighbour(tree, i, 1)
    day = _number(before, 31) or _number(after, 31)
    year = next((int(y) for n in (1, 2, 3) if (y := _neighbour(tree, i, 1, n)) and _is_year(y)), None)
    if year is None and published is not None:
        # Without a year the nearest such month is meant, sooner the last than the next.
        year = min(
            (published.year - 1, published.year, published.year + 1),
            key=lambda y: abs((y * 12 + month) - (published.year * 12 + published.month) + 0.5),
        )
    if year is None:
        return None
    if day is not None:
        if day > calendar.monthrange(year, month)[1]:
            return None
        return EventTime(value=f"{year:04d}-{month:02d}-{day:02d}", precision="day")
    if before in lexicon.words_of("in_year") or (after is not None and _is_year(after)):
        return EventTime(value=f"{year:04d}-{month:02d}", precision="month")
    return None


def _day(value: date) -> EventTime:
    return EventTime(value=value.isoformat(), precision="day")


def _number(form: str | None, most: int) -> int | None:
    if form is None:
        return None
    digits = form.rstrip("erstndh")
    return int(digits) if digits.isdecimal() and len(digits) <= 2 and 1 <= int(digits) <= most else None


def _is_year(form: str | None) -> bool:
    return (
        form is not None
        and len(form) == 4
        and form.isdecimal()
        and form.isascii()
        and 1900 <= int(form) < 2100
    )


def future_type(pattern: Pattern, status: Status) -> tuple[EventType, Status, str | None]:
    """The type and status of what is still to come: a meeting that will be is an agreement to meet."""
    if pattern.type is EventType.CONSULT and status in (Status.FUTURE, Status.HYPOTHETICAL):
        return EventType.AGREE, Status.ASSERTED if status is Status.FUTURE else status, "meet"
    return pattern.type, status, pattern.mode
