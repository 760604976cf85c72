"""The articles that the demo feeds: raw message values, well-formed or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from workers.demo.processes import DemoError


def read_articles(path: Path) -> Iterator[bytes]:
    """Yield the lines of a JSON-lines file as they stand, empty ones left out.

    Nothing is checked here: what is wrong with a line is for the worker to say. Raises DemoError, at the
    call, for a file that cannot be opened, and while reading for one that cannot be read on.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise DemoError(f"cannot read {path}: {error.strerror}") from None

    def lines() -> Iterator[bytes]:
        with file:
            try:
                yield from filter(None, map(bytes.strip, file))
            except OSError as error:
                raise DemoError(f"cannot read {path}: {error.strerror}") from None

    return lines()


def message_key(value: bytes) -> bytes | None:
    """The key to feed an article under, so that its versions stay in order: its id or its url."""
    try:
        article = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(article, dict):
        return None
    for name in ("id", "url"):
        key = article.get(name)
        if isinstance(key, str) and key:
            return key.encode("utf-8", "replace")
    return None
