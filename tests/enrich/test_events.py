"""The event coder: golden sentences of each language, and what must hold for any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.contract.records import (
    Article,
    EnrichedArticle,
    Entity,
    EntityType,
    Event,
    EventType,
    Party,
    Quad,
    Relation,
    SourceTag,
    Span,
    Status,
)
from workers.enrich.encoder.triggers import Filler, Trigger
from workers.enrich.events import EventDraft, EventKnowledge
from workers.enrich.events.mentions import Mentions
from workers.enrich.events.parties import Parties, merge
from workers.enrich.events.quotations import find_quotations, quotation_at
from workers.enrich.events.repeats import distinct_events
from workers.enrich.events.rules import read_rules
from workers.enrich.events.words import read_party_words
from workers.enrich.pipeline import Pipeline

GOLDEN = Path(__file__).parent / "data" / "golden"
LANGUAGES = ("fr", "en", "ar", "fa", "es", "de", "ru", "tr", "pt", "it", "id")
Enrich = Callable[..., EnrichedArticle]


@pytest.fixture(scope="module")
def knowledge(pipeline: Pipeline) -> EventKnowledge:
    return pipeline.event_knowledge


@pytest.fixture(scope="module")
def enrich(pipeline: Pipeline) -> Enrich:
    def enriched(text: str, language: str, **fields: Any) -> EnrichedArticle:
        return pipeline.enrich(Article(id="a", text=text, language=language, **fields))

    return enriched


def golden() -> Iterator[Any]:
    for path in sorted(GOLDEN.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(path.stem, case, id=f"{path.stem}: {case['text'][:60]}")


def shown(parties: Sequence[Party]) -> list[str]:
    return [f"{p.name}/{p.country or '-'}/{p.sector}" for p in parties]


def shown_event(event: Event) -> dict[str, Any]:
    return {
        "type": str(event.type),
        "mode": event.mode,
        "status": str(event.status),
        "actors": shown(event.actors),
        "recipients": shown(event.recipients),
        "evidence": event.evidence.text,
        "speaker": event.speaker.name if event.speaker else None,
        "location": event.location.name if event.location else None,
        "time": event.time.value if event.time else None,
    }


@pytest.mark.parametrize(("language", "case"), list(golden()))
def test_golden_sentence(language: str, case: dict[str, Any], enrich: Enrich) -> None:
    found = enrich(case["text"], language, published_at=case.get("published_at")).events
    assert len(found) == len(case["events"]), [shown_event(event) for event in found]
    for event, wanted in zip(found, case["events"], strict=True):
        assert {key: value for key, value in shown_event(event).items() if key in wanted} == wanted


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_golden_sentences_show_much(path: Path) -> None:
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))
    events = [event for case in cases for event in case["events"]]
    assert len({e["type"] for e in events}) >= 12
    assert {e["status"] for e in events} >= {"asserted", "future", "negated", "historical"}
    assert sum(not case["events"] for case in cases) >= 3


def test_plover_table_is_whole(knowledge: EventKnowledge) -> None:
    assert set(knowledge.plover) == set(EventType)
    for kind in knowledge.plover.values():
        for intensity in (kind.intensity, *kind.modes.values()):
            assert -10 <= intensity <= 10
    assert knowledge.plover[EventType.ASSAULT].quad is Quad.MATERIAL_CONFLICT
    assert knowledge.plover[EventType.AID].intensity > 0 > knowledge.plover[EventType.THREATEN].intensity


def test_every_language_has_words_for_those_who_act(knowledge: EventKnowledge) -> None:
    assert set(LANGUAGES) <= knowledge.words.keys()
    assert set(LANGUAGES) <= knowledge.dates.keys()
    for words in knowledge.words.values():
        assert {"GOV", "MIL", "COP", "REB", "CVL"} <= {*words.sectors.values(), *words.stems.values()}


def test_wrong_data_is_refused(knowledge: EventKnowledge) -> None:
    with pytest.raises(ValueError, match="ARMY"):
        read_party_words({"pronouns": {}, "both": [], "sectors": {"ARMY": ["troops"]}})
    document = yaml.safe_load(Path("workers/enrich/data/scoring.yaml").read_text(encoding="utf-8"))
    assert read_rules(document) == knowledge.rules
    with pytest.raises(ValueError, match="least_mode is below"):
        read_rules(document | {"least_mode": 0.01})
    with pytest.raises(ValueError, match="weights are wrong"):
        read_rules(document | {"weights": {"luck": 1}})


def found(kind: str, start: int, confidence: float) -> tuple[Trigger, EventDraft]:
    event = EventDraft(
        type=EventType(kind),
        mode=None,
        status=Status.ASSERTED,
        quad=Quad.VERBAL_CONFLICT,
        intensity=0.0,
        confidence=confidence,
        actors=(),
        recipients=(),
        speaker=None,
        location=None,
        time=None,
        evidence=Span("text", start, start + 4, "told"),
    )
    return Trigger(kind, start, start + 4, confidence, {"asserted": 1.0}, {}, ()), event


def test_a_second_event_of_a_type_must_be_surer(knowledge: EventKnowledge) -> None:
    rules = replace(knowledge.rules, least=0.5, least_repeat=0.8)
    said = [found("ACCUSE", 0, 0.6), found("ACCUSE", 9, 0.7), found("AID", 20, 0.55)]
    assert [t.start for t, _ in distinct_events(said, rules)] == [9, 20]
    sure = [*said, found("ACCUSE", 30, 0.9), found("AID", 40, 0.4), found("ASSAULT", 35, 0.8)]
    assert [t.start for t, _ in distinct_events(sure, rules)] == [20, 30], "35 words the same act as 30"


def parties_of(text: str, language: str, knowledge: EventKnowledge, *entities: Entity) -> Parties:
    mentions = Mentions("text", entities, ())
    words = knowledge.words[language]
    return Parties(text, language, mentions, words, knowledge.gazetteer, knowledge.rules)


def entity(text: str, name: str, kind: str, country: str | None, number: int = 1) -> Entity:
    start = text.index(name)
    span = Span("text", start, start + len(name), name)
    return Entity(id=f"e{number}", type=EntityType(kind), name=name, country=country, mentions=(span,))


def filler(text: str, words: str, role: str = "actor", sector: str = "UNK") -> Filler:
    start = text.rindex(words)
    return Filler(role, start, start + len(words), 0.9, sector)


@pytest.mark.parametrize(
    ("language", "text", "words", "country", "sector"),
    [
        ("en", "The Iraqi army shelled the town.", "The Iraqi army", "IRQ", "MIL"),
        ("fr", "Les autorités russes ont protesté.", "Les autorités russes", "RUS", "GOV"),
        ("de", "Die türkische Polizei griff ein.", "Die türkische Polizei", "TUR", "COP"),
        ("es", "Los rebeldes atacaron.", "Los rebeldes", None, "REB"),
        ("en", "Iranian-backed rebels attacked.", "Iranian-backed rebels", None, "REB"),
        ("ar", "قال كالحكومة شيئا", "كالحكومة", None, "GOV"),
    ],
)
def test_an_office_or_a_body_without_a_name(
    language: str, text: str, words: str, country: str | None, sector: str, knowledge: EventKnowledge
) -> None:
    (party,) = parties_of(text, language, knowledge).resolve(filler(text, words))
    assert (party.name, party.country, party.sector) == (words, country, sector)


def test_a_pronoun_is_whoever_acted_last(knowledge: EventKnowledge) -> None:
    text = "Anna Lind met Karl Weber. She praised him. They left."
    people = (entity(text, "Anna Lind", "PERSON", "SWE"), entity(text, "Karl Weber", "PERSON", "DEU", 2))
    parties = parties_of(text, "en", knowledge, *people)
    lind = filler(text, "Anna Lind")
    parties.remember(lind, parties.resolve(lind))
    assert [p.entity for p in parties.resolve(filler(text, "She"))] == ["e1"]


def test_both_countries_are_two(knowledge: EventKnowledge) -> None:
    text = "Iraq talked to Iran. Both countries agreed."
    parties = parties_of(
        text,
        "en",
        knowledge,
        entity(text, "Iraq", "LOCATION", "IRQ"),
        entity(text, "Iran", "LOCATION", "IRN", 2),
    )
    assert [p.country for p in parties.resolve(filler(text, "Both countries"))] == ["IRQ", "IRN"]


def test_merging_keeps_one_of_each() -> None:
    iraq = Party(name="Iraq", country="IRQ", entity="e1")
    merged = merge([Party(name="Baghdad", entity="e1"), iraq, Party(name="Iran")], 5)
    assert [(p.name, p.country) for p in merged] == [("Baghdad", "IRQ"), ("Iran", None)]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("« Oui », dit-il.", ["« Oui »"]),
        ("He said “yes” and ‹no›.", ["“yes”", "‹no›"]),
        ('She said "never" twice.', ['"never"']),
        ("Er sagte: „Nein“.", ["„Nein“"]),
        ("他说「不」。", ["「不」"]),
        ("« Nobody closes this\nThe next line", ["« Nobody closes this"]),
        ('A 5" pipe', []),
        ('A 5" pipe “burst,” he said.', ["“burst,”"]),
    ],
)
def test_quotations_of_every_kind(text: str, quoted: list[str]) -> None:
    found = find_quotations(text)
    assert [text[q.start : q.end] for q in found] == quoted
    for quotation in found:
        assert quotation_at(found, quotation.start) == quotation
        assert quotation_at(found, quotation.end) is None


def test_credited_agency_takes_no_part(pipeline: Pipeline, enrich: Enrich) -> None:
    text = "Selon l'agence de presse Abna, le ministre iranien a condamné Israël. Abna a accusé Israël."
    article = enrich(text, "fr")
    assert ("abna", Relation.AGENCY) in {(tag.source, tag.relation) for tag in article.sources}
    assert article.events
    for event in article.events:
        assert all("Abna" not in p.name for p in (*event.actors, *event.recipients, event.speaker) if p)


def test_statement_in_quotation_marks_is_the_speakers(enrich: Enrich) -> None:
    text = "« Ces groupes représentent une menace pour notre pays », a déclaré le ministre syrien Omar Saleh."
    events = enrich(text, "fr").events
    assert events
    assert {event.speaker.name for event in events if event.speaker} == {"Omar Saleh"}


def test_title_told_again_in_the_lead_is_one_event(enrich: Enrich) -> None:
    title, text = "Japan imposes sanctions on Belarus", "Japan imposed sanctions on Belarus on Friday."
    found = enrich(text, "en", title=title).events
    assert [(e.type, e.evidence.field) for e in found] == [(EventType.SANCTION, "text")]
    other = enrich("It rained on Friday.", "en", title=title).events
    assert [(e.type, e.evidence.field) for e in other] == [(EventType.SANCTION, "title")]


@pytest.mark.parametrize(
    ("text", "published_at", "value", "status"),
    [
        ("Rebels attacked the army base on 12 June 2025.", None, "2025-06-12", None),
        ("Rebels attacked the army base yesterday.", "2026-01-01T00:00:00Z", "2025-12-31", Status.ASSERTED),
        ("Rebels attacked the army base on Friday.", "2026-03-11T12:00:00Z", "2026-03-06", Status.ASSERTED),
        ("Rebels attacked the army base in 2009.", "2026-03-11T12:00:00Z", "2009", Status.HISTORICAL),
        ("Rebels attacked the army base yesterday.", None, None, None),
        (
            "Rebels attacked the army base on 12 June 2025.",
            "2025-09-14T00:00:00Z",
            "2025-06-12",
            Status.HISTORICAL,
        ),
    ],
)
def test_time_is_resolved_or_unknown(
    text: str, published_at: str | None, value: str | None, status: Status | None, enrich: Enrich
) -> None:
    (event,) = enrich(text, "en", published_at=published_at).events
    assert (event.time.value if event.time else None) == value
    assert status is None or event.status is status


WORD_LINES = """
the army attacked rebels killed minister said met accused Israel of attack not will may if protest sanctions
imposed arrested denied threatened urged and he they we our 2014 yesterday Friday
par entre Iran . , « » “ ” « "
"""
WORDS = [*WORD_LINES.split(), "\n"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=60),
    language=st.sampled_from(LANGUAGES),
    published_at=st.sampled_from([None, "2026-03-11T12:00:00Z", "99999-01-01", ""]),
)
def test_any_text(words: list[str], language: str, published_at: str | None, enrich: Enrich) -> None:
    text = " ".join(["Iran", *words])
    article = enrich(text, language, published_at=published_at)
    assert article == enrich(text, language, published_at=published_at)
    assert [e.evidence.start for e in article.events] == sorted(e.evidence.start for e in article.events)
    for event in article.events:
        evidence = event.evidence
        assert text[evidence.start : evidence.end] == evidence.text
        assert evidence.text.strip()
        assert "\n" not in evidence.text
        assert 0 < event.confidence <= 1
        assert not set(event.actors) & set(event.recipients)


def test_a_credited_body_is_kept_apart() -> None:
    text = "Iran said so."
    source = SourceTag(
        source="x", relation=Relation.AGENCY, evidence=Span("text", 0, 4, "Iran"), confidence=1.0
    )
    mentions = Mentions("text", (entity(text, "Iran", "ORGANIZATION", None),), (source,))
    assert mentions.all == ()
    assert mentions.is_credited(0, 4)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_endless_sentence_is_bounded(language: str, enrich: Enrich) -> None:
    word = {"en": "the army attacked rebels and ", "fr": "l'armée a attaqué les rebelles et "}[language]
    found = enrich(word * 600, language).events
    assert len(found) <= 600
    assert all(len(e.evidence.text) < 800 for e in found)
    assert all(len(p.name) <= 80 for e in found for p in (*e.actors, *e.recipients))
