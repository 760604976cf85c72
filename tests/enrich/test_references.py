"""People whom an article means by the office alone: what counts as such a place and what does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.contract.records import Article, Entity, EntityType, Span
from workers.enrich.entities import references
from workers.enrich.entities.agreement import harmonise
from workers.enrich.entities.joining import join
from workers.enrich.entities.recognise import read
from workers.enrich.entities.references import ReferenceWords, role_references
from workers.enrich.pipeline import Pipeline
from workers.enrich.text import prepare_fields

MARKED = re.compile(r"\[([^\]]*)\]")
WORDS = ReferenceWords.load()


@dataclass(frozen=True)
class Found:
    entities: tuple[Entity, ...]
    references: dict[str, tuple[Span, ...]]

    @property
    def people(self) -> dict[str, list[str]]:
        """The words of the references by the person's name."""
        names = {entity.id: entity.name for entity in self.entities}
        return {names[key]: [span.text for span in spans] for key, spans in self.references.items()}

    @property
    def spans(self) -> list[Span]:
        return [span for spans in self.references.values() for span in spans]


Refer = Callable[..., Found]


@pytest.fixture(scope="module")
def refer(pipeline: Pipeline) -> Refer:
    def references_of(text: str, language: str, title: str | None = None) -> Found:
        fields = prepare_fields(Article(id="a", text=text, title=title), 20_000)
        rules = pipeline.entity_knowledge.rules(language)
        assert rules is not None
        with pipeline.memory_zone():
            parses = pipeline.parsers.parse(fields, language)
            readings = [read(index, parse, rules) for index, parse in enumerate(parses)]
            harmonise(readings, rules)
            entities = join(readings, rules)
            words = WORDS.get(language, ReferenceWords())
            return Found(entities, role_references(readings, entities, rules, words))

    return references_of


def unmark(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without the brackets, and where they were."""
    spans = []
    for number, match in enumerate(MARKED.finditer(text)):
        start = match.start() - 2 * number
        spans.append((start, start + len(match[1])))
    return MARKED.sub(r"\1", text), spans


POSITIVE = [
    (
        "fr",
        "Mohammad Pakpour",
        (
            "Le général Mohammad Pakpour, commandant en chef du Corps des gardiens de la révolution "
            "islamique (CGRI), a menacé Israël. Il parlait à Téhéran. Le [commandant en chef du "
            "CGRI] a promis une riposte."
        ),
    ),
    (
        "fr",
        "Sadio Camara",
        (
            "Le ministre malien de la Défense, Sadio Camara, est arrivé à Alger. Le [ministre] a "
            "salué ses hôtes. Selon les services du [ministre de la Défense], la visite durera deux "
            "jours."
        ),
    ),
    (
        "fr",
        "Joël Meyer",
        (
            "L'ambassadeur de France au Mali, Joël Meyer, a été convoqué. L'[ambassadeur français] a "
            "quitté Bamako."
        ),
    ),
    (
        "fr",
        "Pierre Durand",
        ("Le général Pierre Durand a été décoré. Il a le titre de général. Le [général] s'est dit fier."),
    ),
    (
        "fr",
        "Hazem Qassem",
        (
            "Le porte-parole du Hamas, Hazem Qassem, a rejeté l'offre. Il parlait à Gaza. Le "
            "[porte-parole] a précisé les conditions."
        ),
    ),
    (
        "en",
        "Abbas Araghchi",
        (
            "Iranian Foreign Minister Abbas Araghchi arrived in Baghdad. The [Iranian foreign "
            "minister] met reporters. The [minister] later left. Iran's [foreign minister] will "
            "return."
        ),
    ),
    (
        "en",
        "Hossein Salami",
        (
            "General Hossein Salami, commander-in-chief of the Islamic Revolutionary Guard Corps "
            "(IRGC), was killed. The [commander of the IRGC] had warned Israel. The [IRGC "
            "commander-in-chief] had spoken on Monday."
        ),
    ),
    (
        "en",
        "Naim Qassem",
        (
            "Hezbollah leader Naim Qassem rejected it. The [Hezbollah leader] said so on Friday. The "
            "[leader of Hezbollah] did not elaborate."
        ),
    ),
    (
        "en",
        "Pedro Molina",
        "Former President Pedro Molina was jailed. The [former president] denied the charges.",
    ),
    (
        "en",
        "Faisal bin Farhan",
        (
            "Saudi Foreign Minister Faisal bin Farhan met Iranian Foreign Minister Abbas Araghchi. "
            "The [Saudi foreign minister] spoke first."
        ),
    ),
    (
        "ar",
        "عباس عراقجي",
        (
            "قال وزير الخارجية الإيراني عباس عراقجي إن بلاده مستعدة. وأضاف [الوزير] أن المحادثات "
            "مستمرة. وأكد [وزير الخارجية الإيراني] ذلك."
        ),
    ),
    (
        "ar",
        "محمد شياع السوداني",
        "استقبل رئيس الوزراء العراقي محمد شياع السوداني وفدا. وأكد [رئيس الوزراء العراقي] دعمه.",
    ),
    (
        "ar",
        "نعيم قاسم",
        "أمين عام حزب الله الشيخ نعيم قاسم زار طهران. وأضاف [أمين عام حزب الله] أن المقاومة مستمرة.",
    ),
    (
        "fa",
        "محمد پاکپور",
        (
            "سردار محمد پاکپور فرمانده کل سپاه پاسداران انقلاب اسلامی گفت که پاسخ می‌دهیم. [فرمانده "
            "کل سپاه پاسداران انقلاب اسلامی] تاکید کرد."
        ),
    ),
    (
        "fa",
        "عباس عراقچی",
        ("عباس عراقچی، وزیر امور خارجه ایران وارد بغداد شد. [وزیر امور خارجه ایران] با مقامات دیدار کرد."),
    ),
    (
        "fa",
        "مسعود پزشکیان",
        "رئیس‌جمهور ایران مسعود پزشکیان به بغداد رفت. [رئیس‌جمهور ایران] با مردم سخن گفت.",
    ),
    (
        "fa",
        "اسماعیل بقایی",
        (
            "اسماعیل بقایی سخنگوی وزارت امور خارجه گفت که سفر انجام می‌شود. [سخنگوی وزارت امور "
            "خارجه] افزود که پاسخ می‌دهیم."
        ),
    ),
    (
        "es",
        "Iván Velásquez",
        (
            "El ministro de Defensa de Colombia, Iván Velásquez, viajó a Roma. El [ministro] dijo "
            "que volverá. El [ministro colombiano] habló con la prensa. Según fuentes del [ministro "
            "de Defensa], ya regresó."
        ),
    ),
    (
        "es",
        "Pilar Alegría",
        "La portavoz del Gobierno, Pilar Alegría, habló el lunes. La [portavoz] negó los hechos.",
    ),
    (
        "de",
        "Abbas Araghtschi",
        (
            "Der iranische Außenminister Abbas Araghtschi reiste nach Bagdad. Der [iranische "
            "Außenminister] sagte zu. Später lobte der [Außenminister] den Irak."
        ),
    ),
    (
        "de",
        "Angela Merkel",
        "Bundeskanzlerin Angela Merkel sprach in Berlin. Die [Bundeskanzlerin] lobte die Helfer.",
    ),
    (
        "de",
        "Mark Rutte",
        (
            "Der Generalsekretär der Nato, Mark Rutte, warnte. Am Abend reiste der [Generalsekretär "
            "der Nato] ab."
        ),
    ),
    (
        "ru",
        "Андрей Белоусов",
        (
            "Министр обороны России Андрей Белоусов прибыл в Пекин. [Министр обороны России] заявил "
            "об этом. По словам [министра обороны], учения прошли."
        ),
    ),
    (
        "ru",
        "Андрей Белоусов",
        ("Министр обороны Андрей Белоусов прибыл в Пекин. По словам [министра обороны], учения прошли."),
    ),
    (
        "tr",
        "Hakan Fidan",
        "Dışişleri Bakanı Hakan Fidan, Irak'a gitti. [Dışişleri Bakanı], Irak'ta konuştu.",
    ),
    (
        "id",
        "Prabowo Subianto",
        ("Menteri Pertahanan Prabowo Subianto tiba di Beijing. [Menteri Pertahanan] mengatakan hal itu."),
    ),
]

NEGATIVE = {
    "another nationality": (
        "fr",
        (
            "Le président nigérien Mohamed Bazoum a été renversé. Le président américain a condamné "
            "le coup d'État."
        ),
    ),
    "another ministry": (
        "fr",
        "Le ministre Paul Dupont a parlé. Le ministre de la Santé a parlé aussi.",
    ),
    "one of many": (
        "fr",
        "Le ministre Paul Dupont a parlé. Un ministre a démissionné.",
    ),
    "the title, not its holder": (
        "fr",
        "Le général Pierre Durand a été décoré. Il a reçu le grade de général à Lyon.",
    ),
    "another holder in between": (
        "fr",
        (
            "Le porte-parole du Hamas, Hazem Qassem, a rejeté l'offre. Le porte-parole du Hezbollah "
            "s'est tu. Le porte-parole a précisé les conditions."
        ),
    ),
    "before the person is named": (
        "fr",
        (
            "Le commandant en chef du CGRI a menacé Israël. Mohammad Pakpour, commandant en chef du "
            "CGRI, a parlé."
        ),
    ),
    "a title before a name": (
        "fr",
        "Le ministre Paul Dupont a parlé. Le ministre Dupont a quitté la salle.",
    ),
    "an apposition": (
        "fr",
        (
            "Mohammad Pakpour, commandant en chef du CGRI, a parlé. Mohammad Pakpour, le commandant "
            "en chef du CGRI, a conclu."
        ),
    ),
    "the head of state, not a president of something": (
        "fr",
        "Le président du Sénat, Gérard Larcher, a parlé. Le président a promulgué la loi.",
    ),
    "the deputy is not the minister": (
        "en",
        "Deputy Prime Minister Anna Weber resigned. The prime minister accepted her resignation.",
    ),
    "the former president is not the president": (
        "en",
        "Former President Pedro Molina was jailed. The president welcomed the ruling.",
    ),
    "two hold such an office": (
        "en",
        (
            "Saudi Foreign Minister Faisal bin Farhan met Iranian Foreign Minister Abbas Araghchi. "
            "The foreign minister smiled."
        ),
    ),
    "a word of another meaning": (
        "en",
        "General Hossein Salami spoke in Tehran. The general election is next week.",
    ),
    "another body's": (
        "en",
        "Hezbollah leader Naim Qassem rejected it. The Hamas leader agreed.",
    ),
    "a group that nobody named": (
        "en",
        "Hezbollah leader Naim Qassem rejected it. The opposition leader agreed.",
    ),
    "a possessor": (
        "en",
        "Minister Paul Bright resigned. His minister for health stays. Her minister left.",
    ),
    "another country in Arabic": (
        "ar",
        ("قال وزير الخارجية الإيراني عباس عراقجي إن بلاده مستعدة. وقال وزير الخارجية السعودي غير ذلك."),
    ),
    "the president is not the prime minister": (
        "ar",
        "استقبل رئيس الوزراء العراقي محمد شياع السوداني وفدا. وقال الرئيس إن الأمر انتهى.",
    ),
    "another country in Persian": (
        "fa",
        "عباس عراقچی، وزیر امور خارجه ایران وارد بغداد شد. وزیر امور خارجه عربستان هم آمد.",
    ),
    "a deputy in Persian": (
        "fa",
        "رئیس‌جمهور ایران مسعود پزشکیان به بغداد رفت. معاون رئیس‌جمهور ایران هم آمد.",
    ),
    "appointed as": (
        "fa",
        "اسماعیل بقایی سخنگوی وزارت امور خارجه گفت. او به عنوان سخنگوی وزارت امور خارجه منصوب شد.",
    ),
    "another country in Spanish": (
        "es",
        (
            "El ministro de Defensa de Colombia, Iván Velásquez, viajó a Roma. El ministro de "
            "Defensa de Venezuela lo criticó."
        ),
    ),
    "the police": (
        "es",
        "La policía Ana Gómez habló. La policía detuvo a dos hombres.",
    ),
    "a plural in German": (
        "de",
        (
            "Der iranische Außenminister Abbas Araghtschi reiste ab. Das Treffen der Außenminister "
            "begann. Die Außenminister berieten."
        ),
    ),
    "appointed to": (
        "de",
        "Richter Paul Brandt sprach. Seine Ernennung zum Richter war umstritten.",
    ),
    "another country in Russian": (
        "ru",
        ("Министр обороны России Андрей Белоусов прибыл в Пекин. Министр обороны Китая встретил его."),
    ),
    "a plural in Russian": (
        "ru",
        "Министр обороны Андрей Белоусов прибыл в Пекин. Министры обороны подписали договор.",
    ),
    "less than the whole office": (
        "ru",
        "Министр обороны Андрей Белоусов прибыл в Пекин. Министр промолчал.",
    ),
}


@pytest.mark.parametrize(("language", "name", "marked"), POSITIVE, ids=lambda value: value[:30])
def test_an_office_means_its_holder(refer: Refer, language: str, name: str, marked: str) -> None:
    text, wanted = unmark(marked)
    found = refer(text, language)
    assert found.people == {name: [text[start:end] for start, end in wanted]}
    assert [(span.start, span.end) for span in found.spans] == wanted


@pytest.mark.parametrize(("language", "text"), NEGATIVE.values(), ids=NEGATIVE.keys())
def test_an_office_that_is_not_the_persons(refer: Refer, language: str, text: str) -> None:
    found = refer(text, language)
    assert [entity for entity in found.entities if entity.type is EntityType.PERSON]
    assert found.people == {}


def test_the_title_comes_before_the_text(refer: Refer) -> None:
    found = refer("Le ministre a parlé.", "fr", title="Le ministre Paul Dupont reçu à Alger")
    assert [(span.field, span.start, span.text) for span in found.spans] == [("text", 3, "ministre")]


def test_references_are_as_the_article_has_them_and_overlap_no_mention_of_a_person(refer: Refer) -> None:
    text = POSITIVE[0][2] + "\n" + POSITIVE[1][2]
    text = unmark(text)[0]
    found = refer(text, "fr")
    people = [entity for entity in found.entities if entity.type is EntityType.PERSON]
    assert len(found.spans) == 3
    for span in found.spans:
        assert text[span.start : span.end] == span.text
        assert not [m for e in people for m in e.mentions if m.start < span.end and span.start < m.end]


def test_less_than_the_whole_office_counts_near_the_person_only(refer: Refer) -> None:
    start = "Le ministre malien de la Défense, Sadio Camara, est arrivé. "
    between = "Il a plu toute la nuit sur la ville et les rues sont vides. " * 20
    near = refer(start + "Le ministre a souri.", "fr")
    far = refer(start + between + "Le ministre a souri. Le ministre malien de la Défense a souri.", "fr")
    assert near.people == {"Sadio Camara": ["ministre"]}
    assert far.people == {"Sadio Camara": ["ministre malien de la Défense"]}


PIECES = [
    "Le général", "Mohammad Pakpour", "commandant en chef", "du CGRI", "le commandant", "iranien", ", ", ". ",
    "le ministre", "ministre de la Défense", "Sadio Camara", "du Mali", "malien", "un", "et", "a dit",
    "l'ancien", "(", ")", "«", "-", "le", "de", "Mme", "Iran", "\n",
]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_what_holds_for_every_text(refer: Refer, pieces: list[str]) -> None:
    text = " ".join(pieces)
    found = refer(text or "a", "fr")
    people = {entity.id: entity for entity in found.entities if entity.type is EntityType.PERSON}
    assert found.references.keys() <= people.keys()
    spans = sorted(found.spans)
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    for identity, own in found.references.items():
        assert list(own) == sorted(own)
        assert own[0].start >= people[identity].mentions[0].end
    for entity in people.values():
        assert not [m for m in entity.mentions for s in spans if m.start < s.end and s.start < m.end]


def test_without_people_nobody_is_meant(refer: Refer) -> None:
    assert refer("Le ministre de la Défense a parlé. Le ministre est parti.", "fr").references == {}


@pytest.mark.parametrize(
    "filler",
    [
        "le ministre de la de la présidente du ",
        "ministre iranien iranien ",
        "l'ancien nouveau ancien ministre ",
        "Le ministre du CGRI du CGRI ",
    ],
)
def test_work_grows_with_the_text_alone(refer: Refer, monkeypatch: pytest.MonkeyPatch, filler: str) -> None:
    """Words looked at behind and before offices: twice the text is no more than twice the work."""
    looked = []
    gap = references._Line.gap

    def counted(line: references._Line, index: int) -> str:
        looked.append(index)
        return gap(line, index)

    monkeypatch.setattr(references._Line, "gap", counted)
    counts = []
    for times in (60, 120):
        looked.clear()
        refer("Le ministre Paul Dupont, ministre du CGRI, a parlé. " + filler * times, "fr")
        counts.append(len(looked))
    assert counts[0] > 60
    assert counts[1] < 2.2 * counts[0]


def test_a_phrase_is_compared_with_a_bounded_number_of_offices(
    refer: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    fit = references._Finder.fit

    def counted(*arguments: object) -> object:
        calls.append(1)
        return fit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(references._Finder, "fit", counted)
    for people in (10, 60):
        calls.clear()
        names = "".join(
            f"Le ministre Paul {chr(65 + n % 26)}o{chr(98 + n // 26)}ard a parlé. " for n in range(people)
        )
        found = refer(names + "Le ministre est parti. " * 20, "fr")
        assert found.people == {}
        assert len(calls) <= references._MAX_COMPARED * (people + 20)


def test_every_entry_of_the_data_file_is_folded_and_known(pipeline: Pipeline) -> None:
    assert WORDS.keys() <= pipeline.entity_knowledge.languages
    for language, words in WORDS.items():
        rules = pipeline.entity_knowledge.rules(language)
        assert rules is not None
        assert words.articles <= rules.articles, language
        assert words.plural | words.plural_after_noun <= words.articles, language
        assert words.plural_endings <= words.endings, language


def test_a_missing_data_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ReferenceWords.load(tmp_path / "missing.yaml")
