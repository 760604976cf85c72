"""Whether a new version of a schema breaks those who read, or send, by the version before.

An output record's readers know its old schema, so whatever the new one allows the old one must allow too;
an input record's senders know its old schema, so whatever that allows the new one must allow. Records are
open: a new field of an output record is no break, as readers take fields that they do not know as absent.
What cannot be compared (a changed ``pattern``, ``anyOf`` …) counts as a break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urldefrag, urljoin

from workers.contract.schemas import SchemaFile

Direction = Literal["input", "output"]
Schema = Mapping[str, Any]
Find = Callable[[str], Schema | None]

_ANNOTATIONS = frozenset(
    {"$id", "$schema", "$defs", "$comment", "title", "description", "examples", "default", "deprecated"}
)
_UPPER_LIMITS = frozenset({"maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"})
_LOWER_LIMITS = frozenset({"minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"})
_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_HANDLED = frozenset(
    {"$ref", "type", "enum", "const", "required", "properties", "items", "allOf", "if", "then", "else"}
)


@dataclass(frozen=True, slots=True)
class Node:
    """One schema inside a file: ``base`` is the file's ``$id``, ``pointer`` says where for a reader."""

    schema: Schema
    base: str
    pointer: str = ""

    def child(self, schema: Schema, *path: str | int) -> Node:
        """A schema below this one."""
        return Node(schema, self.base, self.pointer + "".join(f"/{part}" for part in path))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How two versions are compared: ``find`` gives a schema file's content by its ``$id``."""

    direction: Direction
    find_old: Find
    find_new: Find


def breaking_changes(old: SchemaFile, new: SchemaFile, direction: Direction, find: Find) -> tuple[str, ...]:
    """What in ``new`` breaks the readers (or senders) of ``old``, one line each; empty when nothing does.

    ``find`` looks up by ``$id`` the schemas that the two refer to. Raises ValueError for a reference that
    leads nowhere.
    """
    comparison = _Comparison(direction, _with_own(old, find), _with_own(new, find))
    start = Node(old.content, old.uri), Node(new.content, new.uri)
    return tuple(dict.fromkeys(_compare(*start, comparison, frozenset())))


def resolve(reference: str, base: str, find: Find) -> Node:
    """The schema that a ``$ref`` in the file ``base`` means. Raises ValueError when there is none."""
    uri, fragment = urldefrag(urljoin(base, reference))
    found: Any = find(uri)
    for part in unquote(fragment).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise ValueError(f"{base}: the reference {reference} leads nowhere")  # noqa: TRY004
    return Node(found, uri)


def _with_own(file: SchemaFile, find: Find) -> Find:
    return lambda uri: file.content if uri == file.uri else find(uri)


def _compare(old: Node, new: Node, how: _Comparison, seen: frozenset[tuple[int, int]]) -> Iterator[str]:
    if not (isinstance(old.schema, Mapping) and isinstance(new.schema, Mapping)):
        if old.schema != new.schema:
            yield _line(new.pointer, "true or false in the place of a schema, which cannot be compared")
        return
    pair = (id(old.schema), id(new.schema))
    if pair in seen:
        return  # a schema that refers to itself
    seen |= {pair}
    old, new = _follow_alone(old, how.find_old), _follow_alone(new, how.find_new)
    if ("$ref" in old.schema) != ("$ref" in new.schema):
        yield _line(new.pointer, "$ref came or went beside other keywords, which cannot be compared")
        return
    inner, outer = (new, old) if how.direction == "output" else (old, new)
    yield from _compare_references(old, new, how, seen)
    yield from _compare_types(inner, outer, new.pointer, how)
    yield from _compare_values(inner, outer, new.pointer, how)
    yield from _compare_required(old, new, how)
    yield from _compare_properties(old, new, how, seen)
    yield from _compare_part("items", old, new, how, seen)
    yield from _compare_conditions(old, new, how, seen)
    yield from _compare_all_of(old, new, how, seen)
    yield from _compare_rest(inner, outer, new.pointer, how)


def _follow_alone(node: Node, find: Find) -> Node:
    """Take a schema that is nothing but a reference for what it refers to."""
    while "$ref" in node.schema and set(node.schema) <= _ANNOTATIONS | {"$ref"}:
        target = resolve(str(node.schema["$ref"]), node.base, find)
        node = Node(target.schema, target.base, node.pointer)
    return node


def _compare_references(
    old: Node, new: Node, how: _Comparison, seen: frozenset[tuple[int, int]]
) -> Iterator[str]:
    if "$ref" in old.schema and "$ref" in new.schema:
        before = resolve(str(old.schema["$ref"]), old.base, how.find_old)
        after = resolve(str(new.schema["$ref"]), new.base, how.find_new)
        yield from _compare(
            Node(before.schema, before.base, old.pointer),
            Node(after.schema, after.base, new.pointer),
            how,
            seen,
        )


def _compare_types(inner: Node, outer: Node, pointer: str, how: _Comparison) -> Iterator[str]:
    extra = _types(inner.schema) - _types(outer.schema)
    if extra:
        change = "widened: readers do not know" if how.direction == "output" else "narrowed: senders may send"
        yield _line(pointer, f"type {change} {' '.join(sorted(extra))}")


def _compare_values(inner: Node, outer: Node, pointer: str, how: _Comparison) -> Iterator[str]:
    allowed = _values(outer.schema)
    if allowed is None:
        return
    given = _values(inner.schema)
    extra = None if given is None else [value for value in given if value not in allowed]
    if extra == []:
        return
    what = "any value" if extra is None else " ".join(map(str, extra))
    change = "added: readers do not know" if how.direction == "output" else "removed: senders may send"
    yield _line(pointer, f"enum value {change} {what}")


def _compare_required(old: Node, new: Node, how: _Comparison) -> Iterator[str]:
    before, after = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    if how.direction == "output":
        for name in sorted(before - after):
            yield _line(new.pointer, f"{name} is no longer required: readers rely on it")
    else:
        for name in sorted(after - before):
            yield _line(new.pointer, f"{name} is newly required: senders leave it out")


def _compare_properties(
    old: Node, new: Node, how: _Comparison, seen: frozenset[tuple[int, int]]
) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    for name, schema in before.items():
        if name in after:
            yield from _compare(
                old.child(schema, "properties", name), new.child(after[name], "properties", name), how, seen
            )
        else:
            reason = "readers rely on it" if how.direction == "output" else "senders send it"
            yield _line(new.pointer, f"the property {name} was removed: {reason}")


def _compare_part(
    name: str, old: Node, new: Node, how: _Comparison, seen: frozenset[tuple[int, int]]
) -> Iterator[str]:
    """Compare a keyword whose value is a schema and without which anything goes."""
    if name in old.schema or name in new.schema:
        before, after = old.schema.get(name, {}), new.schema.get(name, {})
        yield from _compare(old.child(before, name), new.child(after, name), how, seen)


def _compare_conditions(
    old: Node, new: Node, how: _Comparison, seen: frozenset[tuple[int, int]]
) -> Iterator[str]:
    if old.schema.get("if") != new.schema.get("if"):
        outer = old if how.direction == "output" else new
        if "if" in outer.schema:
            yield _line(new.pointer, "the condition of an if changed, which cannot be compared")
        return
    yield from _compare_part("then", old, new, how, seen)
    yield from _compare_part("else", old, new, how, seen)


def _compare_all_of(
    old: Node, new: Node, how: _Comparison, seen: frozenset[tuple[int, int]]
) -> Iterator[str]:
    """Each demand of the wider side must follow from one of the narrower side's."""
    inner, outer = (new, old) if how.direction == "output" else (old, new)
    demands = inner.schema.get("allOf", [])
    for number, demand in enumerate(outer.schema.get("allOf", [])):
        least: list[str] | None = None
        for other in sorted(demands, key=lambda other: other.get("if") != demand.get("if")):
            before, after = (demand, other) if outer is old else (other, demand)
            problems = list(
                _compare(old.child(before, "allOf", number), new.child(after, "allOf", number), how, seen)
            )
            least = problems if least is None else least
            if not problems:
                break
        else:
            yield from least or [_line(f"{new.pointer}/allOf/{number}", "came or went")]


def _compare_rest(inner: Node, outer: Node, pointer: str, how: _Comparison) -> Iterator[str]:
    looser = (
        "loosened: readers do not expect that" if how.direction == "output" else "tightened: senders break it"
    )
    for name, limit in outer.schema.items():
        if name in _ANNOTATIONS or name in _HANDLED or (limit is True and name == "additionalProperties"):
            continue
        given = inner.schema.get(name)
        if given == limit:
            continue
        if name in _UPPER_LIMITS and given is not None and given <= limit:
            continue
        if name in _LOWER_LIMITS and given is not None and given >= limit:
            continue
        yield _line(pointer, f"{name} {looser} ({_text(inner, name)} and {_text(outer, name)})")


def _text(node: Node, name: str) -> str:
    return f"{node.schema[name]}" if name in node.schema else "none"


def _types(schema: Schema) -> frozenset[str]:
    given = schema.get("type", sorted(_TYPES))
    types = frozenset([given] if isinstance(given, str) else given)
    return types | {"integer"} if "number" in types else types


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return None if values is None else list(values)


def _line(pointer: str, text: str) -> str:
    return f"{pointer or '(root)'}: {text}"
