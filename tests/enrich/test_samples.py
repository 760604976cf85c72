"""The samples are what they say: articles in five languages, and messages that are none."""

from __future__ import annotations

from collections import Counter

import orjson
import pytest

from workers.contract.records import EventType, Rejection, Status
from workers.contract.schemas import validate
from workers.demo.samples import (
    MalformedSample,
    load_malformed_samples,
    load_sample_articles,
    load_sample_contents,
    load_samples,
)
from workers.enrich.article import Limits, read_article
from workers.enrich.language import LanguageIdentifier
from workers.enrich.registry import SourceRegistry
from workers.enrich.sources import credit_sources
from workers.enrich.text import prepare_fields

LIMITS = Limits(max_message_bytes=1 << 20, max_text_chars=100_000, max_analysed_chars=20_000)
CONTENTS = load_sample_contents()
MALFORMED = load_malformed_samples()


def test_every_article_conforms_to_the_schema() -> None:
    for value in load_sample_articles():
        assert validate("article", orjson.loads(value)) is None


def test_every_article_has_contents_and_an_id_of_its_own() -> None:
    articles = [read_article(value, LIMITS) for value in load_sample_articles()]
    assert [entry["line"] for entry in CONTENTS.values()] == list(range(1, len(articles) + 1))
    assert len({article.id for article in articles if not isinstance(article, Rejection)}) == len(articles)


def test_what_the_samples_cover() -> None:
    languages = Counter(entry["language"] for entry in CONTENTS.values())
    assert languages["fr"] >= 12
    assert languages["en"] >= 12
    assert min(languages[code] for code in ("ar", "fa", "es")) >= 5
    events = [event.split("/") for entry in CONTENTS.values() for event in entry["events"]]
    assert {kind for kind, _ in events} == {str(kind) for kind in EventType}
    assert {status for _, status in events} == {str(status) for status in Status}
    assert sum(not entry["events"] for entry in CONTENTS.values()) >= 4
    for story in ("muscat-meeting", "obeid-strike"):
        told_in = {entry["language"] for entry in CONTENTS.values() if entry.get("story") == story}
        assert told_in == {"fr", "en", "ar", "fa", "es"}


def test_some_state_their_language_and_some_do_not() -> None:
    stated = Counter("language" in orjson.loads(value) for value in load_sample_articles())
    assert min(stated.values()) >= 10


def test_language_and_sources_are_found() -> None:
    identifier, registry = LanguageIdentifier(), SourceRegistry.load()
    for value, (name, entry) in zip(load_sample_articles(), CONTENTS.items(), strict=True):
        article = read_article(value, LIMITS)
        assert not isinstance(article, Rejection), name
        fields = prepare_fields(article, LIMITS.max_analysed_chars)
        language = identifier.identify(article, fields)
        assert language == entry["language"], name
        tags = credit_sources(article, fields, language, registry)
        assert {tag.source for tag in tags} == set(entry["sources"]), name


@pytest.mark.parametrize("sample", MALFORMED, ids=lambda sample: sample.name)
def test_a_malformed_sample_is_rejected_for_its_reason(sample: MalformedSample) -> None:
    outcome = read_article(sample.value, LIMITS)
    assert isinstance(outcome, Rejection)
    assert outcome.reason == sample.reason


def test_the_mix_has_every_sample_once_in_one_order() -> None:
    mixed = load_samples()
    everything = [*load_sample_articles(), *(sample.value for sample in MALFORMED)]
    assert mixed == load_samples()
    assert sorted(mixed) == sorted(everything)
    assert len(MALFORMED) >= 8
    first_languages = {CONTENTS_BY_VALUE.get(value) for value in mixed[:12]}
    assert first_languages >= {"fr", "en", "ar", "fa", "es"}


CONTENTS_BY_VALUE = {
    value: entry["language"] for value, entry in zip(load_sample_articles(), CONTENTS.values(), strict=True)
}
