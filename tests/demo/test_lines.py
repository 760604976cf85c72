"""What the demo shows of messages: bounded and harmless, whatever is in them."""

import io
import unicodedata

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from workers.demo.articles import message_key
from workers.demo.lines import dead_line, event_line, one_line
from workers.demo.tally import Tally
from workers.demo.view import PlainView, TerminalView

HOSTILE = "\x1b[31mred\x1b[0m [bold]markup[/bold] \u202eright-to-left\u202c \x00nul\nnew line\u2028separator"
EVENT = {
    "type": "ASSAULT",
    "status": "asserted",
    "actors": [{"name": "Israël", "country": "ISR"}, {"name": "armée", "country": None}],
    "recipients": [{"name": "Téhéran", "country": "IRN"}],
    "evidence": {"field": "text", "start": 0, "end": 5, "text": "a bombardé"},
    "article": {
        "language": "fr",
        "sources": [
            {"source": "lemonde", "relation": "publisher"},
            {"source": "abna", "relation": "agency"},
        ],
    },
}


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 50))
def test_a_line_is_bounded_and_has_no_control_or_format_characters(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert all(
        c in "\u200c\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in line
    )


def test_a_line_keeps_what_persian_is_spelt_with() -> None:
    assert one_line("می\u200cخواهد", 20) == "می\u200cخواهد"


def test_what_is_cut_off_is_shown_as_cut_off() -> None:
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("abcd", 4) == "abcd"
    assert one_line(" " * 1000 + "a", 10).endswith("…")


def test_an_event_is_read() -> None:
    line = event_line(orjson.dumps(EVENT), 0)
    assert line is not None
    assert (line.type, line.status, line.language) == ("ASSAULT", "asserted", "fr")
    assert (line.actors, line.recipients) == ("Israël (ISR), armée", "Téhéran (IRN)")
    assert line.source == "abna"  # the credited agency before the publisher
    assert line.evidence == "a bombardé"


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\xff", b"[]", b"{}", b'{"type": 1}', b'{"type": "ASSAULT", "actors": 7, "article": []}'],
)
def test_any_message_of_the_events_topic_is_read_or_passed_over(value: bytes | None) -> None:
    line = event_line(value, 10**30)
    assert line is None or (line.type, line.actors, line.clock) == ("ASSAULT", "–", "--:--:--")


def test_a_dead_letter_is_read() -> None:
    headers = [("dlq-reason", b"schema"), ("dlq-message", HOSTILE.encode()), ("other", None)]
    line = dead_line(b"\xff[bold]" + b"x" * 10_000, headers, 0)
    assert line.reason == "schema"
    assert line.message.startswith("[31mred [0m [bold]markup[/bold] right-to-left nul new line separator")
    assert len(line.excerpt) == 80


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_reaches_the_screen_as_text(terminal: bool) -> None:
    event = EVENT | {"type": HOSTILE, "evidence": {"text": HOSTILE}, "actors": [{"name": HOSTILE}]}
    line = event_line(orjson.dumps(event), 0)
    assert line is not None
    screen = io.StringIO()
    # A terminal without colours: an escape sequence on it could only come from the text.
    console = Console(file=screen, width=300, force_terminal=terminal, color_system=None, markup=False)
    view = TerminalView(console) if terminal else PlainView(console)
    view.event(line)
    view.note(HOSTILE)
    shown = screen.getvalue()
    assert "[bold]markup[/bold]" in shown
    assert not {"\x1b", "\x00", "\u202e", "\u2028"} & set(shown)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b'{"id": "a1", "url": "http://x"}', b"a1"),
        (b'{"id": "", "url": "http://x"}', b"http://x"),
        (b'{"id": 7}', None),
        (b"[1]", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_an_article_is_keyed_by_its_id_or_url(value: bytes, key: bytes | None) -> None:
    assert message_key(value) == key


def test_rates_and_lag_are_counted() -> None:
    tally = Tally(started=100.0)
    tally.fed, tally.enriched, tally.dead = 10, 6, 2
    assert tally.waiting == 2
    assert tally.articles_per_second(104.0) == 2.0
    for second in range(30):
        tally.count_event(100.0 + second)
    assert tally.events == 30
    assert tally.events_per_second(130.0) == 1.0
    assert tally.events_per_second(200.0) == 0.0
