"""Any bytes in, one outcome out."""

from __future__ import annotations

import json

import orjson
import pytest
from hostile import ENRICHED, Hostile, corpus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.contract.encoding import encode
from workers.contract.records import EnrichedArticle, Reason, Rejection, Span
from workers.contract.schemas import validate
from workers.enrich.message import Processor

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
PIECES = st.sampled_from(
    [
        "Le ministre irakien a rencontré à Bagdad Mohammad Pakpour.",
        "Selon l'agence de presse Abna, ",
        "The army shelled the town, Reuters reported.",
        "« Nous refusons », a-t-il dit",
        "به گزارش خبرگزاری ایرنا",
        "قالت وكالة رويترز",
        "\n",
        "\r\n",
        " ",
        "\0",
        "\u202e",
        "\u200c",
        "<b>",
        "</b>",
        "&amp;",
        "&",
        "<",
        "(",
        "«",
        '"',
        "https://www.reuters.com/world",
        "x" * 300,
        "M. ",
        "3,5",
        "🙂",
        "e\u0301",
        "\ufeff",
        "Dr. ",
        "'s",
    ]
)
ANY_TEXT = st.lists(PIECES | st.text(max_size=20), min_size=1, max_size=12).map("".join)


def spans_of(enriched: EnrichedArticle) -> list[Span]:
    return [
        *(tag.evidence for tag in enriched.sources),
        *(mention for entity in enriched.entities for mention in entity.mentions),
        *(event.evidence for event in enriched.events),
    ]


@pytest.mark.parametrize("kind", corpus(), ids=lambda kind: kind.name)
def test_bad_input_has_its_one_outcome(kind: Hostile, process: Processor) -> None:
    outcome = process(kind.value)
    if isinstance(outcome, Rejection):
        assert outcome.reason == kind.outcome, outcome.message
        assert outcome.message
        assert len(outcome.message) <= 1000
        assert "\n" not in outcome.message
    else:
        assert kind.outcome == ENRICHED
        assert outcome.analysed_chars <= outcome.text_chars


def test_a_message_without_a_value_is_rejected(process: Processor) -> None:
    outcome = process(None)
    assert isinstance(outcome, Rejection)
    assert outcome.reason is Reason.INVALID_JSON


@given(value=st.binary(max_size=200) | ANY_JSON.map(lambda content: json.dumps(content).encode()))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_have_an_outcome_that_is_no_defect(value: bytes, process: Processor) -> None:
    outcome = process(value)
    if isinstance(outcome, Rejection):
        assert outcome.reason is not Reason.INTERNAL_ERROR


@given(
    text=ANY_TEXT, title=st.none() | ANY_TEXT, language=st.sampled_from([None, "fr", "en", "ar", "zh-Hant"])
)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_span_is_exactly_the_articles_text(
    text: str, title: str | None, language: str | None, process: Processor
) -> None:
    article = {"id": "a", "text": text, "title": title, "language": language}
    outcome = process(orjson.dumps(article))
    if isinstance(outcome, Rejection):
        assert outcome.reason in (Reason.EMPTY_TEXT, Reason.SCHEMA)
        return
    for span in spans_of(outcome):
        field = article[span.field]
        assert field is not None
        assert field[span.start : span.end] == span.text
        assert span.start < span.end
    assert validate("enriched-article", orjson.loads(encode(outcome))) is None
    for event in outcome.events:
        assert validate("event", orjson.loads(encode(event))) is None
    assert process(orjson.dumps(article)) == outcome


def test_no_article_leaves_a_trace_in_the_next(process: Processor) -> None:
    first = orjson.dumps({"text": "Le ministre irakien a rencontré à Bagdad une délégation iranienne."})
    other = orjson.dumps({"text": "Paris Saint-Germain a battu Lyon, selon l'AFP, devant Karim Benz."})
    alone = process(first)
    process(other)
    assert process(first) == alone
