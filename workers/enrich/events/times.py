"""When an event was, by explicit dates, and by dates worked out from the article's own."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from workers.contract.records import EventTime
from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.tree import VERBAL, Tree

DATELINE_WITHIN = 80
DATELINE_START = 10
DATELINE_END = 6
DATELINE_MARKS = frozenset({"(", "-", "--", "–", "—", ":"})


def published_day(published_at: str | None) -> date | None:
    """The day of an RFC 3339 time; None for none or a wrong one."""
    try:
        return date.fromisoformat(published_at[:10]) if published_at else None
    except ValueError:
        return None


def dateline_of(tree: Tree, lexicon: Lexicon) -> tuple[int, int] | None:
    """Month and day of the dateline that an agency opens with: "SEOUL, Nov. 7 (Yonhap) --"."""
    line_starts = 0
    for i in range(min(len(tree), DATELINE_WITHIN)):
        if "\n" in tree.form[i]:
            line_starts = i
        month = lexicon.months.get(tree.form[i])
        if month is None or i - line_starts > DATELINE_START:
            continue
        day = day_by(tree, i)
        after = tree.form[i + 1 : i + 1 + DATELINE_END]
        if day is not None and any(mark in DATELINE_MARKS for mark in after):
            return month, day
    return None


def time_of(tree: Tree, token: int, published: date | None, lexicon: Lexicon, reach: int) -> EventTime | None:
    """The date nearest to ``token`` in its sentence; None when none can be worked out."""
    best: tuple[int, EventTime] | None = None
    for i in tree.window(token, reach):
        found = _date_at(tree, i, published, lexicon)
        if found is not None and (best is None or abs(i - token) < best[0]):
            best = (abs(i - token), found)
    return best[1] if best is not None else None


def _date_at(tree: Tree, i: int, published: date | None, lexicon: Lexicon) -> EventTime | None:
    form = tree.form[i]
    before, after = neighbour(tree, i, -1), neighbour(tree, i, 1)
    if form in lexicon.months and tree.pos[i] not in VERBAL:
        return _month_at(tree, i, lexicon.months[form], published, lexicon)
    if is_year(form) and before in lexicon.words_of("in_year"):
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
    before, after = neighbour(tree, i, -1), neighbour(tree, i, 1)
    day = _number(before, 31) or _number(after, 31)
    year = next((int(y) for n in (1, 2, 3) if (y := neighbour(tree, i, 1, n)) and is_year(y)), None)
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
    if before in lexicon.words_of("in_year") or (after is not None and is_year(after)):
        return EventTime(value=f"{year:04d}-{month:02d}", precision="month")
    return None


def _day(value: date) -> EventTime:
    return EventTime(value=value.isoformat(), precision="day")


def _number(form: str | None, most: int) -> int | None:
    if form is None:
        return None
    digits = form.rstrip("erstndh")
    return int(digits) if digits.isdecimal() and len(digits) <= 2 and 1 <= int(digits) <= most else None


def is_year(form: str | None) -> bool:
    """Whether a token is a year of 1900 to 2099 in digits."""
    return (
        form is not None
        and len(form) == 4
        and form.isdecimal()
        and form.isascii()
        and 1900 <= int(form) < 2100
    )


def day_by(tree: Tree, month: int) -> int | None:
    """The day of the month that stands by the month's name."""
    return next((d for step in (-1, 1) if (d := _number(neighbour(tree, month, step), 31)) is not None), None)


def neighbour(tree: Tree, i: int, step: int, count: int = 1) -> str | None:
    """The form of the ``count``-th token before or after, spaces (French sets hard ones) not counted."""
    first, last = tree.sentence_bounds[tree.sentence[i]]
    while count:
        i += step
        if not first <= i < last:
            return None
        count -= tree.pos[i] != "SPACE"
    return tree.form[i]


def parts_of(value: str) -> tuple[int, int | None, int | None]:
    """Year, month and day of an ISO 8601 date that may lack the last ones."""
    numbers = [int(n) for n in value.split("-")]
    return numbers[0], numbers[1] if len(numbers) > 1 else None, numbers[2] if len(numbers) > 2 else None
