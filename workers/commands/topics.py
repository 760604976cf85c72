"""``telex topics plan|apply``: the topics that Telex needs."""

from __future__ import annotations

import argparse

from workers.settings import Settings

HELP = "show or create the topics; nothing is ever deleted"
_EPILOG = (
    "Exit status: 0 done, or nothing to do; 1 Kafka cannot be reached or refused something; "
    "2 not confirmed, nothing was changed."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    plan = actions.add_parser("plan", help="show what apply would do", epilog=_EPILOG)
    apply = actions.add_parser(
        "apply", help="create missing topics and add missing partitions, after a question", epilog=_EPILOG
    )
    for action in (plan, apply):
        action.add_argument(
            "--configs", action="store_true", help="change configurations that differ in existing topics, too"
        )
    apply.add_argument("--yes", action="store_true", help="do not ask")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Show the plan and, for ``apply``, carry it out; returns the exit status of the epilog."""
    from workers.admin.terminal import guarded

    return guarded("topics", lambda: _run(args, settings))


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from workers.admin.connection import open_admin
    from workers.admin.terminal import EXIT_DONE, confirm, print_table
    from workers.admin.topics import Step, apply_plans, count_brokers, plan_topics, read_topics
    from workers.contract.topics import all_topics

    specs = all_topics()
    with open_admin(settings) as admin:
        plans = plan_topics(
            specs,
            read_topics(admin, [settings.topic(spec.name) for spec in specs]),
            prefix=settings.topic_prefix,
            brokers=count_brokers(admin),
            replication_factor=settings.replication_factor,
            change_configs=args.configs,
        )
        print_table(
            ("topic", "plan", "partitions", "copies", "what differs"),
            [
                (
                    plan.name,
                    ", ".join(plan.steps),
                    plan.partitions,
                    plan.copies,
                    "; ".join(plan.differences) if plan.differences else None,
                )
                for plan in plans
            ],
        )
        due = [plan for plan in plans if plan.steps != (Step.LEAVE,)]
        if not due:
            print("nothing to do")
            return EXIT_DONE
        if args.action == "plan":
            return EXIT_DONE
        status = confirm("topics", f"Change {len(due)} topics?", yes=args.yes)
        if status is not None:
            return status
        for line in apply_plans(admin, due):
            print(line)
    return EXIT_DONE
