"""``telex dlq list|show|replay``: the articles that could not be enriched."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from workers.settings import Settings

if TYPE_CHECKING:
    from workers.admin.deadletters import DeadLetter, Selection

HELP = "list, show and replay dead letters"
_EPILOG = (
    "Exit status: 0 done, or nothing to do; 1 Kafka cannot be reached or refused something; "
    "2 not confirmed or used wrongly, nothing was changed."
)
_USAGE_ERROR = 2
_TRANSACTION_SECONDS = 600
_FLUSH_SECONDS = 300.0
_VALUE_CHARS = 4000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list", help="how many there are of each kind, and the newest", epilog=_EPILOG
    )
    listing.add_argument("--last", type=int, default=10, metavar="N", help="the newest N, too (default: 10)")
    listing.add_argument("--json", action="store_true", help="one JSON object a dead letter, all of them")
    show = actions.add_parser("show", help="one dead letter with all that it has", epilog=_EPILOG)
    show.add_argument("place", metavar="PARTITION:OFFSET", help="as `list` gives it")
    show.add_argument("--value", action="store_true", help="only its value, byte for byte")
    replay = actions.add_parser(
        "replay",
        help="send articles to the articles topic again, in one transaction",
        description="Send the articles of the chosen dead letters to the articles topic again, all of them "
        "or none, with the key, value and headers that they had. The dead letters stay where they are, so "
        "a second run sends them again; what is still broken comes back as one more dead letter.",
        epilog=_EPILOG,
    )
    for action in (listing, replay):
        action.add_argument("--reason", metavar="R", help="only those with this reason")
        action.add_argument("--stage", metavar="S", help="only those of this stage")
    replay.add_argument(
        "--letter", action="append", default=[], metavar="PARTITION:OFFSET", help="only this one (repeatable)"
    )
    replay.add_argument("--all", action="store_true", help="every dead letter that there is")
    replay.add_argument("--dry-run", action="store_true", help="only show the plan")
    replay.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run one action; returns the exit status of the epilog."""
    from workers.admin.deadletters import Selection, parse_place
    from workers.admin.terminal import guarded

    try:
        if args.action == "show":
            place = parse_place(args.place)
            return guarded("dlq", lambda: _show(settings, place, value_only=args.value))
        places = frozenset(parse_place(text) for text in getattr(args, "letter", ()))
    except ValueError as error:
        print(f"telex dlq: {error}", file=sys.stderr)
        return _USAGE_ERROR
    selection = Selection(args.reason, args.stage, places)
    if args.action == "list":
        return guarded("dlq", lambda: _list(args, settings, selection))
    if args.all == (selection != Selection()):
        print("telex dlq replay: choose by --reason, --stage or --letter, or else --all", file=sys.stderr)
        return _USAGE_ERROR
    return guarded("dlq", lambda: _replay(args, settings, selection))


def _list(args: argparse.Namespace, settings: Settings, selection: Selection) -> int:
    import heapq
    import json

    from workers.admin.connection import open_reader
    from workers.admin.deadletters import read_letters
    from workers.admin.terminal import EXIT_DONE, print_table

    counts: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], str] = {}
    last: list[tuple[str, Any, tuple[object, ...]]] = []
    with open_reader(settings) as consumer:
        for letter in read_letters(consumer, settings.topic("articles-dlq"), selection):
            if args.json:
                print(json.dumps(_summary(letter)))
                continue
            kind = letter.why.get("reason", "?"), letter.why.get("stage", "?")
            failed_at = letter.why.get("failed-at", "")
            counts[kind] += 1
            newest[kind] = max(failed_at, newest.get(kind, ""))
            row = (
                letter.place,
                failed_at,
                kind[0],
                _text(letter.key, 40),
                letter.why.get("message", "")[:100],
            )
            heapq.heappush(last, (failed_at, letter.place, row))
            if len(last) > max(0, args.last):
                heapq.heappop(last)
    if args.json:
        return EXIT_DONE
    if not counts:
        print("no dead letters")
        return EXIT_DONE
    print_table(
        ("reason", "stage", "count", "newest"),
        [(*kind, count, newest[kind]) for kind, count in counts.most_common()],
    )
    if last:
        print()
        print_table(
            ("place", "failed at", "reason", "key", "message"),
            [row for *_, row in sorted(last, reverse=True)],
        )
    return EXIT_DONE


def _show(settings: Settings, place: Any, *, value_only: bool) -> int:
    from workers.admin.connection import open_reader
    from workers.admin.deadletters import read_letter
    from workers.admin.terminal import EXIT_DONE, print_table

    with open_reader(settings) as consumer:
        letter = read_letter(consumer, settings.topic("articles-dlq"), place)
    if value_only:
        sys.stdout.buffer.write(letter.value or b"")
        sys.stdout.buffer.flush()
        return EXIT_DONE
    rows: list[tuple[object, ...]] = [(f"dlq-{name}", value) for name, value in letter.why.items()]
    rows += [(name, _text(value, 200)) for name, value in letter.headers]
    rows += [("key", _text(letter.key, 200)), ("value", f"{len(letter.value or b'')} bytes")]
    print_table(("", f"dead letter {letter.place}"), rows)
    print()
    print(_text(letter.value, _VALUE_CHARS))
    return EXIT_DONE


def _replay(args: argparse.Namespace, settings: Settings, selection: Selection) -> int:
    from workers.admin.connection import deadline, open_producer, open_reader
    from workers.admin.deadletters import Selection, read_letters, send_again
    from workers.admin.terminal import EXIT_DONE, confirm, print_table

    source, target = settings.topic("articles-dlq"), settings.topic("articles")
    with open_reader(settings) as consumer:
        counts: Counter[tuple[str, str]] = Counter()
        places = set()
        for letter in read_letters(consumer, source, selection):
            counts[letter.why.get("reason", "?"), letter.why.get("stage", "?")] += 1
            places.add(letter.place)
    missing = selection.places - places
    if missing:
        print(f"telex dlq: not there, or not chosen: {', '.join(map(str, sorted(missing)))}", file=sys.stderr)
        return 1
    if not places:
        print("nothing to do: there is no such dead letter")
        return EXIT_DONE
    print_table(
        ("reason", "stage", "count", "to"), [(*kind, count, target) for kind, count in counts.most_common()]
    )
    if args.dry_run:
        return EXIT_DONE
    status = confirm("dlq", f"Send {len(places)} articles to {target} again?", yes=args.yes)
    if status is not None:
        return status
    # The plan's own letters and no newer ones, read a second time as they are sent: memory may not hold them.
    chosen = Selection(places=frozenset(places))
    with (
        deadline(
            _TRANSACTION_SECONDS, "telex dlq: Kafka does not end the transaction; all was sent or nothing"
        ),
        open_reader(settings) as consumer,
        open_producer(settings, f"{settings.group_id}-dlq-replay", _TRANSACTION_SECONDS) as producer,
    ):
        send_again(producer, read_letters(consumer, source, chosen), target, len(places), _FLUSH_SECONDS)
    print(f"{len(places)} articles sent to {target} again")
    return EXIT_DONE


def _summary(letter: DeadLetter) -> dict[str, object]:
    return {
        "place": str(letter.place),
        "key": None if letter.key is None else letter.key.decode("utf-8", "replace"),
        "value_bytes": len(letter.value or b""),
        **letter.why,
    }


def _text(value: bytes | None, limit: int) -> str:
    """Bytes for a terminal: UTF-8 where it is, nothing that could move the cursor."""
    from workers.admin.terminal import one_line

    if value is None:
        return "-"
    text = value[: 4 * limit].decode("utf-8", "replace")
    return "\n".join(one_line(line, limit) for line in text[:limit].split("\n"))
