"""The command line as a user meets it: subprocesses, exit statuses, standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TELEX = Path(sys.executable).with_name("telex")
MEETING = {
    "id": "meeting",
    "text": "Selon l'agence de presse Abna, le ministre irakien des Affaires étrangères a rencontré mardi à "
    "Bagdad l'ambassadeur iranien.",
}


def telex(
    *arguments: str | Path, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TELEX_")}
    return subprocess.run(
        [TELEX, *arguments], input=stdin, capture_output=True, check=False, env={**env, **(environment or {})}
    )


@pytest.mark.parametrize("processes", ["1", "2"])
def test_enrich_answers_every_line_in_order_and_names_the_broken_one(processes: str) -> None:
    articles = [{**MEETING, "id": f"a{number}"} for number in range(20)]
    lines = [json.dumps(article).encode() for article in articles]
    lines[3:3] = [b"", b"not json"]
    done = telex("enrich", "--processes", processes, stdin=b"\n".join(lines))
    enriched = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in enriched] == [article["id"] for article in articles]
    assert done.returncode == 1
    assert done.stderr.decode().startswith("telex enrich: line 5: invalid_json: ")
    assert done.stderr.count(b"\n") == 1


def test_enrich_of_good_articles_ends_with_status_0_and_says_nothing() -> None:
    done = telex("enrich", stdin=json.dumps(MEETING).encode() + b"\n")
    assert (done.returncode, done.stderr) == (0, b"")
    (enriched,) = map(json.loads, done.stdout.splitlines())
    assert [tag["source"] for tag in enriched["sources"]] == ["abna"]


def test_enrich_bounds_a_line_of_any_length() -> None:
    lines = b'{"text": "' + b"a " * 20_000 + b'"}\n' + json.dumps(MEETING).encode()
    done = telex("enrich", stdin=lines, environment={"TELEX_MAX_MESSAGE_BYTES": "4096"})
    assert done.stderr.decode().startswith("telex enrich: line 1: too_large: ")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["meeting"]


def test_explain_shows_an_article_in_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "article.json"
    path.write_text(json.dumps(MEETING), encoding="utf-8")
    done = telex("explain", path)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode()
    assert "abna" in shown
    assert "CONSULT" in shown
    assert "l'ambassadeur iranien" in shown


def test_explain_writes_a_page_in_which_the_article_is_only_text(tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    article = {
        **MEETING,
        "title": "<script>alert(1)</script>",
        "text": MEETING["text"] + " <img src=x onerror=y>",
    }
    done = telex("explain", "--html", page, stdin=json.dumps(article).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    html = page.read_text(encoding="utf-8")
    assert "CONSULT" in html
    assert "<script>" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("explain",), b"not json"),
        (("explain", "/does/not/exist.json"), b""),
        (("explain", "--html", "/does/not/exist/out.html"), json.dumps(MEETING).encode()),
        (("enrich", "--processes", "0"), b""),
    ],
)
def test_a_users_mistake_is_one_clear_line(arguments: tuple[str, ...], stdin: bytes) -> None:
    done = telex(*arguments, stdin=stdin)
    assert done.returncode in (1, 2)
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"telex ")


def test_a_wrong_setting_stops_the_start() -> None:
    done = telex("run", "enrich", environment={"TELEX_PROCESSES": "none"})
    assert done.returncode == 2
    assert done.stderr.startswith(b"telex: TELEX_PROCESSES: ")
    assert done.stderr.count(b"\n") == 1


def test_check_config_shows_every_setting_and_masks_the_secret() -> None:
    secret = "hunter2"  # noqa: S105  # the point of the test
    done = telex("check-config", environment={"TELEX_SASL_PASSWORD": secret})
    assert done.returncode == 0
    assert b"TELEX_BOOTSTRAP_SERVERS" in done.stdout
    assert secret.encode() not in done.stdout + done.stderr


def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [TELEX, "enrich"],
            input=json.dumps(MEETING).encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"telex: cannot write: No space left on device\n"
