"""Holds ``schemas/asyncapi.yaml`` against topics.yaml, the schemas and the headers that the code writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import yaml

from workers.contract.cloudevents import enriched_type, event_type, retracted_type
from workers.contract.records import EventType
from workers.contract.schemas import SchemaFile, build_validator, check_value
from workers.contract.topics import TopicSpec

DOCUMENT_NAME = "asyncapi.yaml"
_STRUCTURE = Path(__file__).with_name("asyncapi-structure.json")


def check_asyncapi(folder: Path, topics: Iterable[TopicSpec], current: Sequence[SchemaFile]) -> list[str]:
    """What is wrong with the document in ``folder``, one line each; ``current`` are the newest schemas."""
    try:
        document = yaml.safe_load((folder / DOCUMENT_NAME).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        return [f"{DOCUMENT_NAME}: {' '.join(str(error).split())[:200]}"]
    problem = check_value(build_validator(orjson.loads(_STRUCTURE.read_bytes()), ()), document)
    if problem is not None:
        return [f"{DOCUMENT_NAME}: {problem}"]
    problems = [
        *_check_references(document, folder),
        *_check_channels(document, topics),
        *_check_schemas(document, current),
    ]
    if not problems:
        problems = [*_check_types(document)]
    return [f"{DOCUMENT_NAME}: {line}" for line in problems]


def headers_schema(document: Mapping[str, Any], message: str) -> dict[str, Any]:
    """The JSON Schema that the document gives for the headers of one of its messages, able to stand alone."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document["components"]["messages"][message]["headers"],
        "components": {"schemas": document["components"]["schemas"]},
    }


def look_up(document: Mapping[str, Any], reference: str) -> Any:
    """What a reference into the document itself (``#/…``) means; None when there is nothing."""
    found: Any = document
    for part in reference.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _check_references(document: Mapping[str, Any], folder: Path) -> Iterator[str]:
    for reference in sorted(_references(document)):
        if reference.startswith("#"):
            if look_up(document, reference) is None:
                yield f"the reference {reference} leads nowhere"
        elif not (folder / reference).is_file():
            yield f"the reference {reference} leads to no file"


def _check_channels(document: Mapping[str, Any], topics: Iterable[TopicSpec]) -> Iterator[str]:
    """The channels are the topics, with their figures."""
    given = {name: _channel_figures(channel) for name, channel in document["channels"].items()}
    wanted = {spec.name: _topic_figures(spec) for spec in topics}
    for name in sorted(given.keys() | wanted.keys()):
        if given.get(name) != wanted.get(name):
            yield f"channels/{name}: {given.get(name)} here, {wanted.get(name)} in topics.yaml"


def _channel_figures(channel: Mapping[str, Any]) -> dict[str, Any]:
    kafka = channel["bindings"]["kafka"]
    return {
        "address": channel["address"],
        "partitions": kafka["partitions"],
        "replicas": kafka["replicas"],
        **kafka["topicConfiguration"],
    }


def _topic_figures(spec: TopicSpec) -> dict[str, Any]:
    configs = spec.configs(copies=spec.replication_factor)
    return {
        "address": spec.name,
        "partitions": spec.partitions,
        "replicas": spec.replication_factor,
        "cleanup.policy": [spec.cleanup_policy],
        "retention.ms": int(configs["retention.ms"]),
        "max.message.bytes": spec.max_message_bytes,
    }


def _check_schemas(document: Mapping[str, Any], current: Sequence[SchemaFile]) -> Iterator[str]:
    """The schema files that the document refers to are all the newest ones, and no other."""
    files = {reference for reference in _references(document) if not reference.startswith("#")}
    wanted = {f"./{file.name}/{file.version}.json" for file in current}
    for name in sorted(wanted - files):
        yield f"it does not name {name}"
    for name in sorted(files - wanted):
        yield f"it names {name}, which is not the newest version of a schema"


def _check_types(document: Mapping[str, Any]) -> Iterator[str]:
    """``ce_type`` and ``ce_dataschema`` are what the code writes."""
    for message, types in (
        ("event", sorted(event_type(kind) for kind in EventType)),
        ("retractedEvent", sorted(retracted_type(kind) for kind in EventType)),
        ("enrichedArticle", [enriched_type()]),
    ):
        given = sorted(headers_schema(document, message)["properties"]["ce_type"]["enum"])
        if given != types:
            yield f"messages/{message}: ce_type is {' '.join(given)}; the code writes {' '.join(types)}"


def _references(content: object) -> set[str]:
    if isinstance(content, Mapping):
        own = {content["$ref"]} if isinstance(content.get("$ref"), str) else set()
        return own.union(*map(_references, content.values()))
    if isinstance(content, list):
        return set().union(*map(_references, content))
    return set()
