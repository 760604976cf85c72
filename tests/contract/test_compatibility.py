"""Each rule of what breaks readers or senders, with a broken variant and a harmless one."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workers.contract.checks import direction_of
from workers.contract.compatibility import Direction, breaking_changes
from workers.contract.schemas import KINDS, SchemaFile, Version, all_schemas, current_schema

RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 10},
        "kind": {"enum": ["a", "b"]},
        "note": {"type": "string", "pattern": "^x"},
        "size": {"type": "integer", "minimum": 0, "maximum": 9},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "main": {"$ref": "#/$defs/part"},
    },
    "allOf": [
        {"if": {"properties": {"kind": {"const": "a"}}}, "then": {"properties": {"size": {"maximum": 5}}}}
    ],
    "$defs": {"part": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
}
MISSING = object()


def schema_file(content: Mapping[str, Any], version: str = "1.0.0") -> SchemaFile:
    content = {"$id": f"https://telex.example/schemas/thing/{version}.json", **content}
    return SchemaFile("thing", Version.parse(version), Path("unread"), content)


def changed(path: str, value: object) -> dict[str, Any]:
    """RECORD with the place ``path`` set to ``value``, or taken out for MISSING."""
    content: Any = copy.deepcopy(RECORD)
    *parents, last = path.split("/")
    node = content
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if value is MISSING:
        del node[last]
    else:
        node[last] = value
    return content


def compare(new: Mapping[str, Any], direction: Direction, old: Mapping[str, Any] = RECORD) -> tuple[str, ...]:
    return breaking_changes(schema_file(old), schema_file(new, "1.1.0"), direction, lambda _: None)


# (what changes, to what, problem for readers of an output, problem for senders of an input)
CHANGES = [
    ("description", "other words", None, None),
    ("required", [], "(root): id is no longer required", None),
    ("required", ["id", "kind"], None, "(root): kind is newly required"),
    (
        "properties/note",
        MISSING,
        "(root): the property note was removed",
        "(root): the property note was removed",
    ),
    ("properties/extra", {"type": "string"}, None, None),
    ("properties/id/type", ["string", "null"], "/properties/id: type widened", None),
    ("properties/size/type", "number", "/properties/size: type widened", None),
    ("properties/id/type", "integer", "/properties/id: type widened", "/properties/id: type narrowed"),
    ("properties/id/type", MISSING, "/properties/id: type widened", None),
    (
        "properties/kind/enum",
        ["a", "b", "c"],
        "/properties/kind: enum value added: readers do not know c",
        None,
    ),
    ("properties/kind/enum", ["a"], None, "/properties/kind: enum value removed: senders may send b"),
    ("properties/kind", {}, "/properties/kind: enum value added: readers do not know any value", None),
    ("properties/kind", {"const": "a"}, None, "/properties/kind: enum value removed: senders may send b"),
    ("properties/id/maxLength", 20, "/properties/id: maxLength loosened", None),
    ("properties/id/maxLength", 5, None, "/properties/id: maxLength tightened"),
    ("properties/id/minLength", MISSING, "/properties/id: minLength loosened", None),
    ("properties/id/minLength", 2, None, "/properties/id: minLength tightened"),
    ("properties/size/minimum", -1, "/properties/size: minimum loosened", None),
    ("properties/size/minimum", 1, None, "/properties/size: minimum tightened"),
    (
        "properties/note/pattern",
        "^y",
        "/properties/note: pattern loosened",
        "/properties/note: pattern tightened",
    ),
    ("properties/note/pattern", MISSING, "/properties/note: pattern loosened", None),
    ("properties/note/format", "uri", None, "/properties/note: format tightened"),
    ("additionalProperties", False, None, "(root): additionalProperties tightened"),
    ("additionalProperties", True, None, None),
    (
        "properties/parts/items",
        MISSING,
        "/properties/parts/items: type widened",
        "/properties/parts/items: the property name was removed",
    ),
    ("$defs/part/required", [], "/properties/parts/items: name is no longer required", None),
    ("$defs/part/required", ["name", "role"], None, "/properties/main: role is newly required"),
    (
        "$defs/part/properties/name/type",
        ["string", "null"],
        "/properties/main/properties/name: type widened",
        None,
    ),
    ("allOf/0/then/properties/size/maximum", 6, "/allOf/0/then/properties/size: maximum loosened", None),
    ("allOf/0/then/properties/size/maximum", 4, None, "/allOf/0/then/properties/size: maximum tightened"),
    ("allOf", [], "/allOf/0: came or went", None),
    (
        "allOf/0/if",
        {"required": ["kind"]},
        "/allOf/0: the condition of an if changed",
        "/allOf/0: the condition",
    ),
    ("oneOf", [{"required": ["kind"]}], None, "(root): oneOf tightened"),
    ("properties/main", True, "/properties/main: true or false", "/properties/main: true or false"),
]


@pytest.mark.parametrize(("path", "value", "for_readers", "for_senders"), CHANGES)
def test_rules(path: str, value: object, for_readers: str | None, for_senders: str | None) -> None:
    new = changed(path, value)
    for direction, expected in (("output", for_readers), ("input", for_senders)):
        found = compare(new, direction)  # type: ignore[arg-type]
        if expected is None:
            assert found == (), direction
        else:
            assert any(line.startswith(expected) for line in found), (direction, found)


@pytest.mark.parametrize("direction", ["input", "output"])
def test_the_same_again_breaks_nothing(direction: Direction) -> None:
    assert compare(RECORD, direction) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_schemas_of_the_tree_are_compatible_with_themselves(kind: str) -> None:
    file, find = current_schema(kind), {file.uri: file.content for file in all_schemas()}.get
    assert breaking_changes(file, file, direction_of(kind), find) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"territory",\n', ""),
        ('"heavy-weapons",', '"heavy-weapons", "laser",'),
        ('"future",', '"future", "planned",'),
        ('"maximum": 1', '"maximum": 100'),
    ],
)
def test_the_event_schema_notices_a_change_of_its_closed_lists(old: str, new: str) -> None:
    file, find = current_schema("event"), {file.uri: file.content for file in all_schemas()}.get
    text = file.path.read_text(encoding="utf-8")
    assert old in text
    other = SchemaFile("event", Version(1, 1, 0), file.path, json.loads(text.replace(old, new)))
    one_way = breaking_changes(file, other, "output", find)
    other_way = breaking_changes(other, file, "output", find)
    assert bool(one_way) != bool(other_way)


def test_a_reference_into_another_file_is_followed() -> None:
    part = {"$id": "https://telex.example/schemas/part/1.0.0.json", "type": "string"}
    wider = {"$id": "https://telex.example/schemas/part/1.1.0.json", "type": ["string", "null"]}
    contents: dict[str, Any] = {part["$id"]: part, wider["$id"]: wider}  # type: ignore[dict-item]
    old = schema_file({"properties": {"part": {"$ref": "../part/1.0.0.json"}}})
    new = schema_file({"properties": {"part": {"$ref": "../part/1.1.0.json"}}}, "1.1.0")
    assert breaking_changes(old, old, "output", contents.get) == ()
    assert breaking_changes(old, new, "output", contents.get) == (
        "/properties/part: type widened: readers do not know null",
    )


def test_a_reference_beside_other_keywords_is_compared_with_one_alone_as_a_break() -> None:
    beside = changed("properties/main", {"$ref": "#/$defs/part", "minProperties": 1})
    assert compare(beside, "output") == (
        "/properties/main: $ref came or went beside other keywords, which cannot be compared",
    )


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/node"}}}},
    }
    assert compare(tree, "output", tree) == ()


def test_a_reference_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(ValueError, match="leads nowhere"):
        compare({"$ref": "#/$defs/gone"}, "output", {"$ref": "#/$defs/gone"})
