"""A parse keeps the article's characters, no sentence goes on over a line break, and triggers are marked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.enrich.pipeline import Pipeline
from workers.enrich.syntax import Parsers
from workers.enrich.text import FieldText


@pytest.fixture(scope="module")
def parsers(pipeline: Pipeline) -> Parsers:
    return pipeline.parsers


def field(text: str) -> FieldText:
    return FieldText("text", text, text)


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Mr. Smith left Berlin. He did not say why.", 2),
        ("fr", "M. Dupont a quitté Berlin. Il n'a pas dit pourquoi.", 2),
        ("ar", "أعلنت الحكومة ذلك. ثم غادر الوزير بغداد؟ نعم.", 3),
        ("zh", "外交部长访问北京。他会见了总理。", 2),
        ("hi", "मंत्री दिल्ली पहुंचे। उन्होंने बात की।", 2),
    ],
)
def test_every_language_has_sentences_and_names(
    parsers: Parsers, language: str, text: str, sentences: int
) -> None:
    (parse,) = parsers.parse([field(text)], language)
    assert parse.doc.text == text
    assert len(list(parse.doc.sents)) == sentences
    assert "LOC" in {entity.label_ for entity in parse.doc.ents}


def test_a_trigger_is_marked_with_who_takes_part(parsers: Parsers) -> None:
    text = "Iran accused Israel on Sunday of breaking the truce."
    (parse,) = parsers.parse([field(text)], "en")
    (trigger,) = [trigger for trigger in parse.triggers if trigger.probability > 0.5]
    assert (trigger.type, text[trigger.start : trigger.end]) == ("ACCUSE", "accused")
    sure = {(f.role, text[f.start : f.end]) for f in trigger.fillers if f.probability > 0.5}
    assert {("actor", "Iran"), ("recipient", "Israel")} <= sure
    assert sum(trigger.statuses.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "Talks on grain and", "peace in Geneva"),
        ("fr", "Les ministres ont discuté de", "la paix à Genève"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\n\n", " \n ", "\r\n", "\n\n\n"])
def test_a_line_break_ends_a_sentence(
    parsers: Parsers, language: str, first: str, second: str, line_break: str
) -> None:
    text = f"{first}{line_break}{second}"
    with parsers.memory_zone():
        (parse,) = parsers.parse([field(text)], language)
        assert parse.doc.text == text
        sentences = [sentence.text.strip() for sentence in parse.doc.sents]
    assert sentences == [first, second]


def test_fields_are_parsed_in_order_and_apart(parsers: Parsers) -> None:
    title, text = FieldText("title", "Peace talks", "Peace talks"), field("They met. They left.")
    with parsers.memory_zone():
        parses = parsers.parse([title, text], "en")
        assert [parse.field for parse in parses] == [title, text]
        assert [len(list(parse.doc.sents)) for parse in parses] == [1, 2]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.sampled_from("ab A.,'’-\n\t\u00a0«»(é1ß中م\u200d😀"), max_size=120))
def test_whatever_the_text_its_offsets_stay(parsers: Parsers, text: str) -> None:
    with parsers.memory_zone():
        (parse,) = parsers.parse([field(text)], "fr")
        assert parse.doc.text == text
        for sentence in parse.doc.sents:
            assert "\n" not in sentence.text.strip()
