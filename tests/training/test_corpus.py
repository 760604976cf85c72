"""Labels are read as they were written, and translations of an article stay on one side of a split."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from training.corpus import LABELS_DIRECTORY, Label, fold_of, read_more, read_news, read_others, read_written
from workers.enrich.encoder.labels import MODE_LABELS, STATUS_LABELS, TRIGGER_LABELS


def write_shared(folder: Path, sentences: dict[str, list[tuple[str, str, str]]]) -> Path:
    """A folder of labelled news with nothing in it but these sentences (article, number, text)."""
    gold = folder / "gold"
    (gold / "ntrex_dev").mkdir(parents=True)
    for language in ("fr", "en", "ar", "fa"):
        (gold / f"ntrex_dev.entities.{language}.jsonl").write_text("")
    (gold / "ntrex_dev.events.jsonl").write_text("")
    for path in LABELS_DIRECTORY.glob("*.tsv"):
        rows = sentences.get(path.stem, [])
        (gold / "ntrex_dev" / path.name).write_text("".join("\t".join(row) + "\n" for row in rows))
    return folder


def test_own_labels_name_each_occurrence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "es.tsv").write_text("# note\n7\tLOC:Irán\tPER:Ana\tLOC:Irán\n8\n")
    monkeypatch.setattr("training.corpus.LABELS_DIRECTORY", labels)
    monkeypatch.setattr("training.corpus.EVENT_LABELS_DIRECTORY", labels / "events")
    shared = write_shared(tmp_path / "shared", {})
    rows = [("a.1", "7", "Irán habló con Ana de Irán."), ("a.1", "8", "Llovió.")]
    (shared / "gold" / "ntrex_dev" / "es.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    first, second = read_news(shared)
    assert first.labels == (Label(0, 4, "LOC"), Label(15, 18, "PER"), Label(22, 26, "LOC"))
    assert (second.labels, second.article, second.language) == ((), "a.1", "es")


def test_labelled_articles_are_split_into_lines(tmp_path: Path) -> None:
    (tmp_path / "gold" / "more").mkdir(parents=True)
    record = {
        "id": "fr.made.1",
        "language": "fr",
        "text": "Abna cite Ali.\n\nIl pleut à Qom.",
        "entities": [
            {"start": 27, "end": 30, "type": "LOC"},
            {"start": 0, "end": 4, "type": "ORG"},
            {"start": 10, "end": 13, "type": "PER"},
        ],
    }
    (tmp_path / "gold" / "more" / "fr_made.jsonl").write_text(json.dumps(record) + "\n")
    first, second = read_more(tmp_path)
    assert [first.text[label.start : label.end] for label in first.labels] == ["Abna", "Ali"]
    assert [second.text[label.start : label.end] for label in second.labels] == ["Qom"]


def test_tags_become_spans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.corpus._OTHER_SETS", {"en.x": 5})
    (tmp_path / "data").mkdir()
    row = {
        "tokens": ["Ali", "Khan", "Reza", "left", "Al", "Quds", "."],
        "tags": ["B-PER", "I-PER", "B-PER", "O", "B-MISC", "I-LOC", "O"],
    }
    content = (json.dumps(row) + "\n").encode()
    with tarfile.open(tmp_path / "data" / "ner.tar.xz", "w:xz") as archive:
        member = tarfile.TarInfo("ner/en.x.jsonl")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    (sentence,) = read_others(tmp_path)
    names = [sentence.text[label.start : label.end] for label in sentence.labels]
    assert names == ["Ali Khan", "Reza", "Quds"]
    assert sentence.language == "en"


def test_every_label_file_is_well_formed() -> None:
    paths = sorted(LABELS_DIRECTORY.glob("*.tsv"))
    assert {path.stem for path in paths} >= {"ar", "de", "en", "es", "fa", "id", "it", "pt", "ru", "tr"}
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        numbers = [line.split("\t")[0] for line in lines if not line.startswith("#")]
        assert len(set(numbers)) == len(numbers) > 300, path.name
        for line in lines:
            names = line.split("\t")[1:] if not line.startswith("#") else []
            assert all(name[:4] in ("PER:", "ORG:", "LOC:") and name[4:].strip() for name in names), line


def test_folds_are_the_same_everywhere() -> None:
    assert [fold_of(name) for name in ("bbc.381646", "abcnews.306755", "fr.made.058")] == [2, 4, 3]
    assert {fold_of(f"article.{number}") for number in range(50)} == {0, 1, 2, 3, 4}


def test_event_labels_point_at_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = tmp_path / "labels"
    (labels / "events").mkdir(parents=True)
    (labels / "events" / "es.tsv").write_text("7.0\tacusó\tIrán\tIsrael | ellos\tIrán\t-\n")
    monkeypatch.setattr("training.corpus.LABELS_DIRECTORY", labels)
    monkeypatch.setattr("training.corpus.EVENT_LABELS_DIRECTORY", labels / "events")
    shared = write_shared(tmp_path / "shared", {})
    party = {"name": "Iran", "country": "IRN", "sector": "GOV"}
    event = {"type": "ACCUSE", "mode": "allege", "status": "asserted", "actors": [party], "recipients": []}
    (shared / "gold" / "ntrex_dev.events.jsonl").write_text(json.dumps({"line": 7, "events": [event]}) + "\n")
    (shared / "gold" / "ntrex_dev" / "es.tsv").write_text("a.1\t7\tIrán acusó a Israel.\na.1\t8\tLlovió.\n")
    first, second = read_news(shared)
    assert (first.labels, second.events) == (None, ())
    assert first.events is not None
    (label,) = first.events
    assert label.trigger is not None
    assert first.text[slice(*label.trigger)] == "acusó"
    told = [(f.role, first.text[f.start : f.end], f.sector) for f in label.fillers]
    assert told == [("actor", "Irán", "GOV"), ("recipient", "Israel", None), ("speaker", "Irán", None)]


def test_every_pointed_word_of_the_written_news_is_there() -> None:
    sentences = read_written()
    assert {sentence.language for sentence in sentences} >= {"en", "fr", "es", "ar", "fa"}
    for sentence in sentences:
        assert all(sentence.text[label.start : label.end].strip() for label in sentence.labels or ())
        for event in sentence.events or ():
            assert event.trigger is not None
            assert event.types[0] in TRIGGER_LABELS
            assert event.status in STATUS_LABELS
            assert (event.mode or "none") in MODE_LABELS
