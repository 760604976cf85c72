from dataclasses import replace

from workers.contract.records import ArticleReference, EventType, Party, Quad, Span, Status
from workers.enrich.events import EventDraft
from workers.enrich.identity import derive_article_id, identify_events

ARTICLE = ArticleReference(id="a1", version=1, language="fr")
DRAFT = EventDraft(
    type=EventType.CONSULT,
    mode="visit",
    status=Status.ASSERTED,
    quad=Quad.VERBAL_COOPERATION,
    intensity=1.0,
    confidence=0.9,
    actors=(Party(name="Irak", country="IRQ"), Party(name="Iran", country="IRN")),
    recipients=(),
    speaker=None,
    location=None,
    time=None,
    evidence=Span("text", 0, 9, "rencontre"),
)


def ids(*drafts: EventDraft, article: ArticleReference = ARTICLE) -> list[str]:
    return [event.id for event in identify_events(drafts, article)]


def test_an_article_keeps_its_own_id() -> None:
    assert derive_article_id({"id": "x", "url": "http://example.org/", "text": "t"}) == "x"


def test_an_id_is_derived_from_the_url_before_the_text() -> None:
    by_url = derive_article_id({"url": "http://example.org/1", "text": "one"})
    assert by_url == derive_article_id({"url": "http://example.org/1", "text": "two", "id": None})
    by_text = derive_article_id({"url": None, "text": "one"})
    assert by_text == derive_article_id({"text": "one"})
    assert len({by_url, by_text, derive_article_id({"text": "two"})}) == 3


def test_an_event_that_moved_keeps_its_id() -> None:
    moved = replace(DRAFT, evidence=Span("text", 40, 49, "rencontre"))
    assert ids(DRAFT) == ids(moved)


def test_the_id_is_the_same_in_every_version_of_the_article() -> None:
    assert ids(DRAFT) == ids(DRAFT, article=replace(ARTICLE, version=2))


def test_whatever_an_event_says_is_in_its_id() -> None:
    variants = [
        replace(DRAFT, type=EventType.AGREE),
        replace(DRAFT, mode=None),
        replace(DRAFT, status=Status.NEGATED),
        replace(DRAFT, actors=DRAFT.actors[:1]),
        replace(DRAFT, actors=(), recipients=DRAFT.actors),
        replace(DRAFT, evidence=Span("title", 0, 9, "rencontre")),
        replace(DRAFT, evidence=Span("text", 0, 12, "rencontre de")),
    ]
    assert len(set(ids(DRAFT) + [one for variant in variants for one in ids(variant)])) == 8
    assert ids(DRAFT) != ids(DRAFT, article=replace(ARTICLE, id="a2"))


def test_repeats_in_one_article_are_told_apart_and_stay_stable() -> None:
    twice = ids(DRAFT, replace(DRAFT, evidence=Span("text", 40, 49, "rencontre")))
    assert len(set(twice)) == 2
    assert twice[0] == ids(DRAFT)[0]
