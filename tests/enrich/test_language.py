"""The language is found from the text, with the publisher's statement as a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.contract.records import Article
from workers.enrich.language import LanguageIdentifier
from workers.enrich.text import prepare_fields

LINES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "data" / "language_lines.tsv")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.startswith("#")
]
FRENCH = next(text for language, text in LINES if language == "fr")
ARABIC = next(text for language, text in LINES if language == "ar")


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


def identify(
    identifier: LanguageIdentifier, text: str, hint: str | None = None, title: str | None = None
) -> str:
    article = Article(id="a", text=text, title=title, language=hint)
    return identifier.identify(article, prepare_fields(article, 20_000))


@pytest.mark.parametrize(("language", "text"), LINES)
def test_one_line_of_news_is_enough(identifier: LanguageIdentifier, language: str, text: str) -> None:
    assert identify(identifier, text) == language
    assert identify(identifier, text.upper() if text.isascii() else text) == language


@pytest.mark.parametrize(("language", "text"), LINES)
def test_a_wrong_statement_in_another_script_loses(
    identifier: LanguageIdentifier, language: str, text: str
) -> None:
    wrong = "ar" if text.isascii() else "en"
    assert identify(identifier, text, "ka") == language
    if not any("a" <= char <= "z" for char in text):
        assert identify(identifier, text, wrong) == language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr-FR", "fr"),
        ("FR_ca", "fr"),
        ("fra", "fr"),
        ("fre", "fr"),
        ("xx", "fr"),
        ("tlh", "fr"),
        ("en", "fr"),
        ("", "fr"),
    ],
)
def test_a_statement_is_read_and_checked(identifier: LanguageIdentifier, tag: str, language: str) -> None:
    assert identify(identifier, FRENCH, tag) == language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("Ministre.", "fr", "fr"),
        ("OK", "fr-BE", "fr"),
        ("12 345", "fr", "fr"),
        ("12 345", None, "und"),
        ("…", None, "und"),
        ("", None, "und"),
        ("OK", None, "und"),
        ("Αθήνα", None, "el"),
        ("ישראל", "en", "he"),
        ("서울", None, "ko"),
        ("ประเทศไทย", None, "th"),
        ("سنگاپور", "fa", "fa"),
        ("Предсједник", "bs", "bs"),
    ],
)
def test_little_text(identifier: LanguageIdentifier, text: str, hint: str | None, language: str) -> None:
    assert identify(identifier, text, hint) == language


def test_close_languages_are_left_to_the_publisher(identifier: LanguageIdentifier) -> None:
    bosnian = next(text for language, text in LINES if language == "bs")
    assert identify(identifier, bosnian, "hr-HR") == "hr"
    assert identify(identifier, bosnian, "sr-Latn-RS") == "sr"


def test_the_text_outweighs_a_foreign_title_and_a_foreign_quotation(identifier: LanguageIdentifier) -> None:
    assert identify(identifier, FRENCH * 3, title="Elite League: Dundee Stars 5-3 Belfast Giants") == "fr"
    assert identify(identifier, FRENCH * 3 + ARABIC) == "fr"
    assert identify(identifier, ARABIC * 3 + FRENCH) == "ar"


@pytest.mark.parametrize("unit", ["<", "&", "a", "ا", "中", "\ud800", "\u202e", ". ", "é ", "\U0001f600"])
def test_twenty_thousand_characters_of_anything(identifier: LanguageIdentifier, unit: str) -> None:
    assert len(identify(identifier, (unit * 20_000)[:20_000])) in (2, 3)
