"""From scores of pieces to triggers: which words, what type, who takes part."""

from __future__ import annotations

import numpy as np

from workers.enrich.encoder.decoding import NamedSpan
from workers.enrich.encoder.labels import (
    HEAD_SIZES,
    MODE_LABELS,
    ROLE_LABELS,
    ROLE_SIZE,
    SECTOR_LABELS,
    STATUS_LABELS,
    TRIGGER_LABELS,
)
from workers.enrich.encoder.pieces import Piece
from workers.enrich.encoder.triggers import Floats, find_triggers
from workers.enrich.pipeline import Pipeline

TEXT = "Iran condemned the Israeli army."
#        0    5  8      15  19      27  31
PIECES = [
    Piece(1, 0, 4),
    Piece(2, 5, 8),
    Piece(3, 8, 14),
    Piece(4, 15, 18),
    Piece(5, 19, 26),
    Piece(6, 27, 31),
    Piece(7, 31, 32),
]
NAMES = [NamedSpan(0, 4, "LOC")]


def scores_of(triggers: dict[int, tuple[str, float]], roles: dict[str, tuple[int, ...]]) -> dict[str, Floats]:
    scores = {name: np.zeros((len(PIECES), size), np.float32) for name, size in HEAD_SIZES.items()}
    scores["triggers"][:, 0] = 9
    for piece, (kind, score) in triggers.items():
        scores["triggers"][piece, TRIGGER_LABELS.index(kind)] = score
    scores["statuses"][:, STATUS_LABELS.index("negated")] = 3
    scores["modes"][:, MODE_LABELS.index("disapprove")] = 6
    scores["sectors"][:, SECTOR_LABELS.index("MIL")] = 3
    asked = scores["role_queries"].reshape(len(PIECES), len(ROLE_LABELS), ROLE_SIZE)
    answered = scores["role_keys"].reshape(len(PIECES), len(ROLE_LABELS), ROLE_SIZE)
    asked[:, :, 0] = 10
    answered[:, :, 0] = -5
    for role, places in roles.items():
        answered[list(places), ROLE_LABELS.index(role), 0] = 5
    return scores


def test_a_trigger_has_whole_words_and_those_who_take_part() -> None:
    scores = scores_of({2: ("ACCUSE", 14.0)}, {"actor": (0,), "recipient": (3, 4, 5)})
    (trigger,) = find_triggers(TEXT, PIECES, NAMES, scores)
    assert (trigger.type, TEXT[trigger.start : trigger.end]) == ("ACCUSE", "condemned")
    assert trigger.probability > 0.9
    assert max(trigger.statuses, key=lambda status: trigger.statuses[status]) == "negated"
    assert max(trigger.modes, key=lambda mode: trigger.modes[mode]) == "disapprove"
    told = [(f.role, TEXT[f.start : f.end], f.sector) for f in trigger.fillers]
    assert told == [("actor", "Iran", "MIL"), ("recipient", "the Israeli army", "MIL")]


def test_pieces_beside_each_other_are_one_trigger_and_two_types_are_two() -> None:
    scores = scores_of({1: ("ACCUSE", 14.0), 2: ("ACCUSE", 12.0), 4: ("ASSAULT", 14.0), 5: ("AID", 14.0)}, {})
    found = find_triggers(TEXT, PIECES, NAMES, scores)
    assert [(t.type, TEXT[t.start : t.end]) for t in found] == [
        ("ACCUSE", "condemned"),
        ("ASSAULT", "Israeli"),
        ("AID", "army"),
    ]
    assert found[0].fillers == ()


def test_a_name_takes_part_as_a_whole() -> None:
    names = [NamedSpan(19, 31, "ORG")]
    scores = scores_of({2: ("ACCUSE", 14.0)}, {"recipient": (5,)})
    (trigger,) = find_triggers(TEXT, PIECES, names, scores)
    assert [TEXT[f.start : f.end] for f in trigger.fillers] == ["Israeli army"]


def test_nothing_is_reported_where_nothing_is_likely() -> None:
    assert find_triggers(TEXT, PIECES, NAMES, scores_of({2: ("ACCUSE", 1.0)}, {})) == []
    moved = find_triggers(TEXT, PIECES, NAMES, scores_of({2: ("AID", 14.0)}, {"actor": (0,)}))[0].moved(10)
    assert (moved.start, moved.fillers[0].start) == (15, 10)


def test_the_labels_are_those_of_the_ontology(pipeline: Pipeline) -> None:
    plover = pipeline.event_knowledge.plover
    assert {str(kind) for kind in plover} == set(TRIGGER_LABELS[1:])
    assert {mode for kind in plover.values() for mode in kind.modes} <= set(MODE_LABELS)


def test_where_no_spaces_are_a_trigger_is_not_the_whole_clause() -> None:
    text = "伊朗谴责以色列。"
    pieces = [Piece(1, 0, 2), Piece(2, 2, 4), Piece(3, 4, 7), Piece(4, 7, 8)]
    scores = {name: each[:4] for name, each in scores_of({1: ("ACCUSE", 14.0)}, {"actor": (0,)}).items()}
    (trigger,) = find_triggers(text, pieces, [], scores)
    assert text[trigger.start : trigger.end] == "谴责"
    assert [text[f.start : f.end] for f in trigger.fillers] == ["伊朗"]
