"""Credits are found where agencies write them, and homographs are left alone."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from work import count_calls

from tests.quality.sources import Judged, judge, load_snippets, share
from workers.contract.records import Article, Relation, SourceTag
from workers.enrich.credits import CreditPatterns, CreditPhrases
from workers.enrich.folding import fold_phrase
from workers.enrich.language import LanguageIdentifier
from workers.enrich.registry import SourceRegistry
from workers.enrich.sources import credit_sources
from workers.enrich.text import prepare_fields

# Of all texts, of those that patterns were made with, and of those that no pattern has seen.
SHARE, SEEN_SHARE, UNSEEN_SHARE = 97.0, 98.5, 85.0
LAYERS_SHARE = 95.0
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


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [judge(snippet, REGISTRY, IDENTIFIER) for snippet in load_snippets()]


def test_conventions_and_homographs(judged: list[Judged]) -> None:
    seen = [one for one in judged if one.snippet.part == "seen"]
    unseen = [one for one in judged if one.snippet.part == "unseen"]
    assert len(seen) >= 1000
    assert len(unseen) >= 60
    assert share(judged) >= SHARE
    assert share(seen) >= SEEN_SHARE, [one.snippet.article.text for one in seen if not one.exact]
    assert share(unseen) >= UNSEEN_SHARE


def test_each_source_has_its_layer(judged: list[Judged]) -> None:
    told = [one for one in judged if one.layers_exact is not None]
    assert len(told) >= 400
    assert 100 * sum(bool(one.layers_exact) for one in told) / len(told) >= LAYERS_SHARE


def test_snippets_name_known_sources_in_twenty_languages(judged: list[Judged]) -> None:
    assert frozenset().union(*(one.snippet.ids for one in judged)) <= REGISTRY.ids
    languages = Counter(one.snippet.language for one in judged if one.snippet.language)
    assert len(languages) == 20
    assert min(languages.values()) >= 15
    assert len({one.snippet.article for one in judged}) == len(judged)


def test_evidence_of_every_credit_is_its_place(judged: list[Judged]) -> None:
    for one in judged:
        for tag in one.tags:
            whole = getattr(one.snippet.article, tag.evidence.field)
            assert whole[tag.evidence.start : tag.evidence.end] == tag.evidence.text != ""


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ministry banned the broadcaster Press TV and closed the Cairo bureau of the BBC."),
        ("fr", "Le parquet a fait perquisitionner les locaux de la chaîne Al-Manar."),
        ("ar", "حظرت السلطات قناة المنار واعتقلت مديرها."),
        ("hi", "सरकार ने एनडीटीवी के प्रसारण पर रोक लगा दी।"),
    ],
)
def test_a_medium_that_something_is_done_to_is_no_source(language: str, text: str) -> None:
    assert credit(text, language) == ()


@pytest.mark.parametrize(
    ("language", "text", "source"),
    [
        ("en", "The ministry banned the party, state television Press TV reported.", "presstv"),
        ("en", "The court fined the firm, according to the sanctioned broadcaster Press TV.", "presstv"),
        ("tr", "Site kapatıldı. BBC'nin haberine göre karar dün alındı.", "bbc"),
    ],
)
def test_a_deed_does_not_unsay_a_credit(language: str, text: str, source: str) -> None:
    assert [tag.source for tag in credit(text, language)] == [source]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The memoir of a former BBC presenter comes out in May."),
        ("fr", "Le livre d'une ancienne journaliste de l'AFP sort en mai."),
        ("de", "Zwei Reporter der Deutschen Welle fehlen noch immer."),
    ],
)
def test_who_works_for_a_medium_makes_it_no_source(language: str, text: str) -> None:
    assert credit(text, language) == ()


def test_who_works_for_a_medium_and_is_told_something_makes_it_one() -> None:
    assert told(credit("« Rien », a répondu le maire à un journaliste de l'AFP.", "fr")) == [
        ("afp", "agency", "AFP")
    ]


def test_a_name_that_means_nothing_else_needs_no_phrase() -> None:
    assert told(credit("Bakan daha önce CNN'e dert yanmıştı.", "tr")) == [("cnn", "cited", "CNN")]
    assert credit("Bakanlık CNN'e ceza kesecek.", "tr") == ()


@pytest.mark.parametrize(
    ("language", "text", "source"),
    [
        ("es", "No viajará, confirmaron el martes a EFE fuentes del club.", "efe"),
        ("it", "«Nessun rinvio», ha detto il ministro all'Agi a margine.", "agi"),
        ("fa", "سخنگو به مهر گفت: پنج نفر مصدوم شدند.", "mehr"),
        ("tr", "Bakan, AA'ya dün sabah konuştu.", "anadolu"),
    ],
)
def test_whom_something_is_said_to_is_credited(language: str, text: str, source: str) -> None:
    assert [tag.source for tag in credit(text, language)] == [source]


def test_a_bracket_behind_the_place_is_a_dateline() -> None:
    assert told(credit("Hannover (epd). Die Landeskirche will 40 Gebäude verkaufen.", "de")) == [
        ("epd", "agency", "epd")
    ]
    assert credit("Die elektronische Patientenakte (epd) kommt.", "de") == ()


def test_initials_behind_a_full_name_are_its_own() -> None:
    tags = credit("Kwa mujibu wa shirika la habari la Kenya (KNA), mvua imenyesha.", "sw")
    assert [tag.source for tag in tags] == ["kna-ke"]


def test_somebody_with_a_sources_name_is_not_the_source() -> None:
    assert credit("Michael Bloomberg gave a speech. According to Bloomberg, cities must act.") == ()
    assert [tag.source for tag in credit("Rates will rise, according to Bloomberg.")] == ["bloomberg"]


def test_one_name_of_two_sources_goes_by_the_publishers_country() -> None:
    text = "(APS) - Le ministre a reçu une délégation."
    assert {tag.source for tag in credit(text, "fr", url="https://www.elwatan-dz.com/1")} >= {"aps"}
    assert {tag.source for tag in credit(text, "fr", url="https://www.seneweb.com/1")} >= {"aps-sn"}
    assert credit(text, "fr") == ()


def test_a_text_may_call_its_own_medium_by_name() -> None:
    assert told(credit("« Sud Ouest » reviendra sur ce dossier.", "fr")) == [
        ("sudouest", "publisher", "Sud Ouest")
    ]


def test_vowel_signs_of_indic_scripts_tell_words_apart() -> None:
    assert fold_phrase("ব্লক") not in fold_phrase("বাংলাকে")
    assert told(credit("চিকিৎসক বিবিসি বাংলাকে বলেন, ওষুধ শেষ।", "bn")) == [("bbc", "cited", "বিবিসি")]
    spelt = {told(credit(f"दो अधिकारियों ने {name} को बताया।", "hi"))[0][0] for name in ("रॉयटर्स", "रायटर्स")}
    assert spelt == {"reuters"}


def test_who_is_met_as_a_person_is_credited_by_no_bare_attribution() -> None:
    met = "تسنیم رضایی، کوهنورد، به قله رسید. "
    assert credit(met + "به گزارش تسنیم، هوا سرد بود.", "fa") == ()
    assert [tag.source for tag in credit(met + "به گزارش خبرگزاری تسنیم، هوا سرد بود.", "fa")] == ["tasnim"]


def test_names_carry_the_endings_of_their_language() -> None:
    assert told(credit("Как рассказали «Медузе» два депутата, срок перенесли.", "ru")) == [
        ("meduza", "cited", "Медузе")
    ]
    assert told(credit("Li gorî ajansa nûçeyan a Reutersê, şer rawestiya.", "ku")) == [
        ("reuters", "agency", "Reutersê")
    ]


def test_an_and_joins_a_name_to_a_credited_one() -> None:
    tags = credit("Издание сослалось на данные Reuters и AP, но подтверждения нет.", "ru")
    assert told(tags) == [("reuters", "agency", "Reuters"), ("ap", "cited", "AP")]


def test_agencies_beside_the_one_of_the_dateline_are_cited() -> None:
    tags = credit("BEIRUT (AFP) - The army deployed. A soldier told Reuters that he was tired.")
    assert told(tags) == [("afp", "agency", "AFP"), ("reuters", "cited", "Reuters")]


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
            [("fars", "agency", "خبرگزاري فارس"), ("reuters", "cited", "رويترز")],
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
