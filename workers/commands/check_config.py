"""``telex check-config``: the settings as they are read, secrets masked."""

from __future__ import annotations

import argparse
import sys

from workers.settings import Settings, describe_settings

HELP = "check the settings and show each with its meaning"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options: there are none."""
    del parser


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print every setting; a wrong one has ended the command before with a line that names it."""
    del args
    if not sys.stdout.isatty():
        for variable, value, meaning in describe_settings(settings):
            print(variable, value, meaning, sep="\t")
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table("variable", "value", "meaning", box=None)
    for variable, value, meaning in describe_settings(settings):
        table.add_row(variable, value, meaning)
    Console(markup=False, width=None).print(table)
    return 0
