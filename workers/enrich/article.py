"""The first step: from a message's bytes to an article, or to the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from workers.contract.records import Article, Reason, Rejection
from workers.contract.schemas import validate
from workers.enrich.identity import derive_article_id

_STAGE = "read"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an article may measure: the message in bytes, its text in characters."""

    max_message_bytes: int
    max_text_chars: int
    max_analysed_chars: int


def read_article(value: bytes | None, limits: Limits) -> Article | Rejection:
    """Read one article from a message's value; any bytes at all give an article or a rejection.

    ``None`` is Kafka's null value, a message without content.
    """
    if value is None:
        return _reject(Reason.INVALID_JSON, "NullValue", "the message has no value")
    if len(value) > limits.max_message_bytes:
        return _reject(
            Reason.TOO_LARGE, "TooLarge", f"{len(value)} bytes, at most {limits.max_message_bytes} are read"
        )
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return _reject_undecodable(value, error)
    problem = validate("article", content)
    if problem is not None:
        return _reject(Reason.SCHEMA, "ValidationError", problem)
    if len(content["text"]) > limits.max_text_chars:
        return _reject(
            Reason.TEXT_TOO_LONG,
            "TextTooLong",
            f"/text: {len(content['text'])} characters, at most {limits.max_text_chars} are read",
        )
    if not any(character.isalnum() for character in content["text"]):
        return _reject(Reason.EMPTY_TEXT, "EmptyText", "/text: there is not one letter or digit in it")
    version = content.get("version")
    return Article(
        id=derive_article_id(content),
        text=content["text"],
        title=content.get("title") or None,
        url=content.get("url") or None,
        language=content.get("language") or None,
        published_at=content.get("published_at") or None,
        publisher=content.get("publisher") or None,
        version=1 if version is None else int(version),
    )


def _reject_undecodable(value: bytes, error: orjson.JSONDecodeError) -> Rejection:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as fault:
        return _reject(Reason.INVALID_UTF8, "UnicodeDecodeError", f"byte {fault.start}: {fault.reason}")
    return _reject(
        Reason.INVALID_JSON, "JSONDecodeError", f"line {error.lineno} column {error.colno}: {error.msg}"
    )


def _reject(reason: Reason, error: str, message: str) -> Rejection:
    return Rejection(stage=_STAGE, reason=reason, error=error, message=message)
