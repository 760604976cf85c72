"""All that must hold of the folder ``schemas/``; each check gives its problems, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import jsonschema_rs
import orjson

from workers.contract.asyncapi import check_asyncapi
from workers.contract.compatibility import Direction, breaking_changes
from workers.contract.lock import check_lock, hash_files, read_lock
from workers.contract.schemas import KINDS, SchemaFile, build_validator, check_value, load_schemas
from workers.contract.topics import TopicSpec, load_topics

BASE_URI = "https://telex.example/schemas/"
_INPUT_RECORDS = frozenset({"article"})


def direction_of(name: str) -> Direction:
    """Whether a record comes in, from senders, or goes out, to readers."""
    return "input" if name in _INPUT_RECORDS else "output"


def check_folder(folder: Path) -> list[str]:
    """Everything that is wrong with ``folder``; empty when nothing is."""
    return [*check_contents(folder), *_check_released(folder)]


def check_contents(folder: Path) -> list[str]:
    """``check_folder`` but for what has been released."""
    try:
        files = load_schemas(folder)
        problems = [*_check_files(files)]
        if problems:
            return problems  # the checks below need schemas that can be compiled
        topics = load_topics(folder / "topics.yaml")
        problems = [*_check_versions(files), *_check_topics(topics, files)]
        for name, versions in _by_name(files).items():
            problems += _check_examples(folder / name, versions[-1], files)
        problems += check_asyncapi(folder, topics, [versions[-1] for versions in _by_name(files).values()])
    except (ValueError, OSError) as error:
        return [str(error)]
    return problems


def _check_released(folder: Path) -> list[str]:
    try:
        return check_lock(read_lock(folder), hash_files(load_schemas(folder)))
    except (ValueError, OSError) as error:
        return [str(error)]


def _check_files(files: Sequence[SchemaFile]) -> Iterator[str]:
    """Each is a JSON Schema under its own ``$id``, and the newest ones refer to newest ones alone."""
    for name in KINDS:
        if not any(file.name == name for file in files):
            yield f"{name}: there is no version of this schema"
    newest = {versions[-1].uri for versions in _by_name(files).values()}
    for file in files:
        where = f"{file.name}/{file.version}.json"
        if file.uri != f"{BASE_URI}{where}":
            yield f"{where}: its $id must be {BASE_URI}{where}"
        try:
            jsonschema_rs.meta.validate(dict(file.content))
        except jsonschema_rs.ValidationError as error:
            pointer = "/".join(map(str, error.instance_path))
            yield f"{where}: /{pointer}: not JSON Schema 2020-12: {error.message[:200]}"
            continue
        try:
            build_validator(file.content, files)
        except ValueError as error:
            yield f"{where}: {error}"
            continue
        if file.uri in newest:
            for uri in sorted(_referred(file.content, file.uri) - newest):
                yield f"{where}: it refers to {uri}, of which there is a newer version"


def _check_versions(files: Sequence[SchemaFile]) -> Iterator[str]:
    """Within a major version no version breaks the one before."""
    contents = {file.uri: file.content for file in files}
    for name, versions in _by_name(files).items():
        for old, new in pairwise(versions):
            if old.version.major == new.version.major:
                for change in breaking_changes(old, new, direction_of(name), contents.get):
                    yield f"{name}/{new.version}.json: against {old.version}: {change}"


def _check_topics(topics: Iterable[TopicSpec], files: Sequence[SchemaFile]) -> Iterator[str]:
    known = {file.name for file in files}
    for topic in topics:
        if topic.record not in known:
            yield f"topics.yaml: {topic.name}: there is no schema {topic.record}"


def _check_examples(folder: Path, current: SchemaFile, files: Sequence[SchemaFile]) -> Iterator[str]:
    """The newest version takes every valid example and refuses every invalid one where the example says.

    An invalid example is an object of ``at`` (a JSON pointer or ``(root)``), ``why`` and ``value``.
    """
    validator = build_validator(current.content, files)
    valid = sorted((folder / "examples" / "valid").glob("*.json"))
    invalid = sorted((folder / "examples" / "invalid").glob("*.json"))
    for kind, found in (("valid", valid), ("invalid", invalid)):
        if not found:
            yield f"{folder.name}: there is no {kind} example"
    for path in valid:
        problem = check_value(validator, _read(path))
        if problem is not None:
            yield f"{_name(path)}: must be valid: {problem}"
    for path in invalid:
        example = _read(path)
        if not isinstance(example, dict) or set(example) != {"at", "why", "value"}:
            yield f"{_name(path)}: an invalid example is an object of at, why and value"
            continue
        problem = check_value(validator, example["value"])
        if problem is None:
            yield f"{_name(path)}: must not be valid"
        elif not problem.startswith(f"{example['at']}: "):
            yield f"{_name(path)}: must be refused at {example['at']}, not {problem}"


def _by_name(files: Iterable[SchemaFile]) -> dict[str, list[SchemaFile]]:
    names: dict[str, list[SchemaFile]] = {}
    for file in files:
        names.setdefault(file.name, []).append(file)
    return names


def _referred(schema: object, base: str) -> set[str]:
    """The ``$id`` of each file that ``schema`` refers to, its own included."""
    if isinstance(schema, Mapping):
        own = {urldefrag(urljoin(base, schema["$ref"]))[0]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*(_referred(value, base) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(_referred(value, base) for value in schema))
    return set()


def _read(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ValueError(f"{_name(path)}: {error}") from None


def _name(path: Path) -> str:
    return "/".join(path.parts[-4:])
