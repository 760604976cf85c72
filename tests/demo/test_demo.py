"""The whole demo as its user has it: broker, topics, the real worker, events shown, and nothing left."""

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

_COMMAND = [sys.executable, "-m", "workers.demo"]
_LIMIT_SECONDS = 100
_STOP_SECONDS = 30
_ARTICLES = [
    {
        "id": "d1",
        "language": "fr",
        "text": "Selon l'agence de presse Abna, l'armée israélienne a bombardé Téhéran lundi. [red]\u202e",
    },
    {
        "id": "d2",
        "language": "en",
        "text": "President Adan Sowe met Prime Minister Lena Brandt in Geneva on Monday, Reuters reported.",
    },
    {"id": "d3", "title": "no text"},
]


def write_articles(folder: Path) -> Path:
    path = folder / "articles.jsonl"
    lines = [json.dumps(article, ensure_ascii=False) for article in _ARTICLES]
    path.write_text("\n".join([*lines, "", "not json"]), encoding="utf-8")
    return path


def make_environment(folder: Path) -> dict[str, str]:
    """Marks every process of one demo by its own folder for temporary files."""
    temporary = folder / "tmp"
    temporary.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TELEX_")}
    return clean | {"TMPDIR": str(temporary), "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return write_articles(tmp_path)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return make_environment(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def run_of_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A run with --once, which goes on beside the other tests until its own test waits for it."""
    folder = tmp_path_factory.mktemp("once")
    environment = make_environment(folder)
    command = [*_COMMAND, "--articles", str(write_articles(folder)), "--once", "--rate", "50"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    ) as demo:
        yield demo, environment
        demo.terminate()


def left_behind(environment: dict[str, str]) -> list[str]:
    """Processes and files of the demo that are still there."""
    left = [path.name for path in Path(environment["TMPDIR"]).iterdir()]
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("TMPDIR") == environment["TMPDIR"] and process.status() != "zombie":
                left.append(" ".join(process.cmdline()))
    return left


def test_ctrl_c_in_a_terminal_stops_all(articles: Path, environment: dict[str, str]) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*_COMMAND, "--articles", str(articles), "--rate", "0.5"], environment)  # noqa: S606
    screen = ""
    deadline = time.monotonic() + _LIMIT_SECONDS
    asked = False
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if ready:
            try:
                screen += os.read(terminal, 1 << 16).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
        if not asked and "ASSAULT" in screen:
            asked = True
            deadline = time.monotonic() + _STOP_SECONDS
            os.write(terminal, b"\x03")
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert asked, screen[-2000:]
    assert os.waitstatus_to_exitcode(status) == 0, screen[-2000:]
    assert "Ctrl-C stops everything" in screen
    assert "stopped" in screen
    assert left_behind(environment) == []


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (signal.SIGTERM, "starting the embedded broker"),
        (signal.SIGTERM, "applying the topics"),
        (signal.SIGTERM, "starting the worker"),
        (signal.SIGINT, "starting the worker"),
        (signal.SIGHUP, "starting the worker"),
    ],
)
def test_a_signal_while_it_starts_stops_all(
    number: signal.Signals, step: str, articles: Path, environment: dict[str, str]
) -> None:
    with subprocess.Popen(
        [*_COMMAND, "--articles", str(articles)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        assert any(line.startswith(step) for line in demo.stdout)
        demo.send_signal(number)
        _, errors = demo.communicate(timeout=_STOP_SECONDS)
    assert (demo.returncode, errors) == (0, "")
    assert left_behind(environment) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--articles", "nowhere.jsonl"], "demo: cannot read nowhere.jsonl: No such file or directory"),
        (["--articles", "/"], "demo: cannot read /: Is a directory"),
        (["--articles", os.devnull], "demo: there is no article to feed"),
        (["--bootstrap", "nonsense"], "demo: TELEX_BOOTSTRAP_SERVERS: 'nonsense' is not host:port"),
        (["--bootstrap", "127.0.0.1:1"], "demo: `telex topics apply` failed with status 1:"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    arguments: list[str], told: str, environment: dict[str, str]
) -> None:
    done = subprocess.run(
        [*_COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=_LIMIT_SECONDS
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == told
    assert "Traceback" not in done.stderr


def test_once_every_article_has_its_answer_all_ends(
    run_of_once: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    demo, environment = run_of_once
    output, errors = demo.communicate(timeout=_LIMIT_SECONDS)
    assert (demo.returncode, errors) == (0, "")
    lines = output.splitlines()
    assault = next(line for line in lines if "ASSAULT" in line)
    assert "abna" in assault
    assert "fr" in assault
    assert "a bombardé Téhéran" in assault
    assert any("CONSULT" in line and "Lena Brandt" in line for line in lines)
    assert any("dead   schema:" in line for line in lines)
    assert any("dead   invalid_json:" in line for line in lines)
    assert "all 4 articles have their answer" in lines
    assert any("4 in · 2 enriched · 2 dead · lag 0" in line for line in lines)
    assert any("/metrics" in line and "/healthz" in line for line in lines)
    assert any("for development only: it carries no delivery guarantee" in line for line in lines)
    assert "\u202e" not in output
    assert left_behind(environment) == []
