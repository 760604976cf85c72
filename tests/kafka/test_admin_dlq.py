"""`telex dlq` on a real Kafka, with dead letters that the worker's own code makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaProducer

from tests.kafka.harness import Room
from workers.cli import main
from workers.contract.records import Reason, Rejection
from workers.delivery.batch import Message, Place
from workers.delivery.publish import dead_letter

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
# Value, key and headers as senders may well have them.
ARTICLES: list[tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...], Reason]] = [
    (b"not json", b"k0", (("traceparent", b"00-x"), ("feed", b"\xff\x00")), Reason.INVALID_JSON),
    (b"\xff\xfe", None, (), Reason.INVALID_UTF8),
    (b'{"text": 1}', b"\x00\xff", (("feed", b"a"), ("feed", b"b")), Reason.SCHEMA),
    (None, b"k3", (), Reason.INVALID_JSON),
    ('{"title": "‮\x1b[2J"}'.encode(), b"k4", (("feed", b""),), Reason.SCHEMA),
]


@pytest.fixture
def room(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Five dead letters, and one of an aborted transaction that nobody may see."""
    room = Room(bootstrap).create(partitions=2)
    monkeypatch.setenv("TELEX_BOOTSTRAP_SERVERS", bootstrap)
    monkeypatch.setenv("TELEX_TOPIC_PREFIX", room.prefix)
    monkeypatch.setenv("TELEX_GROUP_ID", room.group)
    with KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{room.prefix}dead") as producer:
        producer.init_transactions()
        producer.begin_transaction()
        send(producer, room, 99, ARTICLES[0])
        producer.flush()
        producer.abort_transaction()
        producer.begin_transaction()
        for offset, article in enumerate(ARTICLES):
            send(producer, room, offset, article)
        producer.commit_transaction()
    return room


def send(producer: KafkaProducer, room: Room, offset: int, article: Any) -> None:
    value, key, headers, reason = article
    message = Message(
        place=Place(f"{room.prefix}articles", 0, offset),
        timestamp_ms=1_773_475_200_000 + offset,
        key=key,
        value=value,
        headers=headers,
    )
    rejection = Rejection(stage="read", reason=reason, error="E", message=f"wrong {offset}\x1b[31m")
    letter = dead_letter(message, rejection, f"{room.prefix}articles-dlq", NOW)
    producer.send(letter.topic, letter.value, letter.key, list(letter.headers))


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    assert main(["dlq", "list", "--json", *options]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return sorted(lines, key=lambda line: int(line["offset"]))


def sent_again(room: Room) -> list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]]:
    records = [(r.value, r.key, list(r.headers)) for r in room.read_committed("articles")]
    return sorted(records, key=lambda record: (record[0] or b"", record[1] or b""))


def expected(*numbers: int) -> list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]]:
    chosen = [(ARTICLES[n][0], ARTICLES[n][1], list(ARTICLES[n][2])) for n in numbers]
    return sorted(chosen, key=lambda record: (record[0] or b"", record[1] or b""))


def test_dead_letters_are_counted_and_listed(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    lines = listed(capsys)
    assert [line["offset"] for line in lines] == ["0", "1", "2", "3", "4"]
    assert [line["reason"] for line in lines] == [article[3].value for article in ARTICLES]
    assert [line["offset"] for line in listed(capsys, "--reason", "schema")] == ["2", "4"]
    assert listed(capsys, "--stage", "enrich") == []

    assert main(["dlq", "list", "--last", "2"]) == 0
    table = capsys.readouterr().out
    assert [line.split()[:4] for line in table.splitlines() if line.startswith("schema")] == [
        ["schema", "read", "2", "2026-03-14T08:00:00.000Z"]
    ]
    assert table.count("wrong") == 2
    assert "\x1b" not in table


def test_one_is_shown_and_its_value_comes_byte_for_byte(
    room: Room, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["dlq", "list", "--json"]) == 0
    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    places = {line["offset"]: line["place"] for line in lines}
    for number, (value, *_) in enumerate(ARTICLES):
        assert main(["dlq", "show", "--value", places[str(number)]]) == 0
        assert capfdbinary.readouterr().out == (value or b"")
    assert main(["dlq", "show", places["4"]]) == 0
    shown = capfdbinary.readouterr().out
    assert b"\x1b" not in shown
    assert "\u202e".encode() not in shown
    assert b"wrong 4" in shown
    assert main(["dlq", "show", "1:99999"]) == 1
    assert b"there is no dead letter at 1:99999" in capfdbinary.readouterr().err


def test_a_replay_sends_key_value_and_headers_as_they_were(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dlq", "replay", "--all", "--yes"]) == 0
    assert "5 articles sent" in capsys.readouterr().out
    assert sent_again(room) == expected(0, 1, 2, 3, 4)


def test_a_replay_sends_the_chosen_ones_alone(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dlq", "replay", "--reason", "schema", "--yes"]) == 0
    assert sent_again(room) == expected(2, 4)
    capsys.readouterr()
    place = listed(capsys)[1]["place"]
    assert main(["dlq", "replay", "--letter", place, "--yes"]) == 0
    assert sent_again(room) == expected(1, 2, 4)


def test_a_plan_and_what_is_not_confirmed_send_nothing(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dlq", "replay", "--all", "--dry-run"]) == 0
    assert "invalid_json" in capsys.readouterr().out
    assert main(["dlq", "replay", "--all"]) == 2
    assert "give --yes" in capsys.readouterr().err
    assert main(["dlq", "replay", "--letter", "0:99999", "--yes"]) == 1
    assert "not there, or not chosen: 0:99999" in capsys.readouterr().err
    assert main(["dlq", "replay", "--reason", "too_large", "--yes"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert sent_again(room) == []
