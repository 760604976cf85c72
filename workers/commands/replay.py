"""``telex replay``: read past articles again."""

from __future__ import annotations

import argparse
import sys

from workers.settings import Settings

HELP = "make the enrich workers read articles again, from a time or an offset on"
_EPILOG = (
    "The group is set back, so everything from there on is read again; its workers must be stopped. Ids do "
    "not change, so readers that know an id know a repeat. "
    "Exit status: 0 done, or nothing to do; 1 Kafka cannot be reached, or workers are running; "
    "2 not confirmed or used wrongly, nothing was changed."
)
_USAGE_ERROR = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.epilog = _EPILOG
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument(
        "--from", dest="since", metavar="TIME", help="RFC 3339 with an offset, or an age: 90m, 2h, 3d"
    )
    start.add_argument("--offset", type=int, metavar="N", help="an offset (with --partition)")
    parser.add_argument(
        "--partition", type=int, action="append", default=[], metavar="P", help="only this one (repeatable)"
    )
    parser.add_argument(
        "--wait", type=float, default=0, metavar="SECONDS", help="wait for the workers' sessions to end"
    )
    parser.add_argument("--dry-run", action="store_true", help="only show the plan")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Show the plan and, once confirmed, set the group back; returns the exit status of the epilog."""
    from workers.admin.terminal import guarded

    if args.offset is not None and (args.offset < 0 or not args.partition):
        print("telex replay: --offset is a number of 0 or more and needs --partition", file=sys.stderr)
        return _USAGE_ERROR
    return guarded("replay", lambda: _run(args, settings))


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from datetime import UTC, datetime

    from workers.admin.connection import open_admin
    from workers.admin.group import apply_replay, parse_time, plan_replay, wait_until_empty
    from workers.admin.terminal import EXIT_DONE, confirm, print_table

    try:
        since = None if args.since is None else parse_time(args.since, datetime.now(UTC))
    except ValueError as error:
        print(f"telex replay: --from: {error}", file=sys.stderr)
        return _USAGE_ERROR
    group, topic = settings.group_id, settings.topic("articles")
    with open_admin(settings) as admin:
        if not args.dry_run:
            wait_until_empty(admin, group, args.wait)
        plans = plan_replay(admin, group, topic, since=since, offset=args.offset, partitions=args.partition)
        if not plans:
            print(f"nothing to do: the group {group} has committed nothing after that in {topic}")
            return EXIT_DONE
        print_table(
            ("partition", "committed", "back to", "offsets read again"),
            [(plan.partition, plan.committed, plan.offset, plan.offsets) for plan in plans],
        )
        if args.dry_run:
            return EXIT_DONE
        status = confirm("replay", f"Set the group {group} back in {len(plans)} partitions?", yes=args.yes)
        if status is not None:
            return status
        apply_replay(admin, group, topic, plans)
    print(f"{group} reads {sum(plan.offsets for plan in plans)} offsets of {topic} again when it starts")
    return EXIT_DONE
