"""The schemas in the tree, their examples, and the records that the code writes."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from workers.contract import records
from workers.contract.checks import check_folder
from workers.contract.encoding import encode
from workers.contract.files import schemas_folder
from workers.contract.schemas import KINDS, Version, current_schema, load_schemas, validate

ROOT = Path(__file__).resolve().parents[2]
VALID = sorted(schemas_folder().glob("*/examples/valid/*.json"))
INVALID = sorted(schemas_folder().glob("*/examples/invalid/*.json"))

SPAN = records.Span("text", 4, 9, "mayor")
SOURCE = records.SourceTag(source="reuters", relation=records.Relation.AGENCY, evidence=SPAN, confidence=0.9)
PARTY = records.Party(name="the mayor", sector="GOV", entity="e1")
REFERENCE = records.ArticleReference(id="a", version=1, language="en", sources=(SOURCE,))
EVENT = records.Event(
    id=f"e-{'0' * 32}",
    type=records.EventType.AGREE,
    mode="meet",
    status=records.Status.FUTURE,
    quad=records.Quad.VERBAL_COOPERATION,
    intensity=4.0,
    confidence=0.5,
    actors=(PARTY,),
    recipients=(),
    speaker=PARTY,
    location=records.Place(name="Port Verrane"),
    time=records.EventTime(value="2026-03", precision="month"),
    evidence=SPAN,
    article=REFERENCE,
)
RETRACTED = records.RetractedEvent(
    id=EVENT.id, type=EVENT.type, article=records.ArticleVersion(id="a", version=2)
)
PUBLISHED = records.PublishedArticle(
    version=2,
    events=(records.EventReference(id=EVENT.id, type=EVENT.type),),
    retracted=(records.EventReference(id=f"e-{'1' * 32}", type=records.EventType.AID),),
)
ENTITY = records.Entity(
    id="e1", type=records.EntityType.PERSON, name="Ann Odell", role="mayor", mentions=(SPAN,)
)
ENRICHED = records.EnrichedArticle(
    id="a",
    version=1,
    language="en",
    title=None,
    url=None,
    published_at=None,
    publisher=None,
    text_chars=20,
    analysed_chars=20,
    sources=(SOURCE,),
    entities=(ENTITY,),
    events=(EVENT,),
)


def name_of(path: Path) -> str:
    return f"{path.parts[-4]}-{path.stem}"


def test_everything_in_the_folder_holds() -> None:
    assert check_folder(schemas_folder()) == []


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_valid_examples_are_valid(path: Path) -> None:
    assert validate(path.parts[-4], orjson.loads(path.read_bytes())) is None


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_invalid_examples_are_refused_where_they_are_wrong(path: Path) -> None:
    example = orjson.loads(path.read_bytes())
    problem = validate(path.parts[-4], example["value"])
    assert problem is not None
    assert problem.startswith(f"{example['at']}: ")


def test_records_of_the_code_are_valid() -> None:
    assert validate("event", orjson.loads(encode(EVENT))) is None
    assert validate("enriched-article", orjson.loads(encode(ENRICHED))) is None
    assert validate("retracted-event", orjson.loads(encode(RETRACTED))) is None
    assert validate("published-article", orjson.loads(encode(PUBLISHED))) is None


def test_an_event_and_its_retraction_are_never_taken_for_one_another() -> None:
    assert validate("event", orjson.loads(encode(RETRACTED))) is not None
    assert validate("retracted-event", orjson.loads(encode(EVENT))) is not None
    assert "retracted" not in current_schema("event").content["properties"]


@pytest.mark.parametrize(
    ("record", "schema"),
    [
        (records.Event, current_schema("event").content),
        (records.EnrichedArticle, current_schema("enriched-article").content),
        (records.Entity, current_schema("enriched-article").content["$defs"]["entity"]),
        (records.Span, current_schema("event").content["$defs"]["span"]),
        (records.SourceTag, current_schema("event").content["$defs"]["source"]),
        (records.Party, current_schema("event").content["$defs"]["party"]),
        (records.Place, current_schema("event").content["$defs"]["place"]),
        (records.EventTime, current_schema("event").content["$defs"]["time"]),
        (records.ArticleReference, current_schema("event").content["$defs"]["article"]),
        (records.RetractedEvent, current_schema("retracted-event").content),
        (records.ArticleVersion, current_schema("retracted-event").content["properties"]["article"]),
        (records.PublishedArticle, current_schema("published-article").content),
        (records.EventReference, current_schema("published-article").content["$defs"]["event"]),
    ],
)
def test_output_schemas_have_the_fields_of_the_records_and_require_all(
    record: Any, schema: dict[str, Any]
) -> None:
    fields = {field.name for field in dataclasses.fields(record)}
    assert set(schema["properties"]) == fields
    assert set(schema["required"]) == fields


def test_article_schema_has_the_fields_of_the_record_and_requires_text_alone() -> None:
    schema = current_schema("article").content
    assert set(schema["properties"]) == {field.name for field in dataclasses.fields(records.Article)}
    assert schema["required"] == ["text"]


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        (records.EventType, current_schema("event").content["properties"]["type"]),
        (records.EventType, current_schema("retracted-event").content["properties"]["type"]),
        (
            records.EventType,
            current_schema("published-article").content["$defs"]["event"]["properties"]["type"],
        ),
        (records.Status, current_schema("event").content["properties"]["status"]),
        (records.Quad, current_schema("event").content["properties"]["quad"]),
        (records.Relation, current_schema("event").content["$defs"]["source"]["properties"]["relation"]),
        (
            records.EntityType,
            current_schema("enriched-article").content["$defs"]["entity"]["properties"]["type"],
        ),
        (records.Reason, current_schema("dead-letter").content["properties"]["dlq-reason"]),
    ],
)
def test_closed_lists_are_those_of_the_code(values: Any, schema: dict[str, Any]) -> None:
    assert schema["enum"] == [value.value for value in values]


def test_fields_of_a_span_are_those_of_the_code() -> None:
    schema = current_schema("event").content["$defs"]["span"]["properties"]["field"]
    assert schema["enum"] == list(typing.get_args(records.FieldName))


def test_modes_and_quads_are_those_of_the_plover_table() -> None:
    table = yaml.safe_load((ROOT / "workers/enrich/data/plover.yaml").read_text(encoding="utf-8"))["types"]
    rules = {
        rule["if"]["properties"]["type"]["const"]: rule["then"]["properties"]
        for rule in current_schema("event").content["allOf"]
    }
    assert set(rules) == set(table)
    for kind, rule in rules.items():
        assert rule["quad"]["const"] == table[kind]["quad"]
        assert set(rule["mode"]["enum"]) == {None, *table[kind]["modes"]}


def test_a_changed_record_is_refused_where_it_is_wrong() -> None:
    wrong = dataclasses.replace(EVENT, evidence=records.Span("text", 4, 10, "mayor"))
    assert validate("event", orjson.loads(encode(wrong))) == (
        "/evidence: end - start is not the number of characters of text"
    )
    lonely = dataclasses.replace(ENRICHED, entities=())
    assert validate("enriched-article", orjson.loads(encode(lonely))) == (
        "(root): events/0 refers to an entity that is not there"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(
    sorted({name for kind in KINDS for name in current_schema(kind).content["properties"]})
)


@given(st.sampled_from(KINDS), JSON | st.dictionaries(NAMES, JSON))
@example("article", 1 << 70)
@example("article", {"text": -(1 << 70)})
def test_any_json_gets_one_bounded_printable_line_or_none(kind: str, value: Any) -> None:
    problem = validate(kind, value)
    assert problem is None or (len(problem) <= 301 and problem.isprintable() and ": " in problem)


@pytest.mark.parametrize(
    "extra",
    [
        "[" * 900 + "]" * 900,
        '{"a":' * 900 + "1" + "}" * 900,
        "1e308",
        "123456789012345678901234567890",
        '"\\u0000\\u202e"',
    ],
)
def test_fields_that_are_not_known_are_ignored_whatever_they_hold(extra: str) -> None:
    assert validate("article", orjson.loads(f'{{"text": "a", "z": {extra}}}')) is None


def test_a_problem_quotes_a_few_characters_and_no_control_character() -> None:
    problem = validate("article", {"text": "a", "title": "\x1b[31mred\n" * 1000})
    assert problem is not None
    assert problem.isprintable()
    assert "red" in problem
    assert len(problem) < 100


def test_a_long_article_is_valid() -> None:
    assert validate("article", {"text": "a" * 5_000_000}) is None


def test_versions_sort_by_number_and_refuse_other_words() -> None:
    assert sorted(map(Version.parse, ["1.10.0", "1.9.9", "2.0.0"])) == [
        Version(1, 9, 9),
        Version(1, 10, 0),
        Version(2, 0, 0),
    ]
    for text in ("1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0\n", "١.0.0"):
        with pytest.raises(ValueError, match="is not a version"):
            Version.parse(text)


def test_a_schema_that_is_no_object_is_named(tmp_path: Path) -> None:
    (tmp_path / "event").mkdir()
    (tmp_path / "event" / "1.0.0.json").write_text(json.dumps([]))
    with pytest.raises(ValueError, match=r"event/1\.0\.0\.json: a schema must be an object"):
        load_schemas(tmp_path)


def test_ids_of_the_source_registry_have_the_form_that_the_schema_wants() -> None:
    pattern = current_schema("event").content["$defs"]["source"]["properties"]["source"]["pattern"]
    files = sorted((ROOT / "workers/enrich/data/agencies").glob("*.yaml"))
    ids = [
        entry["id"] for file in files for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
    ]
    assert len(ids) >= 40
    assert [identifier for identifier in ids if not re.search(pattern, identifier)] == []
