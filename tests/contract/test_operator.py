"""The operator's commands as far as they need no Kafka."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from workers.admin.deadletters import DeadLetter, Place, Selection, parse_place
from workers.admin.group import parse_time
from workers.admin.terminal import one_line
from workers.cli import main

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def no_kafka(monkeypatch: pytest.MonkeyPatch) -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("TELEX_BOOTSTRAP_SERVERS", address)
    return address


@pytest.mark.parametrize(
    "arguments",
    [
        "topics plan",
        "topics apply --yes",
        "lag",
        "lag --json",
        "replay --from 2h",
        "replay --offset 3 --partition 0 --yes",
        "dlq list",
        "dlq show 0:1",
        "dlq replay --all --yes",
    ],
)
def test_a_kafka_that_cannot_be_reached_is_one_line_and_status_1(
    arguments: str, no_kafka: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 1
    printed = capsys.readouterr()
    assert printed.err == f"telex {arguments.split()[0]}: Kafka cannot be reached at {no_kafka}\n"
    assert printed.out == ""


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("replay --from yesterday", "neither a time like"),
        ("replay --from 2026-03-14T08:30:00", "neither a time like"),
        ("replay --from 999999d", "neither a time like"),
        ("replay --offset 3", "needs --partition"),
        ("replay --offset -1 --partition 0", "0 or more"),
        ("dlq show 17", "is not PARTITION:OFFSET"),
        ("dlq replay --letter 1-2", "is not PARTITION:OFFSET"),
        ("dlq replay", "or else --all"),
        ("dlq replay --all --reason schema", "or else --all"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(
    arguments: str, problem: str, no_kafka: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert problem in printed.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", "2026-03-14T10:30:00+00:00"),
        ("2h", "2026-03-14T10:00:00+00:00"),
        ("3d", "2026-03-11T12:00:00+00:00"),
        ("45s", "2026-03-14T11:59:15+00:00"),
        ("2026-03-14T08:30:00+01:00", "2026-03-14T07:30:00+00:00"),
        ("2026-03-14T08:30:00Z", "2026-03-14T08:30:00+00:00"),
    ],
)
def test_times_are_rfc_3339_or_an_age(text: str, expected: str) -> None:
    assert parse_time(text, NOW).isoformat() == expected


@pytest.mark.parametrize("text", ["", "h", "-2h", "2w", "2026", "2026-03-14", "12:00", "٣d"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a time like"):
        parse_time(text, NOW)


def test_letters_are_chosen_by_reason_stage_and_place() -> None:
    letter = DeadLetter(Place(2, 7), None, b"", (), {"reason": "schema", "stage": "read"})
    assert Selection().has(letter)
    assert Selection(reason="schema", stage="read", places=frozenset({parse_place("2:7")})).has(letter)
    assert not Selection(reason="empty_text").has(letter)
    assert not Selection(stage="enrich").has(letter)
    assert not Selection(places=frozenset({Place(7, 2)})).has(letter)


def test_nothing_that_moves_a_cursor_reaches_the_terminal() -> None:
    assert one_line("a\x1b[31m\u202eb\x9bc\nd", 99) == "a\ufffd[31m\ufffdb\ufffdc\ufffdd"
    assert one_line("abcdef", 4) == "abc…"
