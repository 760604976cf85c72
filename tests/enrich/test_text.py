"""Cleaning keeps every offset, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.contract.records import Article
from workers.enrich.text import clean_text, prepare_fields

PIECES = [
    "<p>",
    "</p>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<a href='x'>",
    "&amp;",
    "&#x41;",
    "&",
    "<",
    ">",
]
PIECES += [
    "\n",
    "\0",
    "\u202e",
    "\u200c",
    "\ud800",
    "\U0001f600",
    "word. ",
    "é",
    "مرحبا ",
    "中文。",
    " ",
    "x" * 250,
]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def article(text: str, title: str | None = None) -> Article:
    return Article(id="a", text=text, title=title)


@given(HOSTILE | st.text(max_size=300))
def test_cleaning_changes_characters_only_to_spaces(text: str) -> None:
    clean = clean_text(text)
    assert len(clean) == len(text)
    assert all(after in (before, " ") for before, after in zip(text, clean, strict=True))
    clean.encode("utf-8")


@given(HOSTILE, st.integers(min_value=1, max_value=400))
def test_the_analysed_prefix_is_bounded(text: str, limit: int) -> None:
    (field,) = prepare_fields(article(text), limit)
    assert field.original == text
    assert len(field.clean) == min(len(field.clean), len(text), limit)
    if len(text) > limit:
        assert len(field.clean) >= limit - limit // 4


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("<p>Le <b>ministre</b> a dit&nbsp;non.</p>", "Le ministre a dit non."),
        ("Before<script>alert('the army attacked')</script> after", "Before after"),
        ("Before<style>p { color: red }</style> after", "Before after"),
        ("Before <!-- the army attacked --> after", "Before after"),
        ("Before <!-- never closed", "Before never closed"),
        ("<script>never closed", "never closed"),
        ("a < b and b > c", "a < b and b > c"),
        ("<Reuters> reported", "<Reuters> reported"),
        ("\u202eevil\u202c text\0", "evil text"),
        ("long " + "x" * 201 + " word", "long word"),
        ("long " + "x" * 200 + " word", "long " + "x" * 200 + " word"),
        ("گفت‌وگو", "گفت‌وگو"),
        ("中" * 500, "中" * 500),
    ],
)
def test_what_stays_readable(text: str, visible: str) -> None:
    assert " ".join(clean_text(text).split(" ")).split() == visible.split()


def test_paragraphs_inside_markup_stay() -> None:
    assert clean_text("<div\nclass='x'>One.\nTwo.") == "    \n          One.\nTwo."


def test_the_title_comes_first_and_an_empty_one_not_at_all() -> None:
    assert [f.name for f in prepare_fields(article("Text.", "Title"), 100)] == ["title", "text"]
    assert [f.name for f in prepare_fields(article("Text.", " \n"), 100)] == ["text"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("First paragraph here.\nSecond paragraph.", "First paragraph here.\n"),
        ("First sentence here. Second sentence.", "First sentence here."),
        ("First sentence is here and goes on and on", "First sentence is here"),
        ("x" * 50, "x" * 25),
    ],
)
def test_the_cut_is_at_an_end_where_possible(text: str, clean: str) -> None:
    (field,) = prepare_fields(article(text), 25)
    assert field.clean == clean


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "&",
        "<!--",
        "<a ",
        "<script>",
        "</script>",
        "&#",
        "<!doctype ",
        "<p",
        "\u202e",
        ". ",
        "<a x='",
        "&a",
        "-->",
    ],
)
def test_a_million_characters_of_anything_are_answered(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    assert len(clean_text(text)) == 1_000_000


def test_a_text_of_very_short_words_is_read_less_far() -> None:
    text = "Ali, " * 3_200
    (field,) = prepare_fields(Article(id="a", text=text), 16_000)
    assert 5_000 < len(field.clean) <= 3_000 / 2 * len("Ali, ")
    ordinary = "Le ministre irakien a rencontré une délégation. " * 330
    (field,) = prepare_fields(Article(id="a", text=ordinary), 16_000)
    assert len(field.clean) == len(ordinary)
