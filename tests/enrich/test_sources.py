"""Credits are found where agencies write them, and homographs are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work import count_calls

from workers.contract.records import Article, Relation, SourceTag
from workers.enrich.credits import CreditPatterns, CreditPhrases
from workers.enrich.language import LanguageIdentifier
from workers.enrich.registry import SourceRegistry
from workers.enrich.sources import credit_sources
from workers.enrich.text import prepare_fields

SNIPPETS = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "data" / "source_snippets.tsv")
    .read_text(encoding="utf-8")
    .splitlines()
    if line and not line.startswith("#")
]
PIECES = [
    "Reuters",
    "(AFP)",
    "Abna",
    "أبنا",
    "خبرگزاری",
    "selon ",
    "l'agence ",
    "\n",
    " - ",
    ". ",
    "/",
    "وفا",
    "\u200c",
]
PIECES += [
    "\u064b",
    "ـ",
    "٪",
    "新华社",
    "é",
    "ﷺ",
    "İ",
    "ß",
    "\U0001f600",
    "<b>",
    "&amp;",
    "12 ",
    "EFE",
    "Le Monde",
    "«",
]
REGISTRY = SourceRegistry.load()
IDENTIFIER = LanguageIdentifier()


def credit(text: str, language: str = "en", **fields: str) -> tuple[SourceTag, ...]:
    article = Article(id="a", text=text, **fields)
    tags = credit_sources(article, prepare_fields(article, 20_000), language, REGISTRY)
    for tag in tags:
        whole = getattr(article, tag.evidence.field)
        assert whole[tag.evidence.start : tag.evidence.end] == tag.evidence.text
        assert tag.evidence.text
        assert 0 < tag.confidence <= 1
    assert len({(tag.source, tag.relation) for tag in tags}) == len(tags)
    return tags


def told(tags: tuple[SourceTag, ...]) -> list[tuple[str, str, str]]:
    return [(tag.source, tag.relation.value, tag.evidence.text) for tag in tags]


@pytest.mark.parametrize(("expected", "text"), SNIPPETS)
def test_conventions_and_homographs(expected: str, text: str) -> None:
    text = text.replace("\\n", "\n")
    article = Article(id="a", text=text)
    language = IDENTIFIER.identify(article, prepare_fields(article, 20_000))
    assert {tag.source for tag in credit(text, language)} == set(expected.split(",")) - {"-"}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "fr",
            "Selon l'agence de presse Abna, le ministre a reçu la délégation à Bagdad.",
            [("abna", "agency", "agence de presse Abna")],
        ),
        ("en", "BEIRUT (Reuters) — The army deployed.", [("reuters", "agency", "Reuters")]),
        ("fr", "(ABNA) : Le ministre a reçu la délégation.", [("abna", "agency", "ABNA")]),
        (
            "fa",
            "به گزارش خبرگزاري فارس به نقل از رويترز، نيروها از شهر خارج شدند.",
            [("fars", "agency", "خبرگزاري فارس"), ("reuters", "agency", "رويترز")],
        ),
        ("ar", "وفقا لما أفادته وكالة رويترز، انسحبت القوات.", [("reuters", "agency", "وكالة رويترز")]),
        ("ar", "وقال مسؤول لرُويترز إن القوات انسحبت.", [("reuters", "agency", "رُويترز")]),
        ("es", "BOGOTÁ, 14 nov (EFE).- El Gobierno acordó una tregua.", [("efe", "agency", "EFE")]),
        ("tr", "AA'nın haberine göre iki ülke anlaştı.", [("anadolu", "agency", "AA")]),
        ("ru", "Об этом сообщает ТАСС.", [("tass", "agency", "ТАСС")]),
        (
            "fr",
            "Le ministre part.\nUn autre vient.\nSource : Press TV",
            [("presstv", "publisher", "Press TV")],
        ),
        ("und", "KUALA LUMPUR, 5 Mei (Bernama) -- Menteri.", [("bernama", "agency", "Bernama")]),
    ],
)
def test_evidence_is_the_name_as_written(
    language: str, text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert told(credit(text, language)) == expected


def test_a_quotation_far_down_is_cited() -> None:
    text = "TEHRAN (Tasnim) – The minister spoke.\n" + "He said more about the port. " * 40
    tags = credit(text + "\nReuters reported that the talks went on.")
    assert told(tags) == [("tasnim", "agency", "Tasnim"), ("reuters", "cited", "Reuters")]


def test_a_credited_agency_is_not_cited_too() -> None:
    text = (
        "BEIRUT (Reuters) - The army deployed.\n"
        + "It rained. " * 100
        + "\nHe told Reuters that he would stay."
    )
    assert told(credit(text)) == [("reuters", "agency", "Reuters")]


def test_metadata_names_the_publisher() -> None:
    tags = credit(
        "Selon l'agence de presse Abna, le ministre est parti.",
        "fr",
        publisher="Le Monde, avec Reuters",
        url="https://WWW.LeMonde.fr/international/1.html",
    )
    assert told(tags) == [
        ("lemonde", "publisher", "Le Monde"),
        ("reuters", "publisher", "Reuters"),
        ("abna", "agency", "agence de presse Abna"),
    ]
    assert tags[0].evidence.field == "publisher"
    only_url = credit("Le ministre est parti.", "fr", url="https://WWW.LeMonde.fr/international/1.html")
    assert told(only_url) == [("lemonde", "publisher", "WWW.LeMonde.fr")]
    assert only_url[0].evidence.field == "url"


def test_a_syndicated_text_has_both_its_publisher_and_its_agency() -> None:
    tags = credit("PARIS (AFP) - Le ministre est parti.", "fr", publisher="Ouest-France")
    assert [(tag.source, tag.relation) for tag in tags] == [
        ("ouestfrance", Relation.PUBLISHER),
        ("afp", Relation.AGENCY),
    ]


def test_one_name_of_two_sources_goes_by_place_or_publisher() -> None:
    assert told(credit("ALGER, 5 mai (APS) - Le ministre algérien est parti.", "fr"))[0][0] == "aps"
    assert (
        told(credit("Kédougou, 2 juin (APS) – Le district va lancer une campagne.", "fr"))[0][0] == "aps-sn"
    )
    known = credit("THIÈS, 2 juin (APS) - Une visite.", "fr", url="https://aps.sn/1")
    assert {tag.source for tag in known} == {"aps-sn"}


def test_one_name_of_several_sources_is_credited_to_none_without_a_hint() -> None:
    assert credit("La réforme avance. Selon La Presse, la ministre démissionnera.", "fr") == ()
    tags = credit("MONTRÉAL. Selon La Presse, la ministre démissionnera. Le Québec attend.", "fr")
    assert [tag.source for tag in tags] == ["lapresse-ca"]


def test_the_title_may_carry_the_credit() -> None:
    tags = credit("The army deployed in the south.", title="Army deploys in the south - Reuters")
    assert told(tags) == [("reuters", "agency", "Reuters")]
    assert tags[0].evidence.field == "title"


def test_an_acronym_that_the_text_explains_is_what_the_text_says() -> None:
    text = "The Armed Forces of the Philippines (AFP) sailed. The AFP said so, and told the AFP's allies."
    assert credit(text) == ()


def test_there_is_no_source_in_a_text_that_names_none() -> None:
    assert credit("The foreign ministers met in Muscat on Tuesday.") == ()


@pytest.mark.parametrize(
    "unit",
    [
        "Reuters ",
        "(",
        "selon ",
        "AFP, ",
        "(AFP) ",
        "Sana ",
        "Le Monde\n",
        "a",
        "selon l'",
        "AP said ",
        "\n",
        "وكالة ",
        "- ",
    ],
)
def test_twenty_thousand_characters_of_anything(unit: str) -> None:
    for language in ("fr", "ar", "zh"):
        assert len(credit((unit * 20_000)[:20_000], language)) <= 3


@pytest.mark.parametrize("unit", ["新华社", "AFP\n", "(AFP) ", "Reuters "])
def test_work_grows_no_faster_than_the_publisher(unit: str) -> None:
    def work(chars: int) -> int:
        publisher = (unit * chars)[:chars]
        return count_calls(lambda: credit("A report.", publisher=publisher))

    work(10)
    assert work(1_600) < 3 * work(800)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=40,
    ).map("".join),
    st.sampled_from(["fr", "en", "ar", "fa", "es", "zh", "und"]),
)
def test_evidence_lies_in_the_article(text: str, language: str) -> None:
    credit(text, language)


def test_phrases_match_folded_text_and_whole_words() -> None:
    patterns = CreditPatterns.of(
        CreditPhrases(nouns=["agence"], attributions=["d'après"], cues_after=["écrit"])
    )
    assert patterns.attribution.search("d'apres ")
    assert not patterns.attribution.search("xd'apres ")
    assert patterns.noun.search("l'agence officielle syrienne ")
    assert not patterns.noun.search("l'agencement officiel ")
    assert patterns.cue_behind.search(" a donc ecrit lundi")
