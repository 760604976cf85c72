"""The network names what it should, in any script, at any length, and is the one that its card describes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workers.enrich.encoder.component import Reader
from workers.enrich.encoder.decoding import best_labels, decode
from workers.enrich.encoder.labels import CLITIC_LENGTHS, MENTION_LABELS
from workers.enrich.encoder.network import MODEL_DIRECTORY, NETWORKS, Encoder
from workers.enrich.encoder.pieces import Piece
from workers.enrich.encoder.units import split_units
from workers.enrich.encoder.vectors import unpack_blocks

CHECK = Path(__file__).parent / "data" / "check_sentences.jsonl"
NEW_WORD, SAME_WORD, WITH_CLITICS = 0, 1, 2


@pytest.fixture(scope="module", params=NETWORKS)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return Encoder.load(request.param)


@given(st.text(alphabet="ab .。\n\u3000é", max_size=3_000))
def test_units_have_every_character(text: str) -> None:
    units = list(split_units(text))
    covered = {place for start, end in units for place in range(start, end)}
    assert {place for place, char in enumerate(text) if not char.isspace()} <= covered
    assert sum(end - start for start, end in units) == len(covered), "units do not overlap"
    assert all(0 < end - start <= 500 for start, end in units)


@given(
    arrays.arrays(np.float32, (6, len(MENTION_LABELS)), elements=st.floats(-9, 9, width=32)),
    arrays.arrays(np.intp, 6, elements=st.integers(NEW_WORD, WITH_CLITICS)),
)
def test_labels_make_sense(scores: np.ndarray, ways: np.ndarray) -> None:
    names = [MENTION_LABELS[label] for label in best_labels(scores, ways)]
    assert names[0][0] != "I"
    for place in range(1, len(names)):
        before, after = names[place - 1], names[place]
        if after[0] == "I":
            assert before[0] in "BI"
            assert before[2:] == after[2:]
        if ways[place] == SAME_WORD:
            assert (after[0] == "I") == (before[0] in "BI"), "a word has one label"


def test_labels_have_the_highest_sum() -> None:
    chance = np.random.default_rng(7)
    scores = chance.normal(size=(20, 3, len(MENTION_LABELS))).astype(np.float32)
    allowed = [
        (a, b, c)
        for a in range(7)
        for b in range(7)
        for c in range(7)
        if MENTION_LABELS[a][0] != "I"
        and all(
            MENTION_LABELS[y][0] != "I" or (x != 0 and MENTION_LABELS[x][2:] == MENTION_LABELS[y][2:])
            for x, y in ((a, b), (b, c))
        )
    ]
    for row in scores:
        best = max(allowed, key=lambda path: sum(row[i, label] for i, label in enumerate(path)))
        assert tuple(best_labels(row, np.full(3, NEW_WORD))) == best


def test_a_preposition_written_onto_a_name_stays_outside() -> None:
    text = "في بغداد وبغداد"
    pieces = [Piece(1, 0, 2), Piece(2, 3, 8), Piece(3, 9, 15)]
    mentions = np.full((3, len(MENTION_LABELS)), -5.0, np.float32)
    clitics = np.full((3, len(CLITIC_LENGTHS)), -5.0, np.float32)
    for place, label in enumerate(("O", "B-LOC", "B-LOC")):
        mentions[place, MENTION_LABELS.index(label)] = 5
    clitics[:2, 0] = 5
    clitics[2, 1] = 5
    spans = decode(text, pieces, mentions, clitics)
    assert [text[span.start : span.end] for span in spans] == ["بغداد", "بغداد"]


def test_vectors_are_unpacked_block_by_block() -> None:
    numbers = np.arange(32) % 16
    nibbles = (numbers[:16] | numbers[16:] << 4).astype(np.uint8).reshape(1, 16)
    assert unpack_blocks(nibbles, np.array([[0.5]], np.float16))[0].tolist() == ((numbers - 8) / 2).tolist()


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("Le ministre a rencontré Qasim al-Araji à huis clos.", "Qasim al-Araji", "PER"),
        ("The talks were held in Baghdad on Sunday.", "Baghdad", "LOC"),
        ("وصل الوزير إلى بغداد يوم الأحد.", "بغداد", "LOC"),
        ("وزیر خارجه ایران وارد بغداد شد.", "بغداد", "LOC"),
        ("El presidente habló en Madrid el martes.", "Madrid", "LOC"),
        ("Министр прибыл в Москву в воскресенье.", "Москву", "LOC"),
        ("Bakan Ankara'da konuştu.", "Ankara", "LOC"),
        ("Menteri itu tiba di Jakarta pada hari Minggu.", "Jakarta", "LOC"),
    ],
)
def test_names_in_many_languages(encoder: Encoder, text: str, name: str, label: str) -> None:
    ((spans, _),) = encoder.read([text])
    assert (name, label) in {(text[span.start : span.end], span.label) for span in spans}


def test_a_name_at_the_end_of_a_very_long_line_is_found(encoder: Encoder) -> None:
    text = "It rained all day and nothing else was reported " * 400 + "until the minister arrived in Baghdad."
    ((spans, _),) = encoder.read([text])
    assert [text[span.start : span.end] for span in spans] == ["Baghdad"]


def test_texts_do_not_depend_on_their_neighbours(encoder: Encoder) -> None:
    texts = [
        "Berlin and Paris agreed.",
        "",
        "قال ترامب في واشنطن.",
        "\n \n",
        "Talks were held in Oman. " * 40,
    ]
    together = encoder.read(texts)
    assert [readout for text in texts for readout in encoder.read([text])] == together
    assert together[1] == together[3] == ([], [])
    assert len(together[4].names) == 40, "every unit of a long line is read"


def test_the_component_gives_entities_of_a_document(encoder: Encoder) -> None:
    nlp = spacy.blank("xx")
    recognizer = Reader(encoder)
    (doc,) = recognizer.pipe([nlp("وسافر الوزير إلى إيران ثم عاد لبغداد في المساء.")])
    assert "بغداد" in [ent.text for ent in doc.ents]
    words = [token.text for token in doc]
    assert words[words.index("بغداد") - 1] == "ل", "a token is split where a name begins"


def test_the_shipped_files_give_what_the_card_says() -> None:
    about = json.loads((MODEL_DIRECTORY / "model.json").read_text())
    card = (MODEL_DIRECTORY / "CARD.md").read_text(encoding="utf-8")
    for file, stated in about["sha256"].items():
        assert hashlib.sha256((MODEL_DIRECTORY / file).read_bytes()).hexdigest() == stated, file
    rows = [json.loads(line) for line in CHECK.read_text(encoding="utf-8").splitlines()]
    for name in NETWORKS:
        figures = about["figures"][name]
        found = [readout.names for readout in Encoder.load(name).read([row["text"] for row in rows])]
        for language, stated in figures["check"].items():
            right = have = want = 0
            for row, spans in zip(rows, found, strict=True):
                if row["language"] == language:
                    labels = {tuple(label) for label in row["labels"]}
                    right += len({tuple(span) for span in spans} & labels)
                    have += len(spans)
                    want += len(labels)
            # Sums at 8 bits differ a little between processors.
            assert abs(200 * right / (have + want) - stated) < 2.0, language
            assert str(stated) in card


def test_loading_leaves_nothing_behind(tmp_path: Path) -> None:
    """A runtime that keeps figures of its use, to send them later, would do it here."""
    code = (
        "from workers.enrich.encoder.network import Encoder\n"
        "assert Encoder.load('accurate').read(['Talks in Oman.'])[0].names\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    assert list(tmp_path.iterdir()) == []


def test_the_files_are_small() -> None:
    assert sum(path.stat().st_size for path in MODEL_DIRECTORY.iterdir()) < 45_000_000
