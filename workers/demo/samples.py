"""The sample articles: written for Telex in the manner of news agencies, with persons and events invented.

``data/articles.jsonl`` has one article a line, ``data/contents.yaml`` tells what each one says, and
``data/malformed.yaml`` describes messages that are no articles.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import yaml

# One malformed message comes after so many articles.
_ARTICLES_BETWEEN: Final = 3
# Mixes the languages, which the file has one after the other; prime to the number of articles.
_STRIDE: Final = 17


@dataclass(frozen=True, slots=True)
class MalformedSample:
    """A message that no article can be read from, and the dead-letter reason that it should get."""

    name: str
    reason: str
    value: bytes


def load_samples() -> list[bytes]:
    """All samples as raw message values, in one fixed order: languages mixed, malformed ones among them."""
    articles = load_sample_articles()
    mixed = [articles[i * _STRIDE % len(articles)] for i in range(len(articles))]
    for i, malformed in enumerate(load_malformed_samples()):
        mixed.insert((i + 1) * (_ARTICLES_BETWEEN + 1) - 1, malformed.value)
    return mixed


def load_sample_articles() -> list[bytes]:
    """The well-formed samples, in the order of their file."""
    return _data("articles.jsonl").splitlines()


def load_sample_contents() -> dict[str, Any]:
    """What each sample says, by its name, in the order of the file: line, language, sources, events."""
    contents: dict[str, Any] = yaml.safe_load(_data("contents.yaml"))
    return contents


def load_malformed_samples() -> list[MalformedSample]:
    """The malformed samples, in the order of their file."""
    return [
        MalformedSample(name=entry["name"], reason=entry["reason"], value=_value(entry))
        for entry in yaml.safe_load(_data("malformed.yaml"))
    ]


def _value(entry: dict[str, Any]) -> bytes:
    if "base64" in entry:
        return base64.b64decode(entry["base64"], validate=True)
    return "".join(text * times for text, times in entry["pieces"]).encode("utf-8")


def _data(name: str) -> bytes:
    return (resources.files("workers.demo") / "data" / name).read_bytes()
