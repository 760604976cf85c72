"""The source registry is sound, and a broken file says what is wrong with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from babel import Locale

import workers.enrich
from workers.contract.schemas import build_validator, check_value
from workers.enrich.folding import fold
from workers.enrich.registry import RegistryError, Source, SourceRegistry

DATA = Path(workers.enrich.__file__).parent / "data"
FILES = sorted((DATA / "agencies").glob("*.yaml"))
SCHEMA = json.loads((DATA / "agencies.schema.json").read_text(encoding="utf-8"))
PLAIN = {"id": "x", "kind": "agency", "country": "FRA", "languages": ["fr"], "ownership": "state"}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Validator:
    return build_validator(SCHEMA, ())


@pytest.fixture(scope="module")
def registry() -> SourceRegistry:
    return SourceRegistry.load()


def source(**fields: Any) -> Source:
    return Source.model_validate({**PLAIN, "names": ["Agence X"], **fields})


def found(registry: SourceRegistry, text: str) -> list[set[str]]:
    folded = fold(text)
    return [{claim.source.id for claim in m.claims} for m in registry.find(folded.text, folded.tokens)]


def test_size(registry: SourceRegistry) -> None:
    kinds = [entry.kind for entry in registry.sources.values()]
    assert kinds.count("agency") >= 150
    assert kinds.count("medium") >= 265


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_follows_the_schema(file: Path, validator: jsonschema_rs.Validator) -> None:
    assert check_value(validator, yaml.safe_load(file.read_text(encoding="utf-8"))) is None


def test_the_schema_and_the_class_know_the_same_fields() -> None:
    described = SCHEMA["$defs"]["source"]
    assert set(described["properties"]) == set(Source.model_fields)
    assert set(described["required"]) == {
        name for name, field in Source.model_fields.items() if field.is_required()
    }


def test_every_file_names_where_its_facts_come_from(validator: jsonschema_rs.Validator) -> None:
    entry = {**PLAIN, "names": ["Agence X"]}
    assert check_value(validator, {"facts": ["the agency's own site"], "sources": [entry]}) is None
    assert "facts" in str(check_value(validator, {"sources": [entry]}))
    assert check_value(validator, {"facts": [], "sources": [entry]}) is not None


def test_countries_and_languages_are_known(registry: SourceRegistry) -> None:
    countries = yaml.safe_load((DATA / "countries.yaml").read_text(encoding="utf-8"))
    languages = Locale("en").languages
    for entry in registry.sources.values():
        assert entry.country in countries, entry.id
        assert set(entry.languages) <= set(languages), entry.id


def test_every_name_is_found_as_its_source(registry: SourceRegistry) -> None:
    for entry in registry.sources.values():
        for name in entry.names:
            assert found(registry, name) == [{entry.id}], (entry.id, name)
        for name in [*entry.homographs, *entry.initials]:
            (claims,) = found(registry, name)
            assert entry.id in claims, (entry.id, name)
        for name in entry.decoys:
            assert entry.id not in set().union(*found(registry, name)), (entry.id, name)


@pytest.mark.parametrize(
    ("source_id", "name"),
    [
        ("tasnim", "Tasnim"),
        ("tasnim", "تسنیم"),
        ("tasnim", "Тасним"),
        ("fars", "Fars"),
        ("fars", "فارس"),
        ("fars", "Фарс"),
        ("mehr", "Mehr"),
        ("mehr", "مهر"),
        ("abna", "أبنا"),
        ("sana", "Sana"),
        ("sana", "SANA"),
        ("sana", "САНА"),
        ("efe", "EFE"),
        ("ansa", "ANSA"),
        ("ansa", "Ansa"),
        ("ap", "AP"),
        ("anadolu", "AA"),
        ("anadolu", "Anadolu"),
        ("petra", "Petra"),
        ("ona", "العمانية"),
        ("almaalomah", "المعلومة"),
        ("hamshahri", "همشهری"),
        ("bna", "بنا"),
        ("tass", "तास"),
        ("pa", "PA"),
        ("lapresse-ca", "La Presse"),
        ("lapresse-it", "La Presse"),
        ("thesun", "The Sun"),
        ("thetimes", "The Times"),
        ("elpais", "El País"),
        ("elpais", "EL PAÍS"),
        ("rt", "RT"),
        ("bild", "Bild"),
        ("abc", "ABC"),
        ("thehill", "The Hill"),
        ("francetelevisions", "France 2"),
        ("udn", "联合报"),
    ],
)
def test_a_word_of_many_meanings_is_no_certain_name(
    registry: SourceRegistry, source_id: str, name: str
) -> None:
    folded = fold(name)
    (match,) = registry.find(folded.text, folded.tokens)
    assert source_id in {claim.source.id for claim in match.claims}
    assert not any(claim.certain for claim in match.claims)


def test_a_homograph_is_certain_only_in_capitals(registry: SourceRegistry) -> None:
    for entry in registry.sources.values():
        for name in [*entry.homographs, *entry.initials]:
            folded = fold(name)
            (match,) = registry.find(folded.text, folded.tokens)
            if any(claim.certain for claim in match.claims):
                assert name.upper() in {fold(other).text.upper() for other in entry.names}, (entry.id, name)
                assert name != name.lower(), (entry.id, name)


def test_organisations_that_are_listed_elsewhere_are_no_media() -> None:
    listed = yaml.safe_load((DATA / "organisations.yaml").read_text(encoding="utf-8"))
    assert [body["names"] for body in listed if body["sector"] == "MED"] == []


def test_an_entry_says_each_thing_once(registry: SourceRegistry) -> None:
    for entry in registry.sources.values():
        for values in (entry.languages, entry.domains, entry.homographs, entry.initials):
            assert len(set(values)) == len(values), entry.id
        assert not set(entry.names) & {*entry.homographs, *entry.initials}, entry.id


def test_sources_with_one_homograph_can_be_told_apart(registry: SourceRegistry) -> None:
    owners: dict[str, list[Source]] = {}
    for entry in registry.sources.values():
        for name in {*entry.homographs, *entry.initials}:
            owners.setdefault(name, []).append(entry)
    for name, sources in owners.items():
        without = [entry.id for entry in sources if not entry.places]
        assert len(sources) == 1 or len(without) <= 1, (name, without)


def test_wikidata_ids_are_nobody_elses(registry: SourceRegistry) -> None:
    ids = [entry.wikidata for entry in registry.sources.values() if entry.wikidata]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"Q[1-9]\d*", wikidata) for wikidata in ids)


def test_the_often_quoted_agencies_have_a_wikidata_id(registry: SourceRegistry) -> None:
    agencies = [entry for entry in registry.sources.values() if entry.kind == "agency"]
    assert sum(entry.wikidata is not None for entry in agencies) >= 70
    often_quoted = ("reuters", "afp", "ap", "tass", "ria", "interfax", "xinhua", "kyodo", "yonhap", "dpa")
    assert [name for name in often_quoted if registry.sources[name].wikidata is None] == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://fr.abna24.com/story/1", "abna"),
        ("https://WWW.Reuters.com/world/", "reuters"),
        ("http://www.bbc.co.uk:80/news?x=1", "bbc"),
        ("https://news.example/reuters.com", None),
        ("https://notreuters.com/", None),
        ("https://reuters.com.example/", None),
        ("mailto:desk@reuters.com", None),
        ("http://[broken", None),
        ("", None),
        ("." * 2000, None),
    ],
)
def test_domains(registry: SourceRegistry, url: str, expected: str | None) -> None:
    hit = registry.by_url(url)
    assert (hit and hit[0].id) == expected


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"id": "Not Lower"}, "id"),
        ({"country": "FR"}, "country"),
        ({"languages": []}, "languages"),
        ({"ownership": "shady"}, "ownership"),
        ({"wikidata": "P31"}, "wikidata"),
        ({"domains": ["https://x.example"]}, "domains"),
        ({"names": []}, "names"),
        ({"nmes": ["X"]}, "nmes"),
    ],
)
def test_a_wrong_entry_is_refused(
    fields: dict[str, Any], problem: str, validator: jsonschema_rs.Validator
) -> None:
    with pytest.raises(ValueError, match=problem):
        source(**fields)
    entry = {**PLAIN, "names": ["Agence X"], **fields}
    file = {"facts": ["the agency's own site"], "sources": [entry]}
    assert str(check_value(validator, file)).startswith("/sources/0")


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ({"id": "a"}, {"id": "a", "names": ["Agence Y"]}, "the id"),
        ({"id": "a"}, {"id": "b"}, "both claim the name"),
        ({"id": "a"}, {"id": "b", "names": ["agence  X"]}, "both claim the name"),
        ({"id": "a"}, {"id": "b", "names": ["Agence Y"], "homographs": ["Agence X"]}, "unambiguous name"),
        (
            {"id": "a", "domains": ["x.example"]},
            {"id": "b", "names": ["Agence Y"], "domains": ["x.example"]},
            "the domain",
        ),
        (
            {"id": "a", "homographs": ["AX"]},
            {"id": "b", "names": ["Agence Y"], "homographs": ["AX"]},
            None,
        ),
    ],
)
def test_two_entries_do_not_claim_one_thing(
    first: dict[str, Any], second: dict[str, Any], problem: str | None
) -> None:
    sources = [source(**first), source(**second)]
    if problem is None:
        assert len(SourceRegistry(sources, {}).sources) == 2
    else:
        with pytest.raises(RegistryError, match=problem):
            SourceRegistry(sources, {})


@pytest.mark.parametrize(
    "text",
    [
        "خبرگزاري بين‌المللي اهل‌بيت(ع)",
        "خبرگزاری بین المللی اهل بیت (ع)",
        "خَبَرگزاری اهل‌بیت",
        "وكالـــة أهل البيت (ع) للأنباء",
        "وکالة اهل البيت للانباء",
        "ABNA",
        "Abna",
        "AhlulBayt News Agency",
        "AhlulBayt News Agency (ABNA)",
        "Ahl al-Bayt (a.s.) News Agency",
        "agence de presse Abna",
        "Agence de presse Abna",
        "أبنا",
        "ابنا",
        "وكالة أبنا",
        "وكالة أهل البيت للأنباء",
        "وكالة أهل البيت (ع) للأنباء",
        "وكالة أهل البيت(ع) للأنباء",
        "وكالة أهل البيت (عليهم السلام) للأنباء",
        "وكالة أهل البيت عليهم السلام للأنباء",
        "وكالة أنباء أهل البيت (ع) الدولية",
        "خبرگزاری ابنا",
        "خبرگزاریِ ابنا",
        "خبرگزاري ابنا",
        "خبرگزاری بین‌المللی اهل‌بیت(ع)",
        "خبرگزاری بین‌المللی اهل‌بیت (ع)",
        "خبرگزاری بین‌المللی اهل‌بیت",
        "خبرگزاری بین‌المللیِ اهلِ‌بیت(ع)",
        "خبرگزاری بین المللی اهل بیت",
        "خبرگزاری بینالمللی اهلبیت(ع)",
        "خبرگزاری بین‌المللی اهل‌بیت(علیهم‌السلام)",
        "خبرگزاری بین‌المللی اهل بیت علیهم السلام",
        "خبرگزاری اهل‌بیت (ع) ـ ابنا",
        "خبرگزاری اهلبیت(ع) (ابنا)",
        "خبرگزاری اهل‌بیت (ص)",
        "اہل بیت(ع) نیوز ایجنسی",
        "АБНА",
        "अबना",
        "Kantor Berita ABNA",
        "Ehl-i Beyt Haber Ajansı",
    ],
)
def test_letter_variants_are_one_name(registry: SourceRegistry, text: str) -> None:
    assert found(registry, text) == [{"abna"}]


@pytest.mark.parametrize(
    "text", ["abna", "Abnax", "xAbna", "reuters", "Le monde", "United. Press International"]
)
def test_what_is_not_the_name(registry: SourceRegistry, text: str) -> None:
    assert found(registry, text) == []
