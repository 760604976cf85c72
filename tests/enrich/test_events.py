"""The event coder: golden sentences of each language, and what must hold for any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.contract.records import (
    Article,
    Entity,
    EntityType,
    EventType,
    Party,
    Quad,
    Relation,
    SourceTag,
    Span,
    Status,
)
from workers.enrich.events import EventDraft, EventKnowledge, code_events
from workers.enrich.events.lexicon import read_lexicon
from workers.enrich.syntax import Parsers
from workers.enrich.text import prepare_fields

DATA = Path(__file__).parent / "data" / "events"
LANGUAGES = ("en", "fr")
Coder = Callable[..., tuple[EventDraft, ...]]


@pytest.fixture(scope="module")
def knowledge() -> EventKnowledge:
    return EventKnowledge.load()


@pytest.fixture(scope="module")
def parsers() -> Parsers:
    return Parsers.load(LANGUAGES)


@pytest.fixture(scope="module")
def code(knowledge: EventKnowledge, parsers: Parsers) -> Coder:
    def coder(
        text: str,
        language: str,
        entities: Sequence[Entity] = (),
        sources: Sequence[SourceTag] = (),
        published_at: str | None = None,
        title: str | None = None,
    ) -> tuple[EventDraft, ...]:
        fields = prepare_fields(Article(id="a", text=text, title=title), 20_000)
        parses = parsers.parse(fields, language)
        return code_events(parses, language, entities, sources, published_at, knowledge)

    return coder


def mentions(text: str, names: Mapping[str, Sequence[Any]], field: str = "text") -> tuple[Entity, ...]:
    entities = []
    for number, (name, (kind, country, *role)) in enumerate(names.items(), 1):
        spans, start = [], text.find(name)
        while start >= 0:
            spans.append(Span("title" if field == "title" else "text", start, start + len(name), name))
            start = text.find(name, start + 1)
        entities.append(
            Entity(
                id=f"e{number}",
                type=EntityType(kind),
                name=name,
                country=country,
                role=role[0] if role else None,
                mentions=tuple(spans),
            )
        )
    return tuple(entities)


def golden() -> Iterator[Any]:
    for language in LANGUAGES:
        for case in yaml.safe_load((DATA / f"{language}.yaml").read_text(encoding="utf-8")):
            yield pytest.param(language, case, id=f"{language}: {case['text'][:60]}")


def shown(parties: Sequence[Party]) -> list[str]:
    return [f"{p.name}/{p.country or '-'}/{p.sector}" for p in parties]


@pytest.mark.parametrize(("language", "case"), list(golden()))
def test_golden_sentence(language: str, case: dict[str, Any], code: Coder) -> None:
    entities = mentions(case["text"], case.get("entities") or {})
    found = code(case["text"], language, entities, (), case.get("published_at"))
    have = [
        {
            "type": str(e.type),
            "mode": e.mode,
            "status": str(e.status),
            "actors": shown(e.actors),
            "recipients": shown(e.recipients),
            "evidence": e.evidence.text,
            "speaker": e.speaker.name if e.speaker else None,
            "location": e.location.name if e.location else None,
            "time": e.time.value if e.time else None,
        }
        for e in found
    ]
    want = [{"speaker": None, "location": None, "time": None, **event} for event in case["events"]]
    assert have == want


@pytest.mark.parametrize("language", LANGUAGES)
def test_golden_sentences_cover_every_type_and_status(language: str) -> None:
    cases = yaml.safe_load((DATA / f"{language}.yaml").read_text(encoding="utf-8"))
    events = [event for case in cases for event in case["events"]]
    assert {e["type"] for e in events} == {str(t) for t in EventType}
    assert {e["status"] for e in events} == {str(s) for s in Status}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lexicon_words_every_type(language: str, knowledge: EventKnowledge) -> None:
    lexicon = knowledge.lexicons[language]
    assert {p.type for patterns in lexicon.patterns.values() for p in patterns} == set(EventType)


def test_plover_table_is_whole(knowledge: EventKnowledge) -> None:
    assert set(knowledge.plover) == set(EventType)
    for kind in knowledge.plover.values():
        for intensity in (kind.intensity, *kind.modes.values()):
            assert -10 <= intensity <= 10
    assert knowledge.plover[EventType.ASSAULT].quad is Quad.MATERIAL_CONFLICT
    assert knowledge.plover[EventType.AID].intensity > 0 > knowledge.plover[EventType.THREATEN].intensity


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"triggers": [{"type": "ATTACK", "verbs": ["attack"]}]}, "ATTACK"),
        ({"triggers": [{"type": "ASSAULT", "verb": ["attack"]}]}, "verb"),
        ({"triggers": [{"type": "ASSAULT", "mode": "visit", "verbs": ["attack"]}]}, "visit"),
        ({"triggers": [{"type": "ASSAULT", "verbs": ["attack"], "needs": ["luck"]}]}, "luck"),
        ({"triggers": [{"type": "ASSAULT", "verbs": ["attack"], "near": [True]}]}, "True"),
        ({"domains": {"politics": ["law"], "gardening": ["rose"]}}, "gardening"),
    ],
)
def test_wrong_lexicon_is_refused(change: dict[str, Any], message: str, knowledge: EventKnowledge) -> None:
    path = Path(read_lexicon.__code__.co_filename).parent.parent / "data" / "languages" / "en" / "events.yaml"
    document = {**yaml.safe_load(path.read_text(encoding="utf-8")), **change}
    with pytest.raises(ValueError, match=message):
        read_lexicon(document, knowledge.plover, knowledge.rules.domains)


def test_language_without_lexicon_has_no_events(code: Coder, knowledge: EventKnowledge) -> None:
    assert code_events((), "ar", (), (), None, knowledge) == ()


def test_credited_agency_takes_no_part(code: Coder) -> None:
    credit = "Selon l'agence de presse Abna"
    text = f"{credit}, le ministre iranien a condamné l'attaque d'Israël. Abna a accusé Israël."
    entities = mentions(text, {"Abna": ["ORGANIZATION", "IRN"], "Israël": ["LOCATION", "ISR"]})
    source = SourceTag(
        source="abna", relation=Relation.AGENCY, evidence=Span("text", 0, len(credit), credit), confidence=1.0
    )
    found = code(text, "fr", entities, (source,))
    assert EventType.ACCUSE in {e.type for e in found}
    assert all("Abna" not in p.name for e in found for p in (*e.actors, *e.recipients, e.speaker) if p)
    # The same body named without being credited may act.
    assert any("Abna" in p.name for e in code(text, "fr", entities) for p in e.actors)


def test_statement_in_quotation_marks_is_the_speakers(code: Coder) -> None:
    text = "« Ces groupes représentent une menace pour notre pays », a déclaré le ministre Omar Saleh."
    entities = mentions(text, {"Omar Saleh": ["PERSON", "SYR", "ministre"]})
    (event,) = code(text, "fr", entities)
    assert event.type is EventType.ACCUSE
    assert event.speaker is not None
    assert event.speaker.entity == "e1"
    assert [p.entity for p in event.actors] == ["e1"]


def test_title_told_again_in_the_lead_is_one_event(code: Coder) -> None:
    title, text = "Japan imposes sanctions on Belarus", "Japan imposed sanctions on Belarus on Friday."
    names = {"Japan": ["LOCATION", "JPN"], "Belarus": ["LOCATION", "BLR"]}
    entities = tuple(
        Entity(id=a.id, type=a.type, name=a.name, country=a.country, mentions=(*b.mentions, *a.mentions))
        for a, b in zip(mentions(text, names), mentions(title, names, "title"), strict=True)
    )
    found = code(text, "en", entities, title=title)
    assert [(e.type, e.evidence.field) for e in found] == [(EventType.SANCTION, "text")]
    other = code("It rained on Friday.", "en", mentions(title, names, "title"), title=title)
    assert [(e.type, e.evidence.field) for e in other] == [(EventType.SANCTION, "title")]


@pytest.mark.parametrize(
    ("text", "published_at", "value"),
    [
        ("Rebels attacked the army base on 12 June 2015.", None, "2015-06-12"),
        ("Rebels attacked the army base on June 12, 2015.", None, "2015-06-12"),
        ("Rebels attacked the army base yesterday.", "2026-01-01T00:00:00Z", "2025-12-31"),
        ("Rebels attacked the army base on Friday.", "2026-03-11T12:00:00Z", "2026-03-06"),
        ("Rebels attacked the army base in 2009.", "2026-03-11T12:00:00Z", "2009"),
        ("Rebels attacked the army base yesterday.", None, None),
        ("Rebels attacked the army base on February 31.", "2026-03-11T12:00:00Z", None),
        ("Rebels attacked the army base yesterday.", "next week", None),
    ],
)
def test_time_is_resolved_or_unknown(
    text: str, published_at: str | None, value: str | None, code: Coder
) -> None:
    (event,) = code(text, "en", (), (), published_at)
    assert (event.time.value if event.time else None) == value


def test_past_far_before_the_news_is_background(code: Coder) -> None:
    text = "Rebels attacked the army base on 12 June 2025."
    assert code(text, "en", (), (), "2025-06-14T00:00:00Z")[0].status is Status.ASSERTED
    assert code(text, "en", (), (), "2025-09-14T00:00:00Z")[0].status is Status.HISTORICAL


@pytest.mark.parametrize(
    ("language", "text", "status"),
    [
        ("en", "The rebels had attacked the army base.", Status.HISTORICAL),
        ("en", "The minister said that the rebels had attacked the army base.", Status.ASSERTED),
        ("en", "Rebels attacked the army base three months ago.", Status.HISTORICAL),
        ("en", "Rebels attacked the army base three days ago.", Status.ASSERTED),
        ("en", "Rebels attacked the army base last year.", Status.HISTORICAL),
        ("en", "Rebels attacked the army base earlier this year.", Status.HISTORICAL),
        ("en", "Rebels attacked the army base in 2015.", Status.HISTORICAL),
        ("en", "KAMPALA, June 9 (Reuters) - Rebels attacked the army base on June 8.", Status.ASSERTED),
        ("en", "KAMPALA, June 9 (Reuters) - Rebels attacked the army base on March 8.", Status.HISTORICAL),
        ("en", "Rebels might attack the army base.", Status.HYPOTHETICAL),
        ("en", "The army would attack the rebels if talks failed.", Status.HYPOTHETICAL),
        ("en", "Rebels will attack the army base.", Status.FUTURE),
        ("fr", "Les rebelles avaient attaqué la base militaire.", Status.HISTORICAL),
        ("fr", "Le ministre a dit que les rebelles avaient attaqué la base militaire.", Status.ASSERTED),
        ("fr", "Les rebelles ont attaqué la base militaire il y a trois mois.", Status.HISTORICAL),
        ("fr", "Les rebelles ont attaqué la base militaire il y a trois jours.", Status.ASSERTED),
        ("fr", "Les rebelles ont attaqué la base militaire en 2015.", Status.HISTORICAL),
        ("fr", "Les rebelles ont attaqué la base militaire l'an dernier.", Status.HISTORICAL),
        ("fr", "Les rebelles pourraient attaquer la base militaire.", Status.HYPOTHETICAL),
        ("fr", "Les rebelles vont attaquer la base militaire.", Status.FUTURE),
    ],
)
def test_status_is_told_by_tense_time_and_mood(language: str, text: str, status: Status, code: Coder) -> None:
    (event,) = code(text, language)
    assert (event.type, event.status) == (EventType.ASSAULT, status)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The coach launched an attack on the referee after the match. His team lost by three goals."),
        (
            "en",
            "The director hit out at critics of her film. The actor praised the audience.",
        ),
        ("fr", "L'entraîneur a accusé l'arbitre après le match. Son équipe a perdu par trois buts d'écart."),
        ("fr", "La production du film s'arrêtera en mars. La chanteuse a salué la foule après le concert."),
        ("fr", "Les sanctions qui frappaient la compagnie aérienne inquiètent les passagers."),
    ],
)
def test_words_of_conflict_elsewhere_are_no_event(language: str, text: str, code: Coder) -> None:
    assert code(text, language) == ()


WORD_LINES = """
the army attacked rebels killed minister said met accused Israel of attack not will may if protest sanctions
imposed arrested denied threatened urged and he they we our 2014 yesterday Friday
par entre Iran . , « » “ ” « "
"""
WORDS = [*WORD_LINES.split(), "\n"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=60),
    language=st.sampled_from(LANGUAGES),
    published_at=st.sampled_from([None, "2026-03-11T12:00:00Z", "99999-01-01", ""]),
)
def test_any_text(words: list[str], language: str, published_at: str | None, code: Coder) -> None:
    text = " ".join(words)
    entities = mentions(text, {"Israel": ["LOCATION", "ISR"], "Iran": ["ORGANIZATION", None]})
    at = text.find("Iran")
    credited = at >= 0 and text.isprintable()
    sources = (
        (
            SourceTag(
                source="x",
                relation=Relation.AGENCY,
                evidence=Span("text", at, at + 4, "Iran"),
                confidence=1.0,
            ),
        )
        if credited
        else ()
    )
    found = code(text, language, entities, sources, published_at)
    assert found == code(text, language, entities, sources, published_at)
    assert [e.evidence.start for e in found] == sorted(e.evidence.start for e in found)
    for event in found:
        evidence = event.evidence
        assert text[evidence.start : evidence.end] == evidence.text
        assert evidence.text.strip()
        assert "\n" not in evidence.text
        assert 0 < event.confidence <= 1
        if credited:
            assert all(p.entity != "e2" for p in (*event.actors, *event.recipients))


def test_evidence_stays_inside_its_sentence(code: Coder, parsers: Parsers) -> None:
    text = "The army attacked rebels. Police arrested two rebels.\nThe minister condemned Israel"
    (parse,) = parsers.parse(prepare_fields(Article(id="a", text=text), 20_000), "en")
    bounds = [(s.start_char, s.end_char) for s in parse.doc.sents]
    found = code(text, "en")
    assert len(found) == 3
    for event in found:
        assert any(a <= event.evidence.start and event.evidence.end <= b for a, b in bounds)


@pytest.mark.parametrize("language", LANGUAGES)
def test_endless_sentence_is_bounded(language: str, code: Coder) -> None:
    word = {"en": "the army attacked rebels and ", "fr": "l'armée a attaqué les rebelles et "}[language]
    found = code(word * 600, language)
    assert len(found) <= 6 * 600 / 40
    assert all(len(e.evidence.text) < 800 for e in found)
