"""One message in, one outcome out: the whole of enriching as a function of bytes that never raises."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import structlog

from workers import metrics
from workers.contract.encoding import encode
from workers.contract.records import Outcome, Reason, Rejection
from workers.contract.schemas import validate
from workers.enrich.article import Limits, read_article
from workers.enrich.encoder.network import NETWORKS, network_version
from workers.enrich.pipeline import Pipeline, StageObserver
from workers.settings import Settings

Processor = Callable[[bytes | None], Outcome]

_log = structlog.get_logger(__name__)


def limits_of(settings: Settings) -> Limits:
    """The settings that bound an article."""
    return Limits(
        max_message_bytes=settings.max_message_bytes,
        max_text_chars=settings.max_text_chars,
        max_analysed_chars=settings.max_analysed_chars,
    )


def load_processor(settings: Settings, observe: StageObserver | None = None) -> Processor:
    """Load the pipeline and return the function from a message's value to its outcome."""
    limits = limits_of(settings)
    pipeline = Pipeline.load(limits, observe) if observe else Pipeline.load(limits)
    metrics.MODEL_INFO.labels(
        language="every", model="telex_reader", version=network_version(NETWORKS[0])
    ).set(1)
    return lambda value: enrich_message(value, pipeline)


def enrich_message(value: bytes | None, pipeline: Pipeline) -> Outcome:
    """Read, enrich and check one article.

    A defect of ours (an exception, a record against its schema) becomes a rejection of this one article with
    the reason ``internal_error``, so that its neighbours go on.
    """
    article = read_article(value, pipeline.limits)
    if isinstance(article, Rejection):
        return article
    try:
        with pipeline.memory_zone():
            enriched = pipeline.enrich(article)
        problem = validate("enriched-article", orjson.loads(encode(enriched)))
    except Exception as error:
        _log.exception("article_failed", article_id=article.id)
        return Rejection(
            stage="enrich",
            reason=Reason.INTERNAL_ERROR,
            error=type(error).__name__,
            message="the pipeline failed on this article; the worker's log has the trace",
        )
    if problem is not None:
        _log.error("record_against_schema", article_id=article.id, problem=problem)
        return Rejection(
            stage="check", reason=Reason.INTERNAL_ERROR, error="ValidationError", message=problem
        )
    return enriched
