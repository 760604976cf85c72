"""The operator's commands on the embedded broker, which `make run` uses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from workers.cli import main
from workers.contract.topics import all_topics
from workers.demo.broker import start_broker, stop_broker


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    broker, address = start_broker(tmp_path, tmp_path / "data", threading.Event())
    monkeypatch.setenv("TELEX_BOOTSTRAP_SERVERS", address)
    yield address
    stop_broker(broker)


def test_topics_lag_and_dead_letters(embedded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "apply", "--yes"]) == 0
    created = capsys.readouterr().out
    assert all(f"{spec.name} created" in created for spec in all_topics())
    assert main(["topics", "apply", "--yes"]) == 0
    assert "nothing to do" in capsys.readouterr().out

    with KafkaProducer(bootstrap_servers=embedded) as producer:
        headers = [("feed", b"wire"), ("dlq-reason", b"schema"), ("dlq-stage", b"read")]
        producer.send("articles-dlq", b'{"text": 1}', key=b"k", headers=headers)
        producer.send("articles", b'{"text": "a"}', key=b"k")
        producer.flush()
    assert main(["dlq", "list"]) == 0
    assert "schema" in capsys.readouterr().out
    assert main(["dlq", "replay", "--reason", "schema", "--yes"]) == 0
    assert "1 articles sent" in capsys.readouterr().out
    assert main(["lag", "--json"]) == 0
    # The end of the transaction may count as an offset of its own.
    assert sum(row["lag"] for row in json.loads(capsys.readouterr().out)) in {2, 3}
    assert main(["replay", "--from", "2h", "--yes"]) == 0
    assert "nothing to do" in capsys.readouterr().out
