"""Countries, cities, bodies and office holders that the entities of an article are linked to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from workers.contract.records import Article, Entity, EntityType
from workers.enrich.entities import EntityKnowledge, recognise_entities
from workers.enrich.entities.knowledge import DATA_DIRECTORY
from workers.enrich.entities.linking import CountryNames, Link, Named, link
from workers.enrich.entities.places import Cities, fold_place
from workers.enrich.pipeline import Pipeline
from workers.enrich.sources import credit_sources
from workers.enrich.text import prepare_fields

PERSON, ORGANIZATION, LOCATION = EntityType.PERSON, EntityType.ORGANIZATION, EntityType.LOCATION
TRIPOLI_LIBYA, TRIPOLI_LEBANON = 2210247, 266826
RUSSIAN_ENDINGS = ["а", "у", "ом", "е", "ы", "и", "ия", "ии", "ию", "ией", "ая", "ой", "ую"]

LinkAll = Callable[..., list[Link]]


@pytest.fixture(scope="session")
def knowledge(pipeline: Pipeline) -> EntityKnowledge:
    return pipeline.entity_knowledge


@pytest.fixture(scope="session")
def link_all(knowledge: EntityKnowledge) -> LinkAll:
    def links(*named: Named, language: str = "en") -> list[Link]:
        rules = knowledge.rules(language)
        assert rules is not None
        return link(named, rules.countries, rules.gazetteer)

    return links


@pytest.fixture(scope="session")
def recognise(pipeline: Pipeline) -> Callable[[str, str], dict[str, Entity]]:
    def entities_of(text: str, language: str) -> dict[str, Entity]:
        article = Article(id="a", text=text)
        fields = prepare_fields(article, 20_000)
        sources = credit_sources(article, fields, language, pipeline.registry)
        with pipeline.memory_zone():
            parses = pipeline.parsers.parse(fields, language)
            entities = recognise_entities(parses, language, sources, pipeline.entity_knowledge)
        return {entity.name: entity for entity in entities}

    return entities_of


def place(name: str, *beside: str, country: str | None = None) -> Named:
    return Named(LOCATION, (name,), country=country, beside=beside)


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("régime sioniste", "ISR"),
        ("entité sioniste", "ISR"),
        ("Zionist regime", "ISR"),
        ("الكيان الصهيوني", "ISR"),
        ("رژیم صهیونیستی", "ISR"),
        ("رژيم صهيونيستي", "ISR"),
        ("France", "FRA"),
        ("the United States", None),
    ],
)
def test_names_that_many_languages_share_are_countries(
    link_all: LinkAll, name: str, country: str | None
) -> None:
    assert link_all(place(name))[0].country == country


def test_a_countrys_name_is_found_in_any_inflection_and_spelling() -> None:
    names = CountryNames(
        [("Россия", "RUS"), ("Саудовская Аравия", "SAU"), ("Иран", "IRN"), ("Ирак", "IRQ"), ("Мали", "MLI")],
        RUSSIAN_ENDINGS,
    )
    for form, country in [
        ("России", "RUS"),
        ("Саудовской Аравии", "SAU"),
        ("Ираном", "IRN"),
        ("Ираке", "IRQ"),
    ]:
        assert names.find(form) == country
    assert names.find("Ира") is None
    assert CountryNames([("ایران", "IRN"), ("سوريا", "SYR")]).find("سوریا") == "SYR"


def test_two_countries_of_one_stem_are_none() -> None:
    names = CountryNames([("Нигера", "NER"), ("Нигеры", "NGA")], ["а", "ы", "у"])
    assert names.find("Нигеру") is None
    assert names.find("Нигера") == "NER"


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Kremlin", "RUS"),
        ("Елисейский дворец", "FRA"),
        ("البيت الأبيض", "USA"),
        ("کاخ سفید", "USA"),
        ("Palácio do Eliseu", "FRA"),
        ("克里姆林宫", "RUS"),
    ],
)
def test_seats_of_government_have_their_country(link_all: LinkAll, name: str, country: str) -> None:
    assert link_all(Named(ORGANIZATION, (name,)))[0].country == country


@pytest.mark.parametrize(
    ("name", "wikidata"),
    [
        ("UN", "Q1065"),
        ("ООН", "Q1065"),
        ("الأمم المتحدة", "Q1065"),
        ("سازمان ملل متحد", "Q1065"),
        ("联合国", "Q1065"),
        ("NATO", "Q7184"),
        ("OTAN", "Q7184"),
        ("ناتو", "Q7184"),
        ("Hizbullah", "Q41053"),
        ("حزب‌الله", "Q41053"),
        ("МАГАТЭ", "Q41984"),
        ("AIEA", "Q41984"),
        ("RSF", None),
        ("un", None),
        ("Hamas", None),
        ("Nobody's Council", None),
    ],
)
def test_bodies_have_their_id_when_the_name_is_theirs_alone(
    link_all: LinkAll, name: str, wikidata: str | None
) -> None:
    assert link_all(Named(ORGANIZATION, (name,)))[0].wikidata == wikidata


@pytest.mark.parametrize(
    ("name", "wikidata"),
    [
        ("Benjamin Netanyahu", "Q43723"),
        ("Benyamin Netanyahou", "Q43723"),
        ("بنيامين نتنياهو", "Q43723"),
        ("Биньямин Нетаньяху", "Q43723"),
        ("Netanyahu", "Q43723"),
        ("Sara Netanyahu", None),
        ("Mojtaba Khamenei", "Q2919350"),
        ("علی خامنه‌ای", "Q57336"),
        ("习近平", "Q15031"),
        ("Volodymyr Zelenskiy", "Q3874799"),
        ("John Smith", None),
    ],
)
def test_office_holders_have_their_id(link_all: LinkAll, name: str, wikidata: str | None) -> None:
    assert link_all(Named(PERSON, (name,)))[0].wikidata == wikidata


def test_a_person_whose_country_is_another_is_no_office_holder(link_all: LinkAll) -> None:
    found = link_all(Named(PERSON, ("Donald Trump",), country="GBR"))[0]
    assert (found.country, found.wikidata) == ("GBR", None)
    assert found.key == link_all(Named(PERSON, ("Дональд Трамп",)))[0].key


def test_a_common_name_needs_its_country_in_the_article(link_all: LinkAll) -> None:
    wang = Named(PERSON, ("Wang Yi",))
    assert link_all(wang)[0].wikidata is None
    assert link_all(wang, place("China"))[0].wikidata == "Q701801"
    assert link_all(wang, place("Taiwan"))[0].wikidata is None


@pytest.mark.parametrize("name", ["Baghdad", "Bagdad", "بغداد", "Багдад", "巴格达", "बगदाद", "Bağdat"])
def test_a_city_is_found_in_every_script(link_all: LinkAll, name: str) -> None:
    found = link_all(place(name))[0]
    assert (found.country, found.geonames) == ("IRQ", 98182)
    assert found.latitude == pytest.approx(33.34, abs=0.01)
    assert found.longitude == pytest.approx(44.4, abs=0.01)


def test_the_country_beside_a_city_decides(link_all: LinkAll) -> None:
    assert link_all(place("Tripoli", country="LBY"))[0].geonames == TRIPOLI_LIBYA
    assert link_all(place("Tripoli", "Lebanon", country="LBY"))[0] == Link(
        "LBN", geonames=TRIPOLI_LEBANON, latitude=34.43352, longitude=35.84415
    )
    beside_texas = link_all(place("Paris", "Texas", country="FRA"))[0]
    assert (beside_texas.country, beside_texas.geonames) == ("USA", 4717560)
    idaho = link_all(place("Moscow", "Idaho", country="RUS"))[0]
    assert (idaho.country, idaho.geonames) == ("USA", 5601538)
    ohio = link_all(place("Moscow", "Ohio", country="RUS"))[0]
    assert (ohio.country, ohio.geonames) == ("USA", None)


def test_the_country_that_an_article_is_about_decides(link_all: LinkAll) -> None:
    lebanon = Named(LOCATION, ("Lebanon",), mentions=3)
    assert link_all(place("Tripoli", country="LBY"), lebanon)[0].geonames == TRIPOLI_LEBANON
    assert (
        link_all(place("Paris", country="FRA"), Named(LOCATION, ("United States",), mentions=9))[0].country
        == "FRA"
    )
    assert (
        link_all(place("Tripoli", country="LBY"), lebanon, Named(LOCATION, ("Libya",)))[0].geonames
        == TRIPOLI_LIBYA
    )


def test_a_name_that_several_cities_bear_stays_open(link_all: LinkAll) -> None:
    assert link_all(place("Valencia"))[0].geonames is None
    assert link_all(place("Valencia"), place("Venezuela"))[0].country == "VEN"


def test_a_capital_stands_for_its_country_in_every_script(
    link_all: LinkAll, knowledge: EntityKnowledge
) -> None:
    capitals = [
        ("واشنطن", "USA"),
        ("واشنگتن", "USA"),
        ("Вашингтон", "USA"),
        ("Téhéran", "IRN"),
        ("北京", "CHN"),
    ]
    for name, country in capitals:
        known = knowledge.country_of_name(name, "en")
        assert link_all(place(name, country=known))[0].country == country, name


def test_a_small_city_counts_only_where_its_country_is_named(link_all: LinkAll) -> None:
    assert link_all(place("Naqadeh"))[0].geonames is None
    assert link_all(place("Naqadeh"), place("Iran"))[0].country == "IRN"


def test_a_region_is_no_city_and_a_country_no_neighbour_of_a_country(link_all: LinkAll) -> None:
    assert link_all(place("Ontario"), Named(LOCATION, ("United States",), mentions=5))[0].geonames is None
    assert link_all(place("Iran", "Iraq", country="IRN"))[0].country == "IRN"


def test_jerusalem_has_a_place_and_no_country(link_all: LinkAll) -> None:
    found = link_all(place("Jerusalem"))[0]
    assert (found.country, found.geonames) == (None, 281184)


def test_links_do_not_depend_on_what_was_linked_before(link_all: LinkAll) -> None:
    named = [place("Tripoli", "Lebanon"), place("Beirut"), Named(PERSON, ("Joseph Aoun",))]
    assert link_all(*named) == link_all(*named)
    assert link_all() == []


def test_without_the_package_there_are_no_cities() -> None:
    assert len(Cities(())) == 0
    assert Cities(()).named("Baghdad") == ()


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Téhéran", "teheran"), ("  Al-Ḥasakah ", "al hasakah"), ("رژيم", "رژیم"), ("", ""), ("—", "")],
)
def test_places_are_folded(name: str, folded: str) -> None:
    assert fold_place(name) == folded


def test_every_language_shares_one_list_of_bodies_and_cities(knowledge: EntityKnowledge) -> None:
    gazetteers = set()
    for language in knowledge.languages:
        rules = knowledge.rules(language)
        assert rules is not None
        gazetteers.add(id(rules.gazetteer))
    assert gazetteers == {id(knowledge.gazetteer)}
    assert knowledge.country_of_name("Kremlin", "en") == "RUS"


def test_the_lists_have_ids_enough_and_each_once() -> None:
    for name, least in (("people", 60), ("organisations", 60)):
        entries = yaml.safe_load((DATA_DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8"))
        ids = [entry["wikidata"] for entry in entries if "wikidata" in entry]
        assert len(ids) == len(set(ids)) >= least
        assert all(entry["names"] for entry in entries)


def test_a_text_is_linked_through(recognise: Callable[[str, str], dict[str, Entity]]) -> None:
    found = recognise(
        "À Tripoli, au Liban, le président Joseph Aoun a reçu Qasim al-Araji. "
        "Le Hezbollah et le Programme alimentaire mondial ont salué Qassem al-Araji.",
        "fr",
    )
    assert (found["Tripoli"].country, found["Tripoli"].geonames) == ("LBN", TRIPOLI_LEBANON)
    assert found["Hezbollah"].wikidata == "Q41053"
    assert found["Programme alimentaire mondial"].wikidata == "Q204344"
    assert [mention.text for mention in found["Qasim al-Araji"].mentions] == [
        "Qasim al-Araji",
        "Qassem al-Araji",
    ]
    assert found["Qasim al-Araji"].key == "qasim-arj"


def test_people_whose_names_differ_in_vowels_are_two(
    recognise: Callable[[str, str], dict[str, Entity]],
) -> None:
    found = recognise("Mrs Maria Rossi met Mr Mario Rossi in Rome. Maria Rossi left.", "en")
    assert {"Maria Rossi", "Mario Rossi"} <= set(found)
