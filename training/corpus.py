"""Labelled sentences from every set that the network learns from.

Labelled by our guidelines are the news, the agency reports, the pairs and the seed article (``gold``, with
our own labels beside it), further news (``gold/more``) and what was written for this project
(``training/news``). Other people's sets of names (``ner``) follow other guidelines and
only prepare the network.
"""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workers.enrich.encoder.labels import ENTITY_LABELS, ROLE_LABELS

LABELS_DIRECTORY = Path(__file__).parent / "labels"
NEWS_DIRECTORY = Path(__file__).parent / "news"
EVENT_LABELS_DIRECTORY = LABELS_DIRECTORY / "events"
FOLDS = 5
_LABELLED_LANGUAGES = ("fr", "en", "ar", "fa")
# One type of the pairs is two of ours.
_YIELD = ("CONCEDE", "RETREAT")
# Sets of other people's, with the most sentences taken of each; the order of the file decides which.
_OTHER_SETS = {
    "ar.anercorp.train": 3_472,
    "fa.parstwiner.train": 2_000,
    "de.germeval14": 1_200,
    "tr.turkish-wiki.train": 1_200,
    "id.idner-news-2k.train": 1_464,
    "ru.wikiner.train": 1_200,
    "en.re3d-government": 468,
    "en.wikigold": 800,
}


@dataclass(frozen=True, slots=True)
class Label:
    """Characters ``start`` up to ``end`` of a sentence name something of the type (PER, ORG or LOC)."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Filler:
    """Characters that stand for somebody or some place with a part in an event.

    ``role`` is one of `ROLE_LABELS`; ``sector`` one of `SECTOR_LABELS`, None where nobody says.
    """

    role: str
    start: int
    end: int
    sector: str | None


@dataclass(frozen=True, slots=True)
class EventLabel:
    """An event of a sentence.

    ``trigger`` is the characters of the word that carries it, None where nobody has pointed at it.
    ``roles`` are those that the reader looked for: what is not among ``fillers`` then has no such role.
    """

    types: tuple[str, ...]
    mode: str | None
    status: str | None
    optional: bool
    trigger: tuple[int, int] | None
    fillers: tuple[Filler, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with every name and every event in it; sentences of one ``article`` follow each other.

    ``labels`` and ``events`` are None where nobody has looked for them. ``article`` is the same for the
    translations of an article, so that they stay on one side of a split.
    """

    text: str
    labels: tuple[Label, ...] | None
    article: str
    language: str
    set: str
    events: tuple[EventLabel, ...] | None = None


def fold_of(article: str) -> int:
    """The fifth of the articles that an article belongs to, the same on every machine."""
    return zlib.crc32(article.encode()) % FOLDS


def read_news(shared: Path) -> list[Sentence]:
    """The development half in all languages that have labels, of names or of events: ``gold`` and our own."""
    gold = shared / "gold"
    sentences = [
        sentence
        for language in _LABELLED_LANGUAGES
        for record in _lines(gold / f"ntrex_dev.entities.{language}.jsonl")
        for sentence in _split(record, record["id"].rsplit(".", 1)[0], language, "news")
    ]
    for path in sorted(LABELS_DIRECTORY.glob("*.tsv")):
        sentences += _own_labels(path, gold / "ntrex_dev" / path.name)
    events = _events_of(gold / "ntrex_dev.events.jsonl")
    for path in sorted(EVENT_LABELS_DIRECTORY.glob("??.tsv")):
        rows = read_rows(gold / "ntrex_dev" / path.name)
        sentences = _joined(sentences, _event_sentences(rows, events, path, path.stem, "news"))
    return sentences


def read_reports(shared: Path) -> list[Sentence]:
    """The Persian agency's reports of the development half, as they were written, with their events."""
    gold = shared / "gold"
    return _event_sentences(
        read_rows(gold / "fars_dev.fa.tsv"),
        _events_of(gold / "fars_dev.events.fa.jsonl"),
        EVENT_LABELS_DIRECTORY / "fars.tsv",
        "fa",
        "reports",
    )


def read_seed(shared: Path) -> list[Sentence]:
    """The French article that is labelled as a whole, by its lines."""
    record = json.loads((shared / "gold" / "seed.fr.json").read_text(encoding="utf-8"))
    text = record["text"]
    entities = [
        {**mention, "type": entity["type"][:3]}
        for entity in record["entities"]
        for mention in entity["mentions"]
    ]
    pointed = _pointers(EVENT_LABELS_DIRECTORY / "seed.tsv")
    sentences = []
    for sentence in _split({"text": text, "entities": entities}, record["id"], "fr", "seed"):
        start = text.index(sentence.text)
        inside = [
            (event, pointed[str(number)])
            for number, event in enumerate(record["events"])
            if start <= text.index(event["evidence"]) < start + len(sentence.text)
        ]
        events = tuple(_pointed_event(event, sentence.text, fields) for event, fields in inside)
        sentences.append(replace(sentence, events=events))
    return sentences


def read_pairs(shared: Path) -> list[Sentence]:
    """English sentences whose type is known and where it stands is not."""
    sentences = []
    for record in _lines(shared / "gold" / "plover_pairs_dev.en.jsonl"):
        types = _YIELD if record["type"] == "YIELD" else (record["type"],)
        event = EventLabel(types, None, None, optional=False, trigger=None)
        sentences.append(Sentence(record["text"], None, record["id"], "en", "pairs", (event,)))
    return sentences


def read_more(shared: Path) -> list[Sentence]:
    """The further labelled news: made for the project, agency reports, and newspapers."""
    return [
        sentence
        for path in sorted((shared / "gold" / "more").glob("*.jsonl"))
        for record in _lines(path)
        for sentence in _split(record, record["id"], record["language"], "more")
    ]


def read_written() -> list[Sentence]:
    """The news that was written for this project, in ``training/news``, labelled line by line.

    The form is told in that directory's README.
    """
    sentences = []
    for path in sorted(NEWS_DIRECTORY.glob("*.txt")):
        article = language = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            mark, _, rest = line.partition(": ")
            if mark == "D":
                article, language, _ = rest.split("\t")
            elif mark == "S":
                text, labels = _unmarked(rest)
                sentences.append(Sentence(text, labels, article, language, "written", ()))
            elif mark == "E":
                last = sentences[-1]
                event = _written_event(rest.split("\t"), last.text)
                sentences[-1] = replace(last, events=(*(last.events or ()), event))
    return sentences


def _unmarked(marked: str) -> tuple[str, tuple[Label, ...]]:
    """A sentence without its marks ("[LOC Oslo]"), and the names that they mark."""
    text, labels, done = "", [], 0
    for found in re.finditer(r"\[(PER|ORG|LOC) ([^\]]+)\]", marked):
        text += marked[done : found.start()]
        labels.append(Label(len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        done = found.end()
    return text + marked[done:], tuple(labels)


def _written_event(fields: Sequence[str], text: str) -> EventLabel:
    kind, mode, status, *told = fields
    parts = {part[0]: part[2:] for part in told if part[1:2] == "="}
    clause = max(0, text.find(parts["V"]))
    start = text.find(parts["T"], clause)
    start = start if start >= 0 else text.index(parts["T"])
    fillers = []
    for role, key in (("actor", "A"), ("recipient", "R")):
        for party in filter(None, parts[key].split("; ")):
            name, _, sector = party.rsplit("/", 2)
            place = _place_of(name.split("=")[0], text, start)
            if place is not None:
                fillers.append(Filler(role, *place, None if sector == "-" else sector))
    return EventLabel(
        (kind,),
        None if mode == "-" else mode,
        status,
        optional="optional" in told,
        trigger=(start, start + len(parts["T"])),
        fillers=tuple(fillers),
        roles=("actor", "recipient"),
    )


def read_rows(path: Path) -> list[tuple[str, int, str]]:
    """Article, number and text of each sentence of a file."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [(article, int(number), text) for article, number, text in rows]


def read_others(shared: Path) -> list[Sentence]:
    """Other people's sets, each up to its cap."""
    sentences = []
    with tarfile.open(shared / "data" / "ner.tar.xz") as archive:
        for name, cap in _OTHER_SETS.items():
            member = archive.extractfile(f"ner/{name}.jsonl")
            if member is None:
                raise FileNotFoundError(name)
            for number, line in zip(range(cap), member, strict=False):
                sentences.append(_from_tags(json.loads(line), f"{name}.{number}", name))
    return sentences


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _split(record: dict[str, Any], article: str, language: str, name: str) -> Iterator[Sentence]:
    """The lines of an article's text, which are its sentences."""
    start = 0
    for line in record["text"].split("\n"):
        end = start + len(line)
        labels = tuple(
            Label(entity["start"] - start, entity["end"] - start, entity["type"])
            for entity in sorted(record["entities"], key=lambda entity: int(entity["start"]))
            if entity["start"] >= start and entity["end"] <= end and entity["type"] in ENTITY_LABELS
        )
        events = None
        if "events" in record:
            inside = [e for e in record["events"] if start <= e["trigger"]["start"] < end]
            events = tuple(_event(event, line, start) for event in inside)
        if line.strip():
            yield Sentence(line, labels, article, language, name, events)
        start = end + 1


def _event(record: dict[str, Any], line: str, start: int) -> EventLabel:
    """An event whose trigger is known and whose parties are named as the sentence has them."""
    trigger = (record["trigger"]["start"] - start, record["trigger"]["end"] - start)
    fillers = []
    for role in ("actor", "recipient"):
        for party in record[f"{role}s"]:
            place = _place_of(party.get("mention") or party["name"], line, trigger[0])
            if place is not None:
                fillers.append(Filler(role, *place, party["sector"]))
    return _event_label(record, trigger, fillers, ("actor", "recipient"))


def _event_label(
    record: dict[str, Any],
    trigger: tuple[int, int] | None,
    fillers: Sequence[Filler],
    roles: tuple[str, ...],
) -> EventLabel:
    return EventLabel(
        (record["type"],),
        record["mode"],
        record["status"],
        optional=record.get("optional", False),
        trigger=trigger,
        fillers=tuple(fillers),
        roles=roles,
    )


def _place_of(words: str, line: str, near: int) -> tuple[int, int] | None:
    """Where words stand in a line: as whole words rather than in others, the nearest to ``near``."""
    places = [
        (found.start(), found.end())
        for pattern in (rf"(?<!\w){re.escape(words)}(?!\w)", re.escape(words))
        for found in re.finditer(pattern, line)
    ]
    whole = [place for place in places if places.count(place) > 1]
    return min(whole or places, key=lambda place: abs(place[0] - near), default=None)


def _events_of(path: Path) -> dict[int, list[dict[str, Any]]]:
    return {record["line"]: record["events"] for record in _lines(path)}


def _event_sentences(
    rows: Sequence[tuple[str, int, str]],
    events: dict[int, list[dict[str, Any]]],
    pointers: Path,
    language: str,
    name: str,
) -> list[Sentence]:
    """All sentences of a file with their events, at the words that our own labels point at."""
    pointed = _pointers(pointers)
    return [
        Sentence(
            text,
            None,
            article,
            language,
            name,
            tuple(
                _pointed_event(event, text, pointed[f"{number}.{place}"])
                for place, event in enumerate(events.get(number, ()))
            ),
        )
        for article, number, text in rows
    ]


def _pointers(path: Path) -> dict[str, list[list[str]]]:
    """The words of each event's trigger, actors, recipients, speaker and place, by the event's key."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return {key: [[] if field == "-" else field.split(" | ") for field in fields] for key, *fields in rows}


def _pointed_event(record: dict[str, Any], text: str, fields: Sequence[Sequence[str]]) -> EventLabel:
    """An event with the words for its trigger and the fillers of each role in turn."""
    trigger = _place_of(fields[0][0], text, 0) if fields[0] else None
    near = trigger[0] if trigger else 0
    fillers = []
    for role, words in zip(ROLE_LABELS, fields[1:], strict=True):
        sectors = [party["sector"] for party in record.get(f"{role}s", ())]
        for number, each in enumerate(words):
            place = _place_of(each, text, near)
            sector = sectors[number] if len(sectors) == len(words) else None
            if place is not None:
                fillers.append(Filler(role, *place, sector))
    return _event_label(record, trigger, fillers, ROLE_LABELS)


def _joined(named: Sequence[Sentence], eventful: Sequence[Sentence]) -> list[Sentence]:
    """Sentences of one set with the labels of another where both have them, in the order of the first."""
    at = {(s.language, s.article, s.text): s for s in eventful}
    joined = []
    for sentence in named:
        other = at.pop((sentence.language, sentence.article, sentence.text), None)
        joined.append(replace(sentence, events=other.events) if other else sentence)
    return [*joined, *at.values()]


def _own_labels(labels: Path, texts: Path) -> Iterator[Sentence]:
    """Our own labels, which name what a sentence has from left to right."""
    sentences = {}
    for line in texts.read_text(encoding="utf-8").splitlines():
        article, number, text = line.split("\t")
        sentences[number] = (article, text)
    for line in labels.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        number, *names = line.split("\t")
        article, text = sentences[number]
        yield Sentence(text, tuple(_found(names, text)), article, labels.stem, "news")


def _found(names: Sequence[str], text: str) -> Iterator[Label]:
    position = 0
    for name in names:
        kind, _, surface = name.partition(":")
        start = text.index(surface, position)
        position = start + len(surface)
        yield Label(start, position, kind)


def _from_tags(record: dict[str, Any], article: str, name: str) -> Sentence:
    """A sentence of tokens with BIO tags, its tokens joined by spaces."""
    text = ""
    labels: list[Label] = []
    inside = False
    for token, tag in zip(record["tokens"], record["tags"], strict=True):
        start = len(text) + bool(text)
        text = f"{text} {token}" if text else token
        kind = tag[2:]
        inside = inside and tag[:1] == "I" and labels[-1].type == kind
        if inside:
            labels[-1] = Label(labels[-1].start, len(text), kind)
        elif kind in ENTITY_LABELS:
            labels.append(Label(start, len(text), kind))
            inside = True
    return Sentence(text, tuple(labels), article, name[:2], name)
