"""Records as JSON bytes."""

from __future__ import annotations

import orjson


def encode(record: object) -> bytes:
    """Write a dataclass record (or plain JSON content) as compact UTF-8 JSON.

    Raises orjson.JSONEncodeError for what JSON cannot carry, such as a lone surrogate.
    """
    return orjson.dumps(record)
