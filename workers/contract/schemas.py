"""The JSON Schemas of ``schemas/``: found by name and version, compiled once, applied at both edges.

Besides the keywords of JSON Schema 2020-12 two of our own hold what it cannot say; other readers ignore them:

* ``x-telex-span``: the object is a span: ``text`` has exactly ``end - start`` code points.
* ``x-telex-enriched``: the object is an enriched article: the ids in it are unique, and what refers to an
  entity or to the article refers to one that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

import jsonschema_rs
import orjson

from workers.contract.files import schemas_folder

Kind = Literal["article", "enriched-article", "event", "retracted-event", "dead-letter", "published-article"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_MAX_PROBLEM_CHARS = 300
_MAX_QUOTE_CHARS = 24
_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version; the major one changes when readers of the one before would break."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1.2.3``; raises ValueError for anything else."""
        match = _VERSION.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a version like 1.0.0")
        return cls(*(int(part) for part in match.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One version of one schema; ``content`` is the schema, ``path`` its file."""

    name: str
    version: Version
    path: Path
    content: Mapping[str, Any]

    @property
    def uri(self) -> str:
        """The schema's ``$id``, which ``ce_dataschema`` gives."""
        return str(self.content.get("$id", ""))


def load_schemas(folder: Path) -> tuple[SchemaFile, ...]:
    """Every version of every schema below ``folder``, by name and then from the oldest to the newest.

    Raises ValueError, with one line that names the file, for one that is no JSON object or has no version.
    """
    return tuple(
        sorted(map(_read_schema, folder.glob("*/*.json")), key=lambda file: (file.name, file.version))
    )


@cache
def all_schemas() -> tuple[SchemaFile, ...]:
    """``load_schemas`` of Telex's own folder, read once."""
    return load_schemas(schemas_folder())


@cache
def current_schema(name: str) -> SchemaFile:
    """The newest version of a schema. Raises KeyError when there is none of that name."""
    versions = [file for file in all_schemas() if file.name == name]
    if not versions:
        raise KeyError(name)
    return versions[-1]


def validate(kind: str, value: object) -> str | None:
    """Check ``value`` (content as JSON gives it) against the current schema ``kind``, one of ``KINDS``.

    Returns None when it is valid, else one bounded line: where it is (a JSON pointer, ``(root)`` for all),
    a colon, and what is wrong there, with a few characters of the value at most.
    """
    return check_value(_current_validator(kind), value)


def check_value(validator: jsonschema_rs.Validator, value: object) -> str | None:
    """``validate`` with a validator of ``build_validator``."""
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return describe_error(error)
    except ValueError as error:
        return _bounded(f"(root): {error}")
    return None


def build_validator(schema: Mapping[str, Any], others: Iterable[SchemaFile]) -> jsonschema_rs.Validator:
    """Compile ``schema``, whose references to files are looked up among ``others`` and nowhere else.

    Formats are checked. Raises ValueError for a schema that is none or a reference that leads nowhere.
    """
    try:
        return jsonschema_rs.Draft202012Validator(
            dict(schema),
            validate_formats=True,
            ignore_unknown_formats=False,
            registry=jsonschema_rs.Registry([(file.uri, dict(file.content)) for file in others]),
            keywords={"x-telex-span": _SpanKeyword, "x-telex-enriched": _EnrichedKeyword},
            offline=True,
        )
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(str(error)) from None


def describe_error(error: jsonschema_rs.ValidationError) -> str:
    """One bounded line for an error: JSON pointer, colon, what is wrong."""
    pointer = "".join("/" + _escape(part) for part in error.instance_path) or "(root)"
    return _bounded(f"{pointer}: {_what_is_wrong(error)}")


def _what_is_wrong(error: jsonschema_rs.ValidationError) -> str:
    kinds = jsonschema_rs.ValidationErrorKind
    quoted = _quote(error.instance)
    match error.kind:
        case kinds.Required(property=name):
            return f"the required property {name} is missing"
        case kinds.Type(types=types):
            return f"{quoted} is not of type {' or '.join(types)}"
        case kinds.Enum(options=options):
            return f"{quoted} is none of {' '.join(str(option) for option in options)}"
        case kinds.Constant(expected_value=expected):
            return f"{quoted} is not {_quote(expected)}"
        case kinds.Format(format=name):
            return f"{quoted} is not a valid {name}"
        case kinds.Pattern(pattern=pattern):
            return f"{quoted} does not match {pattern}"
        case kinds.MinLength(limit=limit):
            return f"{quoted} has fewer than {limit} characters"
        case kinds.MaxLength(limit=limit):
            return f"{quoted} has more than {limit} characters"
        case kinds.MinItems(limit=limit):
            return f"fewer than {limit} items"
        case kinds.MaxItems(limit=limit):
            return f"more than {limit} items"
        case kinds.Minimum(limit=limit):
            return f"{quoted} is less than {limit}"
        case kinds.Maximum(limit=limit):
            return f"{quoted} is more than {limit}"
        case kinds.Custom(message=message):
            return message
        case kind:
            return f"{quoted} is against the schema's {kind.name}"


def _quote(value: object) -> str:
    """The value in a few characters; of an array or object only what it is."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str):
        cut = value[:_MAX_QUOTE_CHARS] + ("…" if len(value) > _MAX_QUOTE_CHARS else "")
        return f'"{cut}"'
    try:
        return orjson.dumps(value).decode()[:_MAX_QUOTE_CHARS]
    except orjson.JSONEncodeError:
        return "a number out of range"


def _escape(part: str | int) -> str:
    return str(part)[:_MAX_QUOTE_CHARS].replace("~", "~0").replace("/", "~1")


def _bounded(line: str) -> str:
    cut = line[:_MAX_PROBLEM_CHARS] + ("…" if len(line) > _MAX_PROBLEM_CHARS else "")
    return "".join(character if character.isprintable() else "\ufffd" for character in cut)


@cache
def _current_validator(kind: str) -> jsonschema_rs.Validator:
    return build_validator(current_schema(kind).content, all_schemas())


def _read_schema(path: Path) -> SchemaFile:
    try:
        version = Version.parse(path.stem)
        content = orjson.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path.parent.name}/{path.name}: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path.parent.name}/{path.name}: a schema must be an object")  # noqa: TRY004
    return SchemaFile(path.parent.name, version, path, content)


class _SpanKeyword:
    """``x-telex-span``, see the module."""

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None:
        del parent_schema, value, schema_path

    def validate(self, instance: Any) -> None:
        try:
            wrong = instance["end"] - instance["start"] != len(instance["text"])
        except (KeyError, TypeError):
            return  # the schema's own keywords tell what is missing or of another type
        if wrong:
            raise ValueError("end - start is not the number of characters of text")


class _EnrichedKeyword:
    """``x-telex-enriched``, see the module."""

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None:
        del parent_schema, value, schema_path

    def validate(self, instance: Any) -> None:
        try:
            problem = _dangling(instance)
        except (KeyError, TypeError, AttributeError):
            return  # as above
        if problem:
            raise ValueError(problem)


def _dangling(record: Mapping[str, Any]) -> str | None:
    entities = [entity["id"] for entity in record["entities"]]
    if len(set(entities)) != len(entities):
        return "two entities have one id"
    known = {None, *entities}
    events = record["events"]
    if len({event["id"] for event in events}) != len(events):
        return "two events have one id"
    for number, event in enumerate(events):
        if (event["article"]["id"], event["article"]["version"]) != (record["id"], record["version"]):
            return f"events/{number}/article is another article"
        referring = [*event["actors"], *event["recipients"], event["speaker"], event["location"]]
        if any(party is not None and party["entity"] not in known for party in referring):
            return f"events/{number} refers to an entity that is not there"
    return None
