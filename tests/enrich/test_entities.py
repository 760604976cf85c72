"""Golden sentences per language, how mentions are joined, and what holds for every article."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from work import count_calls

from workers.contract.records import Article, Entity, EntityType
from workers.enrich.entities import EntityKnowledge, recognise_entities
from workers.enrich.pipeline import Pipeline
from workers.enrich.sources import credit_sources
from workers.enrich.text import prepare_fields

DATA = Path(__file__).parent / "data"
MARKED = re.compile(r"\[(PER|ORG|LOC) ([^\]]*)\]")
TYPES = {"PER": EntityType.PERSON, "ORG": EntityType.ORGANIZATION, "LOC": EntityType.LOCATION}

Recognise = Callable[..., tuple[Entity, ...]]


@dataclass
class Golden:
    language: str
    lines: list[str] = field(default_factory=list)
    entities: list[list[str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return MARKED.sub(r"\2", "\n".join(self.lines))

    @property
    def mentions(self) -> set[tuple[int, int, EntityType]]:
        found, shift = set(), 0
        for match in MARKED.finditer("\n".join(self.lines)):
            start = match.start() - shift
            found.add((start, start + len(match[2]), TYPES[match[1]]))
            shift += len(match[0]) - len(match[2])
        return found


def read_golden(language: str) -> list[Golden]:
    articles = [Golden(language)]
    for line in (DATA / f"entities.{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line:
            articles.append(Golden(language))
        elif line.startswith("= "):
            articles[-1].entities.append([part.strip() for part in line[2:].split("|")])
        else:
            articles[-1].lines.append(line)
    return [article for article in articles if article.lines]


GOLDEN = [article for language in ("fr", "en") for article in read_golden(language)]


@pytest.fixture(scope="session")
def recognise(pipeline: Pipeline) -> Recognise:
    def entities_of(text: str, language: str, title: str | None = None) -> tuple[Entity, ...]:
        article = Article(id="a", text=text, title=title)
        fields = prepare_fields(article, 20_000)
        sources = credit_sources(article, fields, language, pipeline.registry)
        with pipeline.memory_zone():
            parses = pipeline.parsers.parse(fields, language)
            return recognise_entities(parses, language, sources, pipeline.entity_knowledge)

    return entities_of


@pytest.fixture(scope="session")
def knowledge(pipeline: Pipeline) -> EntityKnowledge:
    return pipeline.entity_knowledge


def by_name(entities: tuple[Entity, ...]) -> dict[str, Entity]:
    return {entity.name: entity for entity in entities}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.language}: {golden.text[:40]}")
def test_golden_sentences(golden: Golden, recognise: Recognise) -> None:
    entities = recognise(golden.text, golden.language)
    have = {(m.start, m.end, entity.type) for entity in entities for m in entity.mentions}
    shown = {(golden.text[start:end], kind) for start, end, kind in have}
    wanted = {(golden.text[start:end], kind) for start, end, kind in golden.mentions}
    assert shown == wanted
    assert have == golden.mentions
    for name, role, country, mentions in golden.entities:
        entity = by_name(entities)[name]
        assert (entity.role or "-", entity.country or "-") == (role, country), name
        assert len(entity.mentions) == int(mentions), name


def test_title_and_text_share_one_set_of_entities(recognise: Recognise) -> None:
    entities = recognise(
        "Le président Amadou Koné a quitté Bamako. M. Koné reviendra lundi.", "fr", title="Koné quitte Bamako"
    )
    assert [(entity.id, entity.name) for entity in entities] == [("e1", "Amadou Koné"), ("e2", "Bamako")]
    assert [(m.field, m.text) for m in entities[0].mentions] == [
        ("title", "Koné"),
        ("text", "Amadou Koné"),
        ("text", "Koné"),
    ]


def test_a_surname_means_the_last_person_named_with_it(recognise: Recognise) -> None:
    text = (
        "Senator Alice Brandt criticised the plan. Brandt voted against it.\n"
        "Her brother Thomas Brandt disagreed. Brandt called it a good plan."
    )
    people = by_name(recognise(text, "en"))
    assert [m.text for m in people["Alice Brandt"].mentions] == ["Alice Brandt", "Brandt"]
    assert [m.text for m in people["Thomas Brandt"].mentions] == ["Thomas Brandt", "Brandt"]


@pytest.mark.parametrize(
    ("text", "language", "name", "mentions"),
    [
        ("ÉMILE GARNIER. Le maire Émile Garnier a parlé. Emile Garnier a ri.", "fr", "Émile Garnier", 3),
        ("Dr Lena Fischer-Roth spoke. Mrs Fischer-Roth left for Paris.", "en", "Lena Fischer-Roth", 2),
        ("Mr Paul R. Novak paid. Later Mr Paul Novak and Mr Novak denied it.", "en", "Paul R. Novak", 3),
        (
            "L'Union africaine (UA) se réunit. L'UA a voté. Union africaine, encore.",
            "fr",
            "Union africaine",
            4,
        ),
        ("U.S. troops left. The United States said so; America agreed.", "en", "U.S.", 3),
        (
            "Le ministre Karim al-Hadi a parlé. Al-Hadi est parti. M. al-Hadi reviendra.",
            "fr",
            "Karim al-Hadi",
            3,
        ),
    ],
)
def test_variants_of_a_name_are_one_entity(
    recognise: Recognise, text: str, language: str, name: str, mentions: int
) -> None:
    assert len(by_name(recognise(text, language))[name].mentions) == mentions


def test_a_name_seen_with_a_title_is_a_person_everywhere(recognise: Recognise) -> None:
    text = "Selon Orsenna, rien ne presse. M. Orsenna l'a répété. Mme Orsenna aussi. À Orsenna de jouer."
    man, woman = recognise(text, "fr")
    assert (man.type, woman.type) == (EntityType.PERSON, EntityType.PERSON)
    assert [m.start for m in woman.mentions] == [text.index("Mme ") + 4]


@pytest.mark.parametrize(
    ("language", "text", "people"),
    [
        (
            "fr",
            "Jean Morel et son épouse Claire Morel sont à Rome. M. Morel a parlé. Mme Morel a souri.",
            {"Jean Morel": ["Jean Morel", "Morel"], "Claire Morel": ["Claire Morel", "Morel"]},
        ),
        (
            "en",
            "Mr Smith and Mrs Smith were arrested. John Smith denied it. Mary Smith was released.",
            {"John Smith": ["Smith", "John Smith"], "Mary Smith": ["Smith", "Mary Smith"]},
        ),
        (
            "en",
            "Mr Harrow and Mrs Harrow were arrested. Mr Harrow denied it.",
            {"Harrow": ["Harrow"]},
        ),
    ],
)
def test_a_man_and_a_woman_of_one_surname_are_two_people(
    recognise: Recognise, language: str, text: str, people: dict[str, list[str]]
) -> None:
    found = [entity for entity in recognise(text, language) if entity.type is EntityType.PERSON]
    assert len(found) == 2
    for name, mentions in people.items():
        assert [m.text for m in by_name(tuple(found))[name].mentions] == mentions


def test_a_surname_without_a_bearer_is_told_by_the_form_of_address(recognise: Recognise) -> None:
    people = recognise("Mr Harrow and Mrs Harrow were arrested. Mr Harrow denied it.", "en")
    assert [[m.start for m in person.mentions] for person in people] == [[3, 43], [18]]


@pytest.mark.parametrize(
    "text",
    [
        "M. Damas, de Toulouse, a critiqué Damas.",
        "Un voyage à Damas attend Mme Damas.",
    ],
)
def test_a_person_may_be_called_like_a_city(recognise: Recognise, text: str) -> None:
    entities = [entity for entity in recognise(text, "fr") if entity.name == "Damas"]
    assert {(entity.type, entity.country) for entity in entities} == {
        (EntityType.PERSON, None),
        (EntityType.LOCATION, "SYR"),
    }


@pytest.mark.parametrize(
    ("language", "text", "bodies"),
    [
        (
            "fr",
            "Le Sénat américain a voté la loi. Le Sénat a siégé tard. Hier, le Sénat français l'a rejetée.",
            [("USA", 2), ("FRA", 1)],
        ),
        (
            "en",
            "Russia's Foreign Ministry protested. Iran's Foreign Ministry agreed. The Foreign Ministry left.",
            [("RUS", 1), ("IRN", 2)],
        ),
        ("en", "FIFA and UEFA met. The CIA and the NSA met.", [(None, 1), (None, 1), ("USA", 1), ("USA", 1)]),
    ],
)
def test_two_bodies_are_two_entities(
    recognise: Recognise, language: str, text: str, bodies: list[tuple[str | None, int]]
) -> None:
    entities = recognise(text, language)
    found = [entity for entity in entities if entity.type is EntityType.ORGANIZATION]
    assert [(entity.country, len(entity.mentions)) for entity in found] == bodies


@pytest.mark.parametrize(
    ("language", "text", "role", "country"),
    [
        ("fr", "Le président sud-soudanais Peter Kuol est arrivé.", "président sud-soudanais", "SSD"),
        ("en", "The Equatorial Guinean minister Sam Kua left.", "Equatorial Guinean minister", "GNQ"),
        ("en", "The Northern Irish minister Ann Dow left.", "Northern Irish minister", "GBR"),
        ("fr", "Le ministre sud-africain Thabo Nkosi est arrivé.", "ministre sud-africain", "ZAF"),
        ("en", "South Sudanese President Peter Kuol arrived.", "South Sudanese President", "SSD"),
        ("en", "The North Korean general Kim Jin Su arrived.", "North Korean general", "PRK"),
        ("en", "The Turkish-Cypriot leader Ersin Kaya arrived.", "Turkish-Cypriot leader", "CYP"),
        ("en", "BEIRUT — A Hezbollah commander, Ali Mansour, was killed.", "Hezbollah commander", "LBN"),
        ("fr", "Il a vu son avocat Me Paul Girard.", "avocat", None),
    ],
)
def test_roles_and_their_country(
    recognise: Recognise, language: str, text: str, role: str, country: str | None
) -> None:
    (person,) = (entity for entity in recognise(text, language) if entity.type is EntityType.PERSON)
    assert (person.role, person.country) == (role, country)


@pytest.mark.parametrize("text", ["British UN envoy Tim Hall spoke.", "The Russian NATO envoy left."])
def test_a_body_of_many_countries_is_none_of_theirs(recognise: Recognise, text: str) -> None:
    bodies = [entity for entity in recognise(text, "en") if entity.type is EntityType.ORGANIZATION]
    assert [(entity.name in ("UN", "NATO"), entity.country) for entity in bodies] == [(True, None)]


def test_a_source_named_again_is_one_organisation(recognise: Recognise) -> None:
    text = "Selon l'agence Tasnim, le général est parti. Tasnim précise que son adjoint le remplace."
    sources = [entity for entity in recognise(text, "fr") if entity.name == "Tasnim"]
    assert [(entity.country, len(entity.mentions)) for entity in sources] == [("IRN", 2)]


def test_initials_that_a_dateline_credits_are_an_organisation(recognise: Recognise) -> None:
    entities = by_name(recognise("DAKAR (APS) - Le ministre Moussa Diallo a démissionné à Dakar.", "fr"))
    assert (entities["APS"].type, entities["APS"].country) == (EntityType.ORGANIZATION, "SEN")


def test_a_source_that_the_article_credits_is_an_organisation(recognise: Recognise) -> None:
    entities = by_name(recognise("MADRID (EFE) - Le gouvernement espagnol a réagi.", "fr"))
    assert entities["EFE"].type is EntityType.ORGANIZATION
    assert entities["MADRID"].country == "ESP"


def test_nothing_to_read_has_no_entities(knowledge: EntityKnowledge) -> None:
    assert recognise_entities((), "fr", (), knowledge) == ()


@pytest.mark.parametrize(
    ("text", "language", "name", "kind", "country"),
    [
        ("أعلنت الحكومة العراقية في بغداد أن اللقاء تأجل.", "ar", "بغداد", EntityType.LOCATION, "IRQ"),
        ("وقال الوزير إنه سيسافر لبغداد غدا.", "ar", "بغداد", EntityType.LOCATION, "IRQ"),
        ("سخنگوی وزارت خارجه ایران در تهران سخن گفت.", "fa", "تهران", EntityType.LOCATION, "IRN"),
        ("El ministro viajó a Bagdad el lunes.", "es", "Bagdad", EntityType.LOCATION, "IRQ"),
        ("Der Minister sprach am Montag in Berlin.", "de", "Berlin", EntityType.LOCATION, "DEU"),
        ("Министр прилетел в Москву.", "ru", "Москву", EntityType.LOCATION, "RUS"),
        ("Bakan Ankara'da konuştu.", "tr", "Ankara", EntityType.LOCATION, "TUR"),
        ("外交部长在北京会见了代表团。", "zh", "北京", EntityType.LOCATION, "CHN"),
        ("प्रधानमंत्री ने दिल्ली में बैठक की।", "hi", "दिल्ली", EntityType.LOCATION, "IND"),
    ],
)
def test_places_in_many_languages(
    recognise: Recognise, text: str, language: str, name: str, kind: EntityType, country: str
) -> None:
    found = {(entity.name, entity.type, entity.country) for entity in recognise(text, language)}
    assert (name, kind, country) in found


@pytest.mark.parametrize(
    ("name", "language", "country", "sector"),
    [
        ("Irak", "fr", "IRQ", None),
        ("l'Iran", "fr", "IRN", None),
        ("les États-Unis", "fr", "USA", None),
        ("ETATS-UNIS", "fr", "USA", None),
        ("the United Kingdom", "en", "GBR", None),
        ("Washington", "en", "USA", None),
        ("Pékin", "fr", "CHN", None),
        ("l'entité sioniste", "fr", "ISR", None),
        ("Kremlin", "en", "RUS", "GOV"),
        ("CGRI", "fr", "IRN", "MIL"),
        ("IRGC", "en", "IRN", "MIL"),
        ("Hamas", "fr", "PSE", "REB"),
        ("UN", "en", None, "IGO"),
        ("Reuters", "en", "GBR", "MED"),
        ("Senate", "en", None, "LEG"),
        ("Atlantis", "en", None, None),
        ("Irak", "xx", None, None),
    ],
)
def test_known_names(
    knowledge: EntityKnowledge, name: str, language: str, country: str | None, sector: str | None
) -> None:
    assert knowledge.country_of_name(name, language) == country
    assert knowledge.sector_of_name(name, language) == sector


@pytest.mark.parametrize(
    ("word", "language", "country"),
    [
        ("iranienne", "fr", "IRN"),
        ("Iraniens", "fr", "IRN"),
        ("turque", "fr", "TUR"),
        ("grecques", "fr", "GRC"),
        ("sud-coréen", "fr", "KOR"),
        ("européen", "fr", None),
        ("Iraqi", "en", "IRQ"),
        ("Frenchman", "en", "FRA"),
        ("South Korean", "en", "KOR"),
        ("Danes", "en", "DNK"),
        ("table", "en", None),
    ],
)
def test_adjectives_of_nationality(
    knowledge: EntityKnowledge, word: str, language: str, country: str | None
) -> None:
    assert knowledge.country_of_demonym(word, language) == country


@pytest.mark.parametrize("unit", ["ABC DEF ", "Mr Smith and Mrs Smith, ", "Al-", "FRANCE ", "Senate "])
def test_work_grows_no_faster_than_the_text(pipeline: Pipeline, unit: str) -> None:
    def work(chars: int) -> int:
        fields = prepare_fields(Article(id="a", text=(unit * chars)[:chars]), 20_000)
        with pipeline.memory_zone():
            parses = pipeline.parsers.parse(fields, "en")
            return count_calls(lambda: recognise_entities(parses, "en", (), pipeline.entity_knowledge))

    assert work(8_000) < 3 * work(4_000)


PIECES = [
    "M. ",
    "le général ",
    "Prime Minister ",
    "Qasim al-Araji",
    "al-",
    "Al-Araji",
    "Pakpour",
    "Iran",
    "l'Iran",
    "U.S.",
    "(CGRI)",
    "CGRI",
    "the ",
    "de la ",
    "Conseil de sécurité",
    "Jean-",
    "PARIS",
    ", ",
    ". ",
    "\n",
    " - ",
    "'s ",
    "« ",
    " »",
    "/",
    " et ",
    "and ",
    "IRAN",
    "  ",
    "0",
    "é",
    "\u200d",
    "\u00a0",
    "<b>",
    "&amp;",
    "said ",
    "ministre des ",
    "New York",
    "O’",
    "bin ",
    "Mme ",
    "a déclaré ",
    "Reuters",
    "régime sioniste",
    "place ",
    "中国",
    "محمد",
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join),
    title=st.none() | st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    language=st.sampled_from(["fr", "en"]),
)
def test_mentions_are_exact_and_apart(
    recognise: Recognise, text: str, title: str | None, language: str
) -> None:
    entities = recognise(text, language, title=title)
    assert [entity.id for entity in entities] == [f"e{n}" for n in range(1, len(entities) + 1)]
    originals = {"title": title or "", "text": text}
    spans = sorted((m.field, m.start, m.end) for entity in entities for m in entity.mentions)
    for entity in entities:
        assert entity.mentions
        assert list(entity.mentions) == sorted(entity.mentions, key=lambda m: (m.field == "text", m.start))
        for mention in entity.mentions:
            assert originals[mention.field][mention.start : mention.end] == mention.text
            assert mention.text == mention.text.strip()
            assert "\n" not in mention.text
    for (field_a, _, end), (field_b, start, _) in pairwise(spans):
        assert field_a != field_b or end <= start
    firsts = [(m.field == "text", m.start) for m in (entity.mentions[0] for entity in entities)]
    assert firsts == sorted(firsts)
