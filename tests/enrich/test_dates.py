"""Dates are found in every language with rules, in every script's digits, and never made up."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workers.contract.records import EventTime
from workers.enrich.events.dates import (
    DateRules,
    FoundDate,
    dates_in,
    nearest_date,
    published_day,
    read_date_rules,
)

LANGUAGES = Path(__file__).parents[2] / "workers" / "enrich" / "data" / "languages"
DOCUMENTS: dict[str, dict[str, Any]] = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(LANGUAGES.glob("*/times.yaml"))
}
RULES: dict[str, DateRules] = {
    language: read_date_rules(document) for language, document in DOCUMENTS.items()
}

WEDNESDAY = date(2024, 4, 10)
"""22 Farvardin 1403, 1 Shawwal 1445."""

# Texts published on that Wednesday, and the dates that they hold in their order.
TABLE: dict[str, list[tuple[str, str]]] = {
    "fr": [
        ("Le 3 mars 2024, le ministre a démissionné.", "2024-03-03"),
        ("Il est arrivé le 1er mars.", "2024-03-01"),
        ("le lundi 4 mars", "2024-03-04"),
        ("attendu le 3 mai", "2024-05-03"),
        ("arrêtés le 3 décembre", "2023-12-03"),
        ("en mars 2024", "2024-03"),
        ("depuis décembre", "2023-12"),
        ("en 2015", "2015"),
        ("signé le 03/02/2024 à Paris", "2024-02-03"),
        ("avant-hier, puis hier et aujourd’hui", "2024-04-08 2024-04-09 2024-04-10"),
        ("il y a trois jours", "2024-04-07"),
        ("dans deux jours", "2024-04-12"),
        ("il y a dix ans", "2014"),
        ("mardi à Genève", "2024-04-09"),
        ("mercredi soir", "2024-04-10"),
        ("mercredi dernier et mercredi prochain", "2024-04-03 2024-04-17"),
        ("le mois dernier, l’an dernier", "2024-03 2023"),
        ("le 3 mars de l’an dernier", "2023-03-03"),
        ("la semaine dernière", ""),
        ("mardi de la semaine dernière", "2024-04-02"),
        ("le 31 février 2024", ""),
        ("3 mars 1,5 million", "2024-03-03"),
        ("rue du 11 novembre", ""),
        ("un score de 3/2/1, à 10:30 et 2.500 euros", ""),
    ],
    "en": [
        ("On March 3, 2024 the minister resigned.", "2024-03-03"),
        ("on 3 March 2024", "2024-03-03"),
        ("on March 3rd", "2024-03-03"),
        ("SEOUL, Nov. 7 (Yonhap) --", "2023-11-07"),
        ("Monday, March 4, 2024", "2024-03-04"),
        ("the 1st of May", "2024-05-01"),
        ("on 03/04/2024", "2024-03-04"),
        ("on 2024-03-04", "2024-03-04"),
        ("in March 2024 and since 2015", "2024-03 2015"),
        ("since December", "2023-12"),
        ("the day before yesterday, yesterday, tomorrow", "2024-04-08 2024-04-09 2024-04-11"),
        ("three days ago", "2024-04-07"),
        ("a year ago", "2023"),
        ("two weeks ago", ""),
        ("on Tuesday night", "2024-04-09"),
        ("last Friday, next Friday", "2024-04-05 2024-04-12"),
        ("last month, last year, next month", "2024-03 2023 2024-05"),
        ("over the last year", ""),
        ("Friday of last week", "2024-04-05"),
        ("February 31, 2024", ""),
        ("they may 3 times march 4 miles", ""),
        ("in the 1980s, at 10.30, version 3.2.2024.1", ""),
        ("in 3 March2024", "2024-03-03"),
    ],
    "ar": [
        ("في ٣ آذار/مارس ٢٠٢٤", "2024-03-03"),
        ("وفي 3 مارس 2024", "2024-03-03"),
        ("يوم الاثنين 4 آذار (مارس) 2024", "2024-03-04"),
        ("الثالث من مارس", "2024-03-03"),
        ("في مارس/آذار 2024", "2024-03"),
        ("منذ عام 2015", "2015"),
        ("بتاريخ ٠٣/٠٢/٢٠٢٤", "2024-02-03"),
        ("12 رمضان 1445", "2024-03-22"),
        ("٩ ذي الحجة ١٤٤٥ هـ", "2024-06-15"),
        ("12 رمضان", "2024-03-22"),
        ("بتاريخ 12/9/1445", "2024-03-22"),
        ("أول أمس، أمس، غداً", "2024-04-08 2024-04-09 2024-04-11"),
        ("قبل ثلاثة أيام", "2024-04-07"),
        ("قبل يومين", "2024-04-08"),
        ("قبل شهرين", "2024-02"),
        ("قبل عشر سنوات", "2014"),
        ("والثلاثاء", "2024-04-09"),
        ("الجمعة الماضي، الجمعة المقبل", "2024-04-05 2024-04-12"),
        ("الشهر الماضي والعام الماضي", "2024-03 2023"),
        ("الأسبوع الماضي", ""),
        ("قبل شهر رمضان", "2024"),
        ("31 فبراير 2024", ""),
        ("لـ3 كانون الثاني ولكانون الأول 2023", "2024-01-03 2023-12"),
    ],
    "fa": [
        ("۱۲ فروردین ۱۴۰۳", "2024-03-31"),
        ("روز ۱۲ فروردين‌ماه", "2024-03-31"),
        ("۱۴۰۳/۱/۱۲", "2024-03-31"),
        ("۲۲ بهمن", "2024-02-11"),
        ("۲۲ بهمن ۱۳۵۷", "1979-02-11"),
        ("دوازدهم فروردین سال ۱۴۰۳", "2024-03-31"),
        ("۳ مارس ۲۰۲۴", "2024-03-03"),
        ("۱۲ رمضان ۱۴۴۵", "2024-03-22"),
        ("۱۲ حمل ۱۴۰۳", "2024-03-31"),
        ("سال ۲۰۱۵", "2015"),
        ("فروردین ۱۴۰۳", "2024"),
        ("سال ۱۴۰۲", "2023"),
        ("دی ۱۴۰۲", ""),
        ("۳۰ اسفند ۱۴۰۲", ""),
        ("پریروز، دیروز، امروز، فردا", "2024-04-08 2024-04-09 2024-04-10 2024-04-11"),
        ("سه روز پیش", "2024-04-07"),
        ("دو ماه پيش", "2024-02"),
        ("سه‌شنبه در تهران", "2024-04-09"),
        ("سه شنبه هفته گذشته", "2024-04-02"),
        ("شنبه گذشته، شنبه آینده", "2024-04-06 2024-04-13"),
        ("سال گذشته", "2023"),
        ("در سه سال گذشته", ""),
        ("هفته گذشته", ""),
    ],
    "es": [
        ("El 3 de marzo de 2024", "2024-03-03"),
        ("el 3 de marzo", "2024-03-03"),
        ("el 1º de mayo", "2024-05-01"),
        ("el lunes 4 de marzo", "2024-03-04"),
        ("03/02/2024", "2024-02-03"),
        ("en marzo de 2024", "2024-03"),
        ("desde 2015", "2015"),
        ("anteayer, ayer, hoy, mañana", "2024-04-08 2024-04-09 2024-04-10 2024-04-11"),
        ("hace tres días", "2024-04-07"),
        ("diez años atrás", "2014"),
        ("el martes por la mañana", "2024-04-09"),
        ("el viernes pasado y el próximo viernes", "2024-04-05 2024-04-12"),
        ("el mes pasado y el año pasado", "2024-03 2023"),
        ("la semana pasada", ""),
        ("el 31 de febrero", ""),
        ("el pasado 3 de mayo", "2023-05-03"),
    ],
    "de": [
        ("Am 3. März 2024", "2024-03-03"),
        ("am 3. März", "2024-03-03"),
        ("am Montag, dem 4. März,", "2024-03-04"),
        ("am 3.2.2024.", "2024-02-03"),
        ("im März 2024", "2024-03"),
        ("im Jahr 2015", "2015"),
        ("1997 in Berlin, 2000 Menschen", "1997"),
        ("vorgestern, gestern, heute", "2024-04-08 2024-04-09 2024-04-10"),
        ("vor drei Tagen", "2024-04-07"),
        ("vor einem Jahr", "2023"),
        ("am Dienstagabend", "2024-04-09"),
        ("am vergangenen Freitag, am kommenden Freitag", "2024-04-05 2024-04-12"),
        ("letzten Monat, letztes Jahr", "2024-03 2023"),
        ("letzte Woche", ""),
        ("morgen, am Morgen", "2024-04-11"),
        ("am 31. Februar 2024", ""),
        ("um 10.30 Uhr", ""),
    ],
    "ru": [
        ("3 марта 2024 года", "2024-03-03"),
        ("3 марта", "2024-03-03"),
        ("3-го марта", "2024-03-03"),
        ("03.02.2024", "2024-02-03"),
        ("в марте 2024 г.", "2024-03"),
        ("в 2015 году", "2015"),
        ("позавчера, вчера, завтра", "2024-04-08 2024-04-09 2024-04-11"),
        ("три дня назад", "2024-04-07"),
        ("год назад", "2023"),
        ("во вторник", "2024-04-09"),
        ("в прошлую пятницу, в следующую пятницу", "2024-04-05 2024-04-12"),
        ("в прошлом месяце и в прошлом году", "2024-03 2023"),
        ("на прошлой неделе", ""),
        ("в 1980-х годах", ""),
        ("31 февраля", ""),
        ("понедельник, 4 марта", "2024-03-04"),
    ],
    "tr": [
        ("3 Mart 2024", "2024-03-03"),
        ("3 Mart'ta", "2024-03-03"),
        ("3 MAYIS", "2024-05-03"),
        ("4 Mart 2024 Pazartesi", "2024-03-04"),
        ("03.02.2024", "2024-02-03"),
        ("Mart 2024", "2024-03"),
        ("2015 yılında, 2016'da", "2015 2016"),
        ("evvelsi gün, dün, yarın", "2024-04-08 2024-04-09 2024-04-11"),
        ("üç gün önce", "2024-04-07"),
        ("on yıl önce", "2014"),
        ("salı günü", "2024-04-09"),
        ("geçen cuma, gelecek cuma", "2024-04-05 2024-04-12"),
        ("geçen ay, geçen yıl", "2024-03 2023"),
        ("geçen hafta", ""),
        ("31 Şubat 2024", ""),
    ],
    "pt": [
        ("Em 3 de março de 2024", "2024-03-03"),
        ("a 3 de Março", "2024-03-03"),
        ("no dia 1º de maio", "2024-05-01"),
        ("nesta segunda-feira (8)", "2024-04-08"),
        ("na sexta-feira (5/4)", "2024-04-05"),
        ("03/02/2024", "2024-02-03"),
        ("em março de 2024", "2024-03"),
        ("em 2015", "2015"),
        ("anteontem, ontem, amanhã", "2024-04-08 2024-04-09 2024-04-11"),
        ("há três dias", "2024-04-07"),
        ("dez anos atrás", "2014"),
        ("terça-feira, dia 9, e segunda-feira, 4 de março", "2024-04-09 2024-03-04"),
        ("na última sexta-feira e na próxima sexta-feira", "2024-04-05 2024-04-12"),
        ("no mês passado e no ano passado", "2024-03 2023"),
        ("na semana passada", ""),
        ("31 de fevereiro de 2024", ""),
    ],
    "it": [
        ("Il 3 marzo 2024", "2024-03-03"),
        ("il 1° maggio", "2024-05-01"),
        ("l'8 marzo", "2024-03-08"),
        ("lunedì 4 marzo", "2024-03-04"),
        ("03/02/2024", "2024-02-03"),
        ("nel marzo 2024", "2024-03"),
        ("nel 2015", "2015"),
        ("l’altro ieri, ieri, domani", "2024-04-08 2024-04-09 2024-04-11"),
        ("tre giorni fa", "2024-04-07"),
        ("dieci anni fa", "2014"),
        ("martedì", "2024-04-09"),
        ("venerdì scorso e venerdì prossimo", "2024-04-05 2024-04-12"),
        ("il mese scorso e l'anno scorso", "2024-03 2023"),
        ("la settimana scorsa", ""),
        ("31 febbraio 2024", ""),
    ],
    "id": [
        ("pada 3 Maret 2024", "2024-03-03"),
        ("3 Mei", "2024-05-03"),
        ("Senin, 4 Maret 2024", "2024-03-04"),
        ("Selasa (9/4/2024)", "2024-04-09"),
        ("03/02/2024", "2024-02-03"),
        ("bulan Maret 2024", "2024-03"),
        ("pada tahun 2015", "2015"),
        ("kemarin, hari ini, besok", "2024-04-09 2024-04-10 2024-04-11"),
        ("tiga hari lalu", "2024-04-07"),
        ("setahun yang lalu", "2023"),
        ("hari Minggu", "2024-04-07"),
        ("Jumat lalu, Jumat depan", "2024-04-05 2024-04-12"),
        ("bulan lalu, tahun lalu", "2024-03 2023"),
        ("minggu lalu", ""),
        ("31 Februari 2024", ""),
        ("tahun 1980-an", ""),
    ],
    "hi": [
        ("३ मार्च २०२४ को", "2024-03-03"),
        ("3 मार्च", "2024-03-03"),
        ("3 मई को", "2024-05-03"),
        ("03/02/2024", "2024-02-03"),
        ("मार्च 2024", "2024-03"),
        ("2015 में", "2015"),
        ("आज", "2024-04-10"),
        ("तीन दिन पहले", "2024-04-07"),
        ("दस साल पहले", "2014"),
        ("मंगलवार को", "2024-04-09"),
        ("पिछले शुक्रवार, अगले शुक्रवार", "2024-04-05 2024-04-12"),
        ("पिछले महीने, पिछले साल", "2024-03 2023"),
        ("पिछले हफ्ते", ""),
        ("31 फ़रवरी 2024", ""),
    ],
    "ur": [
        ("۳ مارچ ۲۰۲۴", "2024-03-03"),
        ("3 مارچ کو", "2024-03-03"),
        ("یکم مئی", "2024-05-01"),
        ("03/02/2024", "2024-02-03"),
        ("مارچ 2024", "2024-03"),
        ("2015 میں", "2015"),
        ("12 رمضان المبارک 1445", "2024-03-22"),
        ("گزشتہ روز، آج", "2024-04-09 2024-04-10"),
        ("تین دن پہلے", "2024-04-07"),
        ("دس سال قبل", "2014"),
        ("منگل کو", "2024-04-09"),
        ("گزشتہ جمعہ، آئندہ جمعہ", "2024-04-05 2024-04-12"),
        ("گزشتہ ماہ، گزشتہ سال", "2024-03 2023"),
        ("گزشتہ ہفتے", ""),
        ("31 فروری 2024", ""),
    ],
    "zh": [
        ("2024年3月3日在北京", "2024-03-03"),
        ("新华社北京３月３日电", "2024-03-03"),
        ("三月三日", "2024-03-03"),
        ("2024年3月", "2024-03"),
        ("2015年", "2015"),
        ("2024-02-03", "2024-02-03"),
        ("前天、昨天、明天", "2024-04-08 2024-04-09 2024-04-11"),
        ("三天前", "2024-04-07"),
        ("十年前", "2014"),
        ("周二上午", "2024-04-09"),
        ("上周二", "2024-04-02"),
        ("上个月、去年", "2024-03 2023"),
        ("去年3月", "2023-03"),
        ("2024年2月31日", ""),
    ],
}  # fmt: skip


def values(text: str, language: str, published: date | None = WEDNESDAY) -> list[str]:
    return [found.time.value for found in dates_in(text, published, RULES[language])]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [(language, text, expected) for language, rows in TABLE.items() for text, expected in rows],
)
def test_expressions(language: str, text: str, expected: str) -> None:
    assert values(text, language) == expected.split()


def test_every_language_with_rules_has_expressions() -> None:
    assert TABLE.keys() == RULES.keys()
    assert all(len(rows) >= 12 for rows in TABLE.values())


def test_where_a_date_stands_and_how_precise_it_is() -> None:
    text = "Le\xa03 mars 2024, puis en février 2023 et en 1999"
    assert dates_in(text, None, RULES["fr"]) == [
        FoundDate(3, 14, EventTime(value="2024-03-03", precision="day")),
        FoundDate(21, 36, EventTime(value="2023-02", precision="month")),
        FoundDate(40, 47, EventTime(value="1999", precision="year")),
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "hier, lundi, le 3 mars, en mars, il y a trois ans, le mois dernier, le 3 mars de l'an dernier",
        ),
        ("ar", "أمس والاثنين و3 مارس وقبل ثلاثة أيام و12 رمضان"),
        ("fa", "دیروز، شنبه، ۱۲ فروردین، سه روز پیش، سال گذشته"),
    ],
)
def test_without_a_day_of_publication_only_full_dates_are_known(language: str, text: str) -> None:
    assert values(text, language, None) == []
    assert values(f"{text}. 2024-03-03", language, None) == ["2024-03-03"]


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("le 30 décembre", date(2024, 1, 2), "2023-12-30"),
        ("le 2 janvier", date(2023, 12, 30), "2024-01-02"),
        ("le 29 février", date(2024, 2, 1), "2024-02-29"),
        ("le 10 octobre", date(2024, 4, 10), "2023-10-10"),
        ("en octobre", date(2024, 4, 10), "2023-10"),
        ("en septembre", date(2024, 4, 10), "2024-09"),
        ("depuis avril", date(2024, 4, 10), "2024-04"),
        ("en avril dernier", date(2024, 4, 10), "2023-04"),
    ],
)
def test_without_a_year_the_nearest_is_meant(text: str, published: date, expected: str) -> None:
    assert values(text, "fr", published) == [expected]


def test_a_day_that_its_month_lacks_this_year_is_not_another_years() -> None:
    assert values("le 29 février", "fr", date(2023, 3, 1)) == []


def test_dates_at_the_ends_of_the_calendar_are_left_out() -> None:
    assert values("demain, vendredi prochain, il y a 900 ans", "fr", date.max) == []
    assert values("hier, lundi dernier, l'an dernier, il y a trois mois", "fr", date.min) == []
    assert values("12 رمضان", "ar", date(1800, 1, 1)) == []


def test_a_weekday_beside_its_date_is_one_date() -> None:
    assert values("lundi (4 mars 2024)", "fr") == ["2024-03-04"]
    assert values("mardi, après le 4 mars 2024", "fr") == ["2024-04-09", "2024-03-04"]


def test_an_empty_line_parts_dates() -> None:
    assert values("le 3\nmars 2024", "fr") == ["2024-03-03"]
    assert values("Numéro 3\n\nMars 2024", "fr") == ["2024-03"]


def test_nearest_date() -> None:
    text = "Hier il pleuvait. Le 3 mars, le président du conseil a démissionné, dès le 5 mars. Demain."
    found = dates_in(text, WEDNESDAY, RULES["fr"])
    start, end = text.index("Le 3"), text.index(" Demain")
    trigger = text.index("démissionné")
    near = nearest_date(found, trigger, trigger + len("démissionné"), start, end)
    assert near == EventTime(value="2024-03-05", precision="day")
    late = nearest_date(found, start, start + 2, start, end)
    assert late == EventTime(value="2024-03-03", precision="day")
    assert nearest_date(found, trigger, trigger + 11, trigger, trigger + 11) is None
    assert nearest_date([], 0, 1, 0, 10) is None


def test_the_first_of_two_as_near_dates() -> None:
    first, second = (EventTime(value=f"2024-03-0{day}", precision="day") for day in (3, 5))
    found = [FoundDate(0, 4, first), FoundDate(10, 14, second)]
    assert nearest_date(found, 6, 8, 0, 20) == first
    assert nearest_date(found, 7, 8, 0, 20) == second


@pytest.mark.parametrize(
    ("published_at", "day"),
    [
        ("2024-04-10T23:59:00Z", WEDNESDAY),
        ("2024-04-10", WEDNESDAY),
        (None, None),
        ("", None),
        ("10.4.2024", None),
    ],
)
def test_published_day(published_at: str | None, day: date | None) -> None:
    assert published_day(published_at) == day


HOSTILE = ["1/", "9", "3 mars ", "il y a ", "mardi 3 ", "\n ", "ا", "دو ", "سه ۳ ", "三"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_is_read_to_its_end(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "\n\n2024-03-03"
    language = "fr" if piece.isascii() else "fa"
    assert values(text, language)[-1] == "2024-03-03"


PIECES = (
    [text for rows in TABLE.values() for text, _ in rows]
    + HOSTILE
    + ["\u200c", "-", ".", "31", "2024", "İ", "½"]
)


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map(" ".join),
    st.sampled_from(sorted(RULES)),
    st.none() | st.dates(),
)
def test_found_dates_are_in_order_and_exist(text: str, language: str, published: date | None) -> None:
    found = dates_in(text, published, RULES[language])
    places = [0, *(place for f in found for place in (f.start, f.end)), len(text)]
    assert places == sorted(places)
    for f in found:
        assert f.start < f.end
        length = {"day": 10, "month": 7, "year": 4}[f.time.precision]
        assert len(f.time.value) == length
        assert date.fromisoformat(f.time.value + "-01-01"[: 10 - length])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"month": []}, "month"),
        ({"months": {"gregorian": [["mars"]]}}, "months.gregorian"),
        ({"months": {"julian": [["a"]] * 12}}, "julian"),
        ({"weekdays": [["lundi"]]}, "weekdays"),
        ({"weekdays": [["lundi"]] * 7}, "lundi"),
        ({"ordinals": {32: ["trente-deuxième"]}}, "ordinals"),
        ({"numbers": {10: [True]}}, "numbers.10"),
        ({"units": {"day": [""]}}, "empty name"),
        ({"templates": {"sometimes": ["{day}"]}}, "sometimes"),
        ({"templates": {"date": ["{hour} {month}"]}}, "hour"),
        ({"templates": {"date": ["{day} a||b {month}"]}}, "empty alternative"),
        ({"templates": {"date": ["le? {day}?"]}}, "matches nothing"),
        ({"templates": {"date": ["{day} de? {year}?"]}}, "more than one place"),
    ],
)
def test_wrong_rules_are_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_date_rules({**DOCUMENTS["fr"], **changes})


def test_a_language_is_its_file_alone() -> None:
    rules = read_date_rules(
        {
            "months": {"gregorian": [[f"m{chr(96 + n)}"] for n in range(1, 13)]},
            "weekdays": [[f"w{chr(97 + n)}"] for n in range(7)],
            "templates": {"date": ["{day} {month}", "{day} {month} {year}"]},
        }
    )
    text = "wb, 3 mc 2024"
    assert dates_in(text, WEDNESDAY, rules) == [
        FoundDate(0, 2, EventTime(value="2024-04-09", precision="day")),
        FoundDate(4, 13, EventTime(value="2024-03-03", precision="day")),
    ]
