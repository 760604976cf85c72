"""The ``telex`` command: one module of ``workers.commands`` a subcommand."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence

from workers import __version__
from workers.settings import SettingsError, load_settings

COMMANDS = ("run", "enrich", "explain", "topics", "lag", "replay", "dlq", "schemas", "check-config")

EXIT_FAILED = 1
EXIT_USAGE = 2
_EXIT_INTERRUPTED = 130
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (default: the process's); return the exit status."""
    args = _parser().parse_args(argv)
    try:
        settings = load_settings()
        return int(_module(args.command).run(args, settings))
    except SettingsError as error:
        print(f"telex: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"telex: cannot write: {error.strerror}", file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="telex",
        description="News articles in from Kafka, typed events out.",
        epilog="Settings are environment variables; `telex check-config` lists them.",
    )
    parser.add_argument("--version", action="version", version=f"telex {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = _module(name)
        module.configure(commands.add_parser(name, help=module.HELP, description=module.HELP))
    return parser


def _module(command: str):  # type: ignore[no-untyped-def]  # a module whose three names every command has
    return importlib.import_module(f"workers.commands.{command.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
