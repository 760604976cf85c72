"""Kafka headers of what Telex publishes: CloudEvents 1.0 in Kafka's binary content mode.

Sources: CloudEvents 1.0.2 with its Kafka protocol binding (attributes as ``ce_`` headers, values in UTF-8)
and W3C Trace Context, whose ``traceparent`` and ``tracestate`` travel on from the article to what it became.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from workers.contract.records import EnrichedArticle, Event, EventType, RetractedEvent
from workers.contract.schemas import current_schema

Headers = list[tuple[str, bytes]]
IncomingHeaders = Iterable[tuple[str, bytes | None]]

SPEC_VERSION = "1.0"
SOURCE = "/telex/enrich"
CONTENT_TYPE = "application/json"

_MAX_SUBJECT_CHARS = 512
_MAX_TRACESTATE_CHARS = 512
# Other versions than 00 may go on after the flags; ff is forbidden, and so are ids of zeros alone.
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-[!-~]{1,200})?"
)
_TRACESTATE = re.compile(r"[ -~\t]{1,512}")
# What a CloudEvents string may not contain: control characters, surrogates, noncharacters.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def event_type(event: EventType) -> str:
    """The ``ce_type`` of a typed event: ``telex.event.assault.v1`` for ASSAULT."""
    return f"telex.event.{event.value.lower()}.v{current_schema('event').version.major}"


# What the ``ce_type`` of every retraction begins with, by which it is told from an event.
RETRACTED_PREFIX = "telex.event-retracted."


def retracted_type(event: EventType) -> str:
    """The ``ce_type`` of a retraction: ``telex.event-retracted.assault.v1`` for ASSAULT."""
    return f"{RETRACTED_PREFIX}{event.value.lower()}.v{current_schema('retracted-event').version.major}"


def enriched_type() -> str:
    """The ``ce_type`` of an enriched article."""
    return f"telex.article-enriched.v{current_schema('enriched-article').version.major}"


def event_headers(event: Event, incoming: IncomingHeaders, time: datetime) -> Headers:
    """The headers of one message of the topic ``events``.

    ``incoming`` are the headers of the article's message, ``time`` (with its zone) is when it was enriched.
    """
    return _headers(
        identifier=event.id,
        kind=event_type(event.type),
        subject=event.article.id,
        schema=current_schema("event").uri,
        incoming=incoming,
        time=time,
    )


def retracted_headers(retracted: RetractedEvent, incoming: IncomingHeaders, time: datetime) -> Headers:
    """The headers of a retraction in the topic ``events``; see ``event_headers``.

    ``ce_id`` is the event's id and the version that has it no longer: an event that a later version has again
    may be retracted again, which is another CloudEvent.
    """
    return _headers(
        identifier=f"{retracted.id}:{retracted.article.version}",
        kind=retracted_type(retracted.type),
        subject=retracted.article.id,
        schema=current_schema("retracted-event").uri,
        incoming=incoming,
        time=time,
    )


def enriched_headers(record: EnrichedArticle, incoming: IncomingHeaders, time: datetime) -> Headers:
    """The headers of one message of the topic ``articles-enriched``; see ``event_headers``.

    ``ce_id`` is the article's id and version, as a corrected article is another CloudEvent.
    """
    return _headers(
        identifier=f"{record.id}:{record.version}",
        kind=enriched_type(),
        subject=record.id,
        schema=current_schema("enriched-article").uri,
        incoming=incoming,
        time=time,
    )


def trace_headers(incoming: IncomingHeaders) -> Headers:
    """``traceparent`` and ``tracestate`` of ``incoming`` as they stand, or nothing where they are malformed.

    A ``tracestate`` has no meaning without a ``traceparent``; several lines of it are one list.
    """
    parents: list[str] = []
    states: list[str] = []
    for name, value in incoming:
        lowered = name.lower()
        if lowered == "traceparent":
            parents.append(_ascii(value))
        elif lowered == "tracestate":
            states.append(_ascii(value))
    if len(parents) != 1 or not is_traceparent(parents[0]):
        return []
    headers = [("traceparent", parents[0].encode("ascii"))]
    state = ",".join(filter(None, states))
    if len(state) <= _MAX_TRACESTATE_CHARS and _TRACESTATE.fullmatch(state):
        headers.append(("tracestate", state.encode("ascii")))
    return headers


def is_traceparent(value: str) -> bool:
    """Whether ``value`` has the shape of a W3C ``traceparent``."""
    match = _TRACEPARENT.fullmatch(value)
    return match is not None and not (match["version"] == "00" and match["more"])


def _headers(
    *, identifier: str, kind: str, subject: str, schema: str, incoming: IncomingHeaders, time: datetime
) -> Headers:
    attributes = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": _ce_string(identifier),
        "ce_type": kind,
        "ce_source": SOURCE,
        "ce_subject": _ce_string(subject[:_MAX_SUBJECT_CHARS]),
        "ce_time": time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ce_dataschema": schema,
        "content-type": CONTENT_TYPE,
    }
    return [(name, value.encode("utf-8")) for name, value in attributes.items()] + trace_headers(incoming)


def _ce_string(value: str) -> str:
    """``value`` with the characters that CloudEvents forbids percent-encoded; all else stays readable."""
    return _FORBIDDEN.sub(lambda match: _percent_encode(match[0]), value)


def _percent_encode(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _ascii(value: bytes | None) -> str:
    try:
        return (value or b"").decode("ascii")
    except UnicodeDecodeError:
        return ""
