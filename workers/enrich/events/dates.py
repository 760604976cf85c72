"""Dates in a text, explicit and relative to the day of publication, by rules over its words and no parser.

What a language's dates are made of stands in its ``times.yaml``: names of months, weekdays and days, numbers
in words, and templates. A template is words and slots in a row, such as ``{day} de? {month} de|del {year}``:
``|`` parts alternatives, ``?`` ends what may be absent, ``!`` begins words that must not stand before. Slots:

- ``{day}``: a day of the month, in digits or as an ordinal; ``{month}`` a month's name, ``{mon}`` its number
- ``{year}``: four digits, or a word for last, this or next year
- ``{weekday}``, ``{relative_day}``, ``{relative_week}``, ``{relative_month}``, ``{relative_year}``
- ``{span}``: a number with a unit, or one word for both

The groups of templates are ``date``; ``past`` and ``future``, for so long before or after publication;
``since``, for the last such date up to publication, ``last`` for one before and ``next`` for one after;
``never``, for what only looks like a date.

Words are compared folded (``workers.enrich.folding``) and in lower case; digits may be of any script. Of the
templates that fit from a word on, the longest counts. Days of the Persian solar calendar are converted by
``persiantools``, those of the Islamic one by the Umm al-Qura tables of ``hijridate`` (years 1343 to 1500),
which may differ by a day from where the moon is sighted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple

from hijridate import Gregorian, Hijri
from persiantools.jdatetime import JalaliDate
from pydantic import BaseModel, ConfigDict, Field, StrictStr

from workers.contract.records import EventTime
from workers.enrich.folding import fold

Calendar = Literal["gregorian", "jalali", "hijri"]
Unit = Literal["day", "week", "month", "year"]
Group = Literal["date", "past", "future", "since", "last", "next", "never"]

_HAN_AND_KANA: Final = "\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# Where an empty line parts two words a token stands that no template has, since no date goes on after it.
_TOKEN: Final = re.compile(rf"\n\s*\n|\d+|[{_HAN_AND_KANA}]|[^\W\d_{_HAN_AND_KANA}]+|[^\w\s]|_")
_UNSPACED: Final = re.compile(f"[{_HAN_AND_KANA}]")

_YEARS: Final[Mapping[Calendar, range]] = {
    "gregorian": range(1000, 2200),
    "jalali": range(1200, 1500),
    "hijri": range(1343, 1501),
}
# A year that stands alone is more often a number of something the further it is from the news.
_BARE_YEARS: Final = range(1900, 2100)
_EARLY_YEARS_END: Final = 1600
_MONTHS: Final = 12
# How much of another calendar's month or year a Gregorian year must hold to stand for it; of the Persian
# solar year one holds more.
_MOST: Final = 0.75
_SOLAR: Final[Callable[..., Any]] = JalaliDate  # its constructor is without types
# Between a weekday and a date that says the same: "Monday, the 3rd of", "(".
_WEEKDAY_REACH: Final = 4

_ALWAYS: Final[Mapping[Group, tuple[str, ...]]] = {
    "date": (
        "{weekday}",
        "{relative_day}",
        "{relative_month}",
        "{relative_year}",
        "{year} - {mon} - {day}",
    ),
}
_NAME_SLOTS: Final = frozenset(
    {"month", "weekday", "relative_day", "relative_week", "relative_month", "relative_year"}
)
_SLOTS: Final = _NAME_SLOTS | {"day", "mon", "year", "span"}


class _Document(BaseModel):
    """A ``times.yaml``; what it leaves out is empty.

    ``own_calendar`` is the one that "last month" is counted in, ``early_years`` that of a date in digits
    whose year is before 1600. ``first_weekday`` begins the week, Monday is 0. ``capitalised`` tells that
    names of months and weekdays begin with a capital. ``day_marks`` may follow the digits of a day;
    ``prefixes`` are written onto words, each with what stands there without it. ``units`` are counted,
    ``spans`` hold their number in the word.
    """

    model_config = ConfigDict(extra="forbid")

    capitalised: bool = False
    own_calendar: Calendar = "gregorian"
    early_years: Calendar | None = None
    first_weekday: Annotated[int, Field(ge=0, le=6)] = 0
    prefixes: dict[StrictStr, StrictStr] = {}
    day_marks: list[StrictStr] = []
    months: dict[Calendar, Annotated[list[list[StrictStr]], Field(min_length=_MONTHS, max_length=_MONTHS)]]
    weekdays: Annotated[list[list[StrictStr]], Field(min_length=7, max_length=7)]
    relative: dict[Unit, dict[int, list[StrictStr]]] = {}
    numbers: dict[int, list[StrictStr]] = {}
    ordinals: dict[Annotated[int, Field(ge=1, le=31)], list[StrictStr]] = {}
    units: dict[Unit, list[StrictStr]] = {}
    spans: dict[Unit, dict[int, list[StrictStr]]] = {}
    templates: dict[Group, list[StrictStr]]


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date and where it stands: ``text[start:end]``."""

    start: int
    end: int
    time: EventTime


class _Parts(NamedTuple):
    """What the slots of one template held."""

    calendar: Calendar | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    amount: int | None = None
    unit: Unit | None = None
    relative_day: int | None = None
    relative_week: int | None = None
    relative_month: int | None = None
    relative_year: int | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    """A word or words in a row, and the parts of a date that they stand for."""

    words: tuple[str, ...]
    parts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Item:
    """One place of a template: a slot, or one of several words or rows of words."""

    slot: str | None
    words: tuple[tuple[str, ...], ...]
    optional: bool
    must_not_precede: bool


@dataclass(frozen=True, slots=True)
class _Template:
    group: Group
    items: tuple[_Item, ...]

    @property
    def numeric(self) -> bool:
        """Whether its month is in digits."""
        return any(item.slot == "mon" for item in self.items)


@dataclass(frozen=True, slots=True)
class DateRules:
    """One language's ways to write dates, ready for look-up; see :func:`read_date_rules`."""

    own_calendar: Calendar
    early_years: Calendar | None
    first_weekday: int
    capitalised: bool
    prefixes: tuple[tuple[str, str], ...]
    day_marks: tuple[tuple[str, ...], ...]
    names: Mapping[str, Mapping[str, tuple[_Name, ...]]]
    vocabulary: frozenset[str]
    by_word: Mapping[str, tuple[_Template, ...]]
    by_number: tuple[_Template, ...]


class _Token(NamedTuple):
    key: str
    start: int
    end: int
    kind: Literal["number", "word", "mark"]
    capital: bool


class _Match(NamedTuple):
    first: int
    end: int
    weekday: int | None
    time: EventTime | None


def published_day(published_at: str | None) -> date | None:
    """The day of an RFC 3339 time; None for none or a wrong one."""
    try:
        return date.fromisoformat(published_at[:10]) if published_at else None
    except ValueError:
        return None


def dates_in(text: str, published: date | None, rules: DateRules) -> list[FoundDate]:
    """The dates in ``text`` in their order, no two overlapping.

    A date without a year is the nearest such to ``published``, of two as near the past one; a weekday is the
    last on or before it. What is said relative to publication is left out where ``published`` is None, and so
    are dates that do not exist and what no day, month or year holds, such as "last week". A month or a year
    of another calendar is given as the Gregorian year that most of it lies in.
    """
    folded = fold(text)
    tokens = _tokens(folded.text, rules)
    return [
        FoundDate(*folded.origin(tokens[match.first].start, tokens[match.end - 1].end), match.time)
        for match in _said_once(_matches(tokens, published, rules))
        if match.time is not None
    ]


def nearest_date(
    found: Sequence[FoundDate], trigger_start: int, trigger_end: int, sentence_start: int, sentence_end: int
) -> EventTime | None:
    """The date nearest to the trigger in its sentence, of two as near the first; None where there is none."""
    inside = [f for f in found if sentence_start <= f.start and f.end <= sentence_end]
    if not inside:
        return None
    return min(inside, key=lambda f: max(f.start - trigger_end, trigger_start - f.end, 0)).time


# Reading rules


def read_date_rules(document: Mapping[str, Any]) -> DateRules:
    """Turn one ``times.yaml`` into rules.

    Raises ValueError (pydantic's for a wrong key, type or length) that names what is wrong.
    """
    read = _Document.model_validate(document)
    names = _names_of(read)
    templates = [
        _template(group, written)
        for group in sorted(read.templates.keys() | _ALWAYS.keys(), key=lambda group: group != "never")
        for written in (*_ALWAYS.get(group, ()), *read.templates.get(group, ()))
    ]
    day_marks = tuple(_words(mark) for mark in read.day_marks)
    by_word: dict[str, list[_Template]] = {}
    by_number = []
    for template in templates:
        words, number = _beginnings(template.items, names)
        for word in words:
            by_word.setdefault(word, []).append(template)
        if number:
            by_number.append(template)
    return DateRules(
        own_calendar=read.own_calendar,
        early_years=read.early_years,
        first_weekday=read.first_weekday,
        capitalised=read.capitalised,
        prefixes=tuple((_folded(prefix), _folded(instead)) for prefix, instead in read.prefixes.items()),
        day_marks=day_marks,
        names=names,
        vocabulary=frozenset(_vocabulary(names, templates, day_marks)),
        by_word={word: tuple(found) for word, found in by_word.items()},
        by_number=tuple(by_number),
    )


def _names_of(read: _Document) -> dict[str, dict[str, tuple[_Name, ...]]]:
    listed: dict[str, list[tuple[Sequence[str], dict[str, Any]]]] = {
        "month": [
            (names, {"calendar": calendar, "month": month})
            for calendar, months in read.months.items()
            for month, names in enumerate(months, 1)
        ],
        "weekday": [(names, {"weekday": weekday}) for weekday, names in enumerate(read.weekdays)],
        "ordinal": [(names, {"day": day}) for day, names in read.ordinals.items()],
        "number": [(names, {"amount": amount}) for amount, names in read.numbers.items()],
        "unit": [(names, {"unit": unit}) for unit, names in read.units.items()],
        "span": [
            (names, {"amount": amount, "unit": unit})
            for unit, counted in read.spans.items()
            for amount, names in counted.items()
        ],
    }
    units: tuple[Unit, ...] = ("day", "week", "month", "year")
    for unit in units:
        slot = f"relative_{unit}"
        listed[slot] = [(names, {slot: shift}) for shift, names in read.relative.get(unit, {}).items()]
    return {slot: _by_first_word(slot, entries) for slot, entries in listed.items()}


def _by_first_word(
    slot: str, entries: Sequence[tuple[Sequence[str], dict[str, Any]]]
) -> dict[str, tuple[_Name, ...]]:
    """Names by their first word, longest first; ValueError for one that means two things."""
    meanings: dict[tuple[str, ...], dict[str, Any]] = {}
    for names, parts in entries:
        for name in names:
            words = _words(name)
            if not words:
                raise ValueError(f"a {slot} has an empty name")
            if meanings.setdefault(words, parts) != parts:
                raise ValueError(f"the {slot} {name!r} means two things")
    by_first: dict[str, list[_Name]] = {}
    for words, parts in sorted(meanings.items(), key=lambda entry: -len(entry[0])):
        by_first.setdefault(words[0], []).append(_Name(words, parts))
    return {word: tuple(found) for word, found in by_first.items()}


def _template(group: Group, written: str) -> _Template:
    items = tuple(_item(piece, written) for piece in written.split())
    if all(item.optional or item.must_not_precede for item in items):
        raise ValueError(f"the template {written!r} matches nothing")
    if len(items) > 1 and items[-1].optional and items[-2].optional:
        # The words that lead to what is absent would count as part of the date.
        raise ValueError(f"the template {written!r} ends in more than one place that may be absent")
    return _Template(group, items)


def _item(piece: str, template: str) -> _Item:
    bare = piece.removeprefix("!").removesuffix("?")
    if bare.startswith("{"):
        slot = bare[1:-1]
        if slot not in _SLOTS or not bare.endswith("}"):
            raise ValueError(f"unknown slot {bare!r} in the template {template!r}")
        return _Item(slot, (), piece.endswith("?"), False)
    words = tuple(_words(alternative) for alternative in bare.split("|"))
    if not all(words):
        raise ValueError(f"an empty alternative in the template {template!r}")
    return _Item(None, words, piece.endswith("?"), piece.startswith("!"))


def _beginnings(
    items: Sequence[_Item], names: Mapping[str, Mapping[str, tuple[_Name, ...]]]
) -> tuple[set[str], bool]:
    """The words that a template may begin with, and whether it may with a number in digits."""
    words: set[str] = set()
    number = False
    for item in items:
        if item.must_not_precede:
            continue
        if item.slot is None:
            words.update(row[0] for row in item.words)
            number |= any(row[0].isdecimal() for row in item.words)
        else:
            begin = {"day": ("ordinal",), "mon": (), "year": ("relative_year",), "span": ("span", "number")}
            for slot in begin.get(item.slot, (item.slot,)):
                words.update(names[slot])
                number |= any(word.isdecimal() for word in names[slot])
            number |= item.slot not in _NAME_SLOTS
        if not item.optional:
            break
    return words, number


def _vocabulary(
    names: Mapping[str, Mapping[str, tuple[_Name, ...]]],
    templates: Sequence[_Template],
    day_marks: Sequence[tuple[str, ...]],
) -> Iterator[str]:
    for by_first in names.values():
        for found in by_first.values():
            for name in found:
                yield from name.words
    for template in templates:
        for item in template.items:
            for row in item.words:
                yield from row
    for mark in day_marks:
        yield from mark


def _folded(written: str) -> str:
    return fold(written).text.lower()


def _words(written: str) -> tuple[str, ...]:
    return tuple(match.group() for match in _TOKEN.finditer(_folded(written)))


# Matching


def _tokens(folded: str, rules: DateRules) -> list[_Token]:
    known: dict[str, str] = {}
    tokens = []
    for match in _TOKEN.finditer(folded):
        written = match.group()
        first = written[0]
        if first.isdecimal():
            kind: Literal["number", "word", "mark"] = "number"
        else:
            kind = "word" if first.isalpha() else "mark"
        key = known.get(written)
        if key is None:
            key = known[written] = _key(written.lower(), rules)
        tokens.append(_Token(key, match.start(), match.end(), kind, first.isupper()))
    return tokens


def _key(word: str, rules: DateRules) -> str:
    """The known word that ``word`` is, without what is written onto it; itself if there is none."""
    if word in rules.vocabulary:
        return word
    for prefix, instead in rules.prefixes:
        if word.startswith(prefix) and (rest := instead + word[len(prefix) :]) in rules.vocabulary:
            return rest
    return word


def _matches(tokens: Sequence[_Token], published: date | None, rules: DateRules) -> Iterator[_Match]:
    i = 0
    while i < len(tokens):
        best: tuple[int, Group, _Parts] | None = None
        templates = rules.by_word.get(tokens[i].key, ())
        if tokens[i].kind == "number":
            templates = (*templates, *rules.by_number)
        for template in templates:
            for end, parts in _fits(template.items, tokens, i, _Parts(), rules):
                if best is not None and end <= best[0]:
                    continue
                if _stands_alone(tokens, i, end, template.numeric, rules):
                    best = (end, template.group, parts)
        if best is None:
            i += 1
            continue
        end, group, parts = best
        bare = parts.weekday if parts == _Parts(weekday=parts.weekday) else None
        yield _Match(i, end, bare, _resolve(group, parts, published, rules))
        i = end


def _fits(
    items: Sequence[_Item], tokens: Sequence[_Token], i: int, parts: _Parts, rules: DateRules
) -> Iterator[tuple[int, _Parts]]:
    """Every way in which a template's items stand from ``i`` on: where they end, and what they hold."""
    if not items:
        yield i, parts
        return
    item, rest = items[0], items[1:]
    if item.must_not_precede:
        if not any(_stand(row, tokens, i - len(row)) for row in item.words):
            yield from _fits(rest, tokens, i, parts, rules)
        return
    if item.slot is not None:
        for end, held in _slot(item.slot, tokens, i, rules):
            yield from _fits(rest, tokens, end, parts._replace(**held), rules)
    for row in item.words:
        if _stand(row, tokens, i):
            yield from _fits(rest, tokens, i + len(row), parts, rules)
    if item.optional:
        yield from _fits(rest, tokens, i, parts, rules)


def _stand(words: Sequence[str], tokens: Sequence[_Token], i: int) -> bool:
    return 0 <= i <= len(tokens) - len(words) and all(
        tokens[i + n].key == word for n, word in enumerate(words)
    )


def _slot(
    slot: str, tokens: Sequence[_Token], i: int, rules: DateRules
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if slot == "day":
        yield from _days(tokens, i, rules)
    elif slot == "mon":
        month = _number(tokens, i, _MONTHS)
        if month is not None:
            yield i + 1, {"month": month}
    elif slot == "year":
        if i < len(tokens) and tokens[i].kind == "number" and len(tokens[i].key) == len("2000"):
            yield i + 1, {"year": int(tokens[i].key)}
        yield from _named("relative_year", tokens, i, rules)
    elif slot == "span":
        yield from _spans(tokens, i, rules)
    elif slot == "month":
        yield from _months(tokens, i, rules)
    else:
        yield from _named(slot, tokens, i, rules)


def _named(
    slot: str, tokens: Sequence[_Token], i: int, rules: DateRules
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if i >= len(tokens) or (rules.capitalised and slot in ("month", "weekday") and not tokens[i].capital):
        return
    for name in rules.names[slot].get(tokens[i].key, ()):
        if _stand(name.words, tokens, i):
            yield i + len(name.words), name.parts


def _months(tokens: Sequence[_Token], i: int, rules: DateRules) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """A month's name, or two of one month as the Levant writes them: "آذار/مارس", "آذار (مارس)"."""
    for end, month in _named("month", tokens, i, rules):
        for mark, closing in (("/", ()), ("(", (")",))):
            if _stand((mark,), tokens, end):
                for after, other in _named("month", tokens, end + 1, rules):
                    if other == month and _stand(closing, tokens, after):
                        yield after + len(closing), month
        yield end, month


def _days(tokens: Sequence[_Token], i: int, rules: DateRules) -> Iterator[tuple[int, Mapping[str, Any]]]:
    day = _number(tokens, i, 31)
    if day is not None:
        for mark in rules.day_marks:
            if _stand(mark, tokens, i + 1):
                yield i + 1 + len(mark), {"day": day}
        yield i + 1, {"day": day}
    yield from _named("ordinal", tokens, i, rules)


def _spans(tokens: Sequence[_Token], i: int, rules: DateRules) -> Iterator[tuple[int, Mapping[str, Any]]]:
    amounts = [(end, held["amount"]) for end, held in _named("number", tokens, i, rules)]
    digits = _number(tokens, i, 999)
    if digits is not None:
        amounts.append((i + 1, digits))
    for end, amount in amounts:
        for after, held in _named("unit", tokens, end, rules):
            yield after, {**held, "amount": amount}
    yield from _named("span", tokens, i, rules)


def _number(tokens: Sequence[_Token], i: int, most: int) -> int | None:
    """The number in digits at ``i``, 1 to ``most``."""
    if i >= len(tokens) or tokens[i].kind != "number" or len(tokens[i].key) > len(str(most)):
        return None
    number = int(tokens[i].key)
    return number if 1 <= number <= most else None


def _stands_alone(tokens: Sequence[_Token], first: int, end: int, numeric: bool, rules: DateRules) -> bool:
    """Whether no number of the match is part of a longer one, of a word or of a time of day."""
    joints = ".,:/-" if numeric else ".,:/"
    return not (
        (tokens[first].kind == "number" and _glued(tokens, first, -1, joints, rules))
        or (tokens[end - 1].kind == "number" and _glued(tokens, end - 1, 1, joints, rules))
    )


def _glued(tokens: Sequence[_Token], i: int, step: Literal[-1, 1], joints: str, rules: DateRules) -> bool:
    beside = _touching(tokens, i, step)
    if beside is None:
        return False
    if beside.kind == "word":
        # Arabic writes its small words onto digits, too; Chinese has no spaces at all.
        prefixed = step == -1 and any(beside.key == prefix for prefix, _ in rules.prefixes)
        return not prefixed and _UNSPACED.match(beside.key) is None
    beyond = _touching(tokens, i + step, step)
    if beyond is None or beyond.kind == "mark":
        return False
    if beyond.kind == "word":
        # "1980-х", "tahun 1980-an": a decade.
        return step == 1 and beside.key == "-"
    return beside.key in joints


def _touching(tokens: Sequence[_Token], i: int, step: Literal[-1, 1]) -> _Token | None:
    """The token before or after ``i`` if nothing stands between them."""
    if not 0 <= i + step < len(tokens):
        return None
    one, other = tokens[min(i, i + step)], tokens[max(i, i + step)]
    return tokens[i + step] if one.end == other.start else None


def _said_once(matches: Iterator[_Match]) -> list[_Match]:
    """The matches without weekdays that stand by a date and name the same day: "Monday, 3 March"."""
    kept: list[_Match] = []
    for match in matches:
        if kept and match.first - kept[-1].end < _WEEKDAY_REACH:
            if kept[-1].weekday is not None and _is_on(match, kept[-1].weekday):
                kept.pop()
            elif match.weekday is not None and _is_on(kept[-1], match.weekday):
                continue
        kept.append(match)
    return kept


def _is_on(match: _Match, weekday: int) -> bool:
    return (
        match.weekday is None
        and match.time is not None
        and match.time.precision == "day"
        and date.fromisoformat(match.time.value).weekday() == weekday
    )


# Working dates out


def _resolve(group: Group, parts: _Parts, published: date | None, rules: DateRules) -> EventTime | None:
    if group == "never":
        return None
    if parts.month is not None:
        return _with_month(parts.month, parts, group, published, rules)
    if parts.year is not None:
        return _bare_year(parts.year, rules)
    if published is None:
        return None
    if parts.amount is not None and parts.unit is not None:
        amount = parts.amount if group == "future" else -parts.amount
        return _shifted(published, parts.unit, amount, "gregorian")
    if parts.weekday is not None:
        return _weekday(parts.weekday, parts, group, published, rules)
    if parts.relative_day is not None:
        return _shifted(published, "day", parts.relative_day, rules.own_calendar)
    if parts.relative_month is not None:
        return _shifted(published, "month", parts.relative_month, rules.own_calendar)
    if parts.relative_year is not None:
        return _shifted(published, "year", parts.relative_year, rules.own_calendar)
    return None


def _shifted(published: date, unit: Unit, count: int, calendar: Calendar) -> EventTime | None:
    """So many units from publication, as precise as the unit; None for weeks."""
    if unit == "day":
        try:
            return _day(published + timedelta(days=count))
        except OverflowError:
            return None
    here = _year_and_month(published, calendar)
    if here is None or unit == "week":
        return None
    year, month = here
    if unit == "year":
        return _period(calendar, year + count, None)
    months = year * _MONTHS + month - 1 + count
    return _period(calendar, months // _MONTHS, months % _MONTHS + 1)


def _weekday(
    weekday: int, parts: _Parts, group: Group, published: date, rules: DateRules
) -> EventTime | None:
    here = published.toordinal()
    if parts.relative_week is not None:
        week = here - (published.weekday() - rules.first_weekday) % 7 + 7 * parts.relative_week
        return _ordinal(week + (weekday - rules.first_weekday) % 7)
    if parts.day is not None:
        # "Monday (3)": the day of the month only confirms it or shows which Monday.
        near = sorted(range(-31, 32), key=lambda days: (abs(days), days))
        days = (d for shift in near if (d := _date(here + shift)) is not None)
        match = next((d for d in days if d.day == parts.day and d.weekday() == weekday), None)
        if match is not None:
            return _day(match)
    if group == "next":
        return _ordinal(here + (weekday - published.weekday() - 1) % 7 + 1)
    if group == "last":
        return _ordinal(here - (published.weekday() - weekday - 1) % 7 - 1)
    return _ordinal(here - (published.weekday() - weekday) % 7)


def _with_month(
    month: int, parts: _Parts, group: Group, published: date | None, rules: DateRules
) -> EventTime | None:
    calendar = parts.calendar or _calendar_of(parts.year, rules)
    if calendar is None:
        return None
    year = parts.year
    if year is None:
        here = _year_and_month(published, calendar) if published is not None else None
        if published is None or here is None:
            return None
        if parts.relative_year is not None:
            year = here[0] + parts.relative_year
        elif parts.day is not None:
            year = _nearest_year(calendar, here[0], month, parts.day, group, published)
        else:
            year = _nearest_month(here, month, group)
    if year is None:
        return None
    if parts.day is None:
        return _period(calendar, year, month)
    day = _civil(calendar, year, month, parts.day)
    return _day(day) if day is not None else None


def _bare_year(year: int, rules: DateRules) -> EventTime | None:
    calendar = _calendar_of(year, rules)
    if calendar is None or (calendar == "gregorian" and year not in _BARE_YEARS):
        return None
    return _period(calendar, year, None)


def _calendar_of(year: int | None, rules: DateRules) -> Calendar | None:
    """The calendar of a date whose month has no name; None for a year that none of the language's has."""
    return rules.early_years if year is not None and year < _EARLY_YEARS_END else "gregorian"


def _nearest_year(
    calendar: Calendar, year: int, month: int, day: int, group: Group, published: date
) -> int | None:
    """The year in which a day is nearest to publication, or nearest on the side that ``group`` tells."""
    # A day that its month lacks in one year is none of another year: the last days of the month stand for it.
    days = {
        y: next((d for back in range(4) if (d := _civil(calendar, y, month, day - back)) is not None), None)
        for y in (year - 1, year, year + 1)
    }
    near = {y: (d - published).days for y, d in days.items() if d is not None}
    if group in ("since", "last", "next"):
        near = {y: away for y, away in near.items() if (away > 0) == (group == "next")}
    return min(near, key=lambda y: (abs(near[y]), near[y])) if near else None


def _nearest_month(here: tuple[int, int], month: int, group: Group) -> int:
    year, current = here
    if group in ("since", "last"):
        return year if month < current + (group == "since") else year - 1
    if group == "next":
        return year if month > current else year + 1
    return min(
        (year - 1, year, year + 1),
        key=lambda y: (abs(away := y * _MONTHS + month - year * _MONTHS - current), away),
    )


def _year_and_month(day: date, calendar: Calendar) -> tuple[int, int] | None:
    """Where a day lies in a calendar; None outside of its tables."""
    try:
        if calendar == "jalali":
            solar = _SOLAR(day)
            return solar.year, solar.month
        if calendar == "hijri":
            lunar = Gregorian.fromdate(day).to_hijri()
            return lunar.year, lunar.month
    except (ValueError, OverflowError):
        return None
    return day.year, day.month


def _civil(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    """The Gregorian day of a date in a calendar; None for one that does not exist."""
    if year not in _YEARS[calendar]:
        return None
    try:
        if calendar == "jalali":
            return date.fromordinal(_SOLAR(year, month, day).to_gregorian().toordinal())
        if calendar == "hijri":
            return date(*Hijri(year, month, day).to_gregorian().datetuple())
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _period(calendar: Calendar, year: int, month: int | None) -> EventTime | None:
    """A month or a year; of another calendar the Gregorian year that holds most of it, None for none."""
    if year not in _YEARS[calendar]:
        return None
    if calendar == "gregorian":
        if month is None:
            return EventTime(value=f"{year:04d}", precision="year")
        return EventTime(value=f"{year:04d}-{month:02d}", precision="month")
    first = _civil(calendar, year, month or 1, 1)
    ends = (_civil(calendar, year, month or _MONTHS, day) for day in (31, 30, 29))
    last = next((day for day in ends if day is not None), None)
    if first is None or last is None:
        return None
    before_new_year = max(date(last.year, 1, 1) - first, timedelta()) / (last - first)
    if 1 - _MOST < before_new_year < _MOST:
        return None
    held_by = first if before_new_year >= _MOST else last
    return EventTime(value=f"{held_by.year:04d}", precision="year")


def _ordinal(ordinal: int) -> EventTime | None:
    day = _date(ordinal)
    return _day(day) if day is not None else None


def _date(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def _day(value: date) -> EventTime:
    return EventTime(value=value.isoformat(), precision="day")
