"""Spellings of one name share a key, names of different people do not."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.enrich.entities.canonical import canonical_key, key_words, script_of, spelling_words

# English, French, German, Spanish, Turkish, Arabic, Persian, Urdu, Russian, Ukrainian spellings.
SAME = [
    [
        "Qasim al-Araji",
        "Qassem Al-Araji",
        "Kassem al-Aaraji",
        "قاسم الأعرجي",
        "قاسم الاعرجي",
        "Касем аль-Араджи",
    ],
    ["Pakpour", "Pakpur", "پاکپور", "باكبور", "Пакпур"],
    ["Zelensky", "Zelenskyy", "Selenskyj", "Зеленский", "Зеленський", "زيلينسكي", "زلنسکی"],
    ["Khamenei", "Jamenei", "Hamaney", "خامنئي", "خامنه‌ای", "خامنہ ای", "Хаменеи"],
    ["Netanyahu", "Nétanyahou", "نتنياهو", "نتانیاهو", "Нетаньяху"],
    ["Erdogan", "Erdoğan", "أردوغان", "اردوغان", "Эрдоган"],
    ["Muhammad", "Mohammed", "Mohamed", "محمد", "Мухаммед"],
    ["Bashar al-Assad", "Bachar el-Assad", "بشار الأسد", "بشار اسد", "Башар Асад"],
    ["Lavrov", "لافروف", "لاوروف", "Лавров"],
    ["Putin", "Poutine", "بوتين", "پوتین", "Путин"],
    ["Trump", "ترامب", "ترامپ", "ٹرمپ", "Трамп"],
    ["Mousavi", "Musavi", "موسوی", "موسوي", "Мусави"],
    ["Nasrallah", "Nasr Allah", "نصر الله", "نصرالله", "Насралла"],
    [
        "Abdul Rahman",
        "Abdel-Rahman",
        "Abderrahmane",
        "Abd al-Rahman",
        "عبد الرحمن",
        "عبدالرحمن",
        "Абдуррахман",
    ],
    ["Mohammed bin Salman", "Mohammed ben Salmane", "محمد بن سلمان", "Мухаммед бин Салман"],
    ["Sinwar", "السنوار", "سنوار", "Синвар"],
    ["Haniyeh", "Haniya", "هنية", "هنیه", "Хания"],
    ["Pezeshkian", "Pezechkian", "بزشكيان", "پزشکیان", "Пезешкиан"],
    ["Soleimani", "Suleimani", "سليماني", "سلیمانی", "Сулеймани"],
    ["Pashinyan", "Pachinian", "باشينيان", "Пашинян"],
    ["Lukashenko", "Loukachenko", "لوكاشينكو", "Лукашенко"],
    ["Javad Zarif", "Jawad Zarif", "جواد ظریف", "جواد ظريف", "Джавад Зариф"],
    ["Ghalibaf", "Qalibaf", "قالیباف", "قاليباف", "Галибаф"],
    ["Sharaa", "Charaa", "الشرع", "Шараа"],
    ["Abdullah", "Abdallah", "Abdoullah", "عبد الله", "عبدالله", "Абдулла"],
    ["Aliyev", "Əliyev", "علييف", "علی‌اف", "Алиев"],
    ["Hossein Salami", "Hussein Salami", "حسین سلامی", "حسين سلامي", "Хосейн Салами"],
    ["Donald Trump", "Donald J. Trump", "دونالد ترامب", "Дональд Трамп"],
    ["Gamal Abdel Nasser", "Jamal Abdul Nasser", "جمال عبد الناصر"],
    ["Ursula von der Leyen", "أورسولا فون دير لاين", "Урсула фон дер Ляйен"],
]
DIFFERENT = [
    ("Bush", "Bashar"),
    ("Hassan", "Hussein"),
    ("حسن", "حسين"),
    ("Ali", "Olli"),
    ("Khamenei", "Khomeini"),
    ("خامنه‌ای", "خمینی"),
    ("Хаменеи", "Хомейни"),
    ("Mohammed", "Mehmed"),
    ("Mohammed", "Mahmoud"),
    ("Mahmoud", "Mehmet"),
    ("محمد", "محمود"),
    ("Ahmed", "Hamid"),
    ("Hamid", "Hamad"),
    ("Omar", "Amir"),
    ("عمر", "أمير"),
    ("Omar", "Ammar"),
    ("Salim", "Salem"),
    ("Salman", "Suleiman"),
    ("Karim", "Karam"),
    ("Jamal", "Jamil"),
    ("Kamal", "Kamil"),
    ("Khalid", "Khalil"),
    ("Rashid", "Rached"),
    ("Said", "Saad"),
    ("Nasir", "Nasr"),
    ("Tariq", "Turki"),
    ("Majid", "Majed"),
    ("Zayd", "Ziad"),
    ("Faris", "Firas"),
    ("Qasim", "Jasim"),
    ("Joe Biden", "Hunter Biden"),
    ("Putin", "Poroshenko"),
    ("Lavrov", "Larijani"),
    ("Ali Khamenei", "Mojtaba Khamenei"),
    ("Macron", "Macri"),
    ("Merkel", "Merz"),
    ("Scholz", "Schulz"),
    ("Barzani", "Berri"),
    ("Maduro", "Medvedev"),
    ("Araghchi", "al-Araji"),
    ("Netanyahu", "Nathan"),
    ("Sissi", "Assisi"),
    ("Trudeau", "Trump"),
    ("Rubio", "Rubin"),
    ("习近平", "李强"),
    ("नरेंद्र मोदी", "राहुल गांधी"),
    ("শেখ হাসিনা", "খালেদা জিয়া"),
    ("Said", "Saïd Aït"),
]


def pairs() -> list[tuple[str, str]]:
    return [pair for group in SAME for pair in combinations(group, 2)]


def test_there_are_pairs_enough() -> None:
    assert len(pairs()) >= 60
    assert len(DIFFERENT) >= 40


@pytest.mark.parametrize("group", SAME, ids=lambda group: group[0])
def test_spellings_of_one_name_share_a_key(group: list[str]) -> None:
    assert {name: canonical_key(name) for name in group} == dict.fromkeys(group, canonical_key(group[0]))


@pytest.mark.parametrize("pair", DIFFERENT, ids=" / ".join)
def test_names_of_different_people_have_different_keys(pair: tuple[str, str]) -> None:
    first, second = map(canonical_key, pair)
    assert first
    assert second
    assert first != second


def test_surnames_that_differ_in_vowels_alone_share_a_key_and_full_names_seldom_do() -> None:
    assert canonical_key("Merkel") == canonical_key("Markle")
    assert canonical_key("Angela Merkel") != canonical_key("Meghan Markle")


def test_a_name_in_a_script_without_sounds_here_is_its_own_key() -> None:
    assert canonical_key("习近平") == "习近平"
    assert canonical_key("नरेंद्र मोदी") == "नरेंद्र-मोदी"


def test_vowels_tell_names_of_one_script_apart() -> None:
    assert canonical_key("Maria Rossi") == canonical_key("Mario Rossi")
    assert spelling_words("Maria Rossi") != spelling_words("Mario Rossi")
    assert spelling_words("Qasim al-Araji") == spelling_words("Qassem Al-Araji")


def test_scripts_are_told_apart() -> None:
    assert [script_of(name) for name in ("Qasim", "قاسم", "Касим", "习近平")] == [
        "Latin",
        "Arabic",
        "Cyrillic",
        "",
    ]


@given(st.text(max_size=300))
def test_any_text_has_a_bounded_key_without_spaces(text: str) -> None:
    key = canonical_key(text)
    assert key == canonical_key(text)
    assert len(key) <= 10 * 60
    assert not re.search(r"\s", key)
    assert len(key_words(text)) <= 11


def test_a_very_long_name_takes_no_longer_than_its_first_words() -> None:
    assert len(canonical_key("a" * 1_000_000)) <= 40
    assert len(key_words("Abdul Karim " * 100_000)) <= 11


@given(st.text(alphabet="bcdfk صثق жщ -", max_size=900))
def test_a_key_is_bounded(name: str) -> None:
    key = canonical_key(name)
    assert len(key) <= 200
    assert not key.endswith("-")
