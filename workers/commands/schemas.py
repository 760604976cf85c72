"""``telex schemas``: the record schemas, and the check that a change breaks no reader."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workers.settings import Settings

HELP = "list, show and check the schemas of the records"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="another folder of schemas than Telex's own"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="every version of every schema")
    show = actions.add_parser("show", help="print a schema as JSON")
    show.add_argument("name", metavar="NAME[@VERSION]", help="such as event or event@1.0.0")
    actions.add_parser("check", help="refuse what would break readers; exit status 1 when something is wrong")
    actions.add_parser("release", help="check, then write new versions into versions.lock for good")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run one action; returns 0, or 1 when something is wrong."""
    del settings
    from workers.contract.files import schemas_folder

    folder = args.folder or schemas_folder()
    action = {"list": _list, "show": _show, "check": _check, "release": _release}[args.action]
    try:
        return action(args, folder)
    except (ValueError, OSError) as error:
        print(f"telex schemas: {error}", file=sys.stderr)
        return 1


def _list(args: argparse.Namespace, folder: Path) -> int:
    del args
    from rich.console import Console
    from rich.table import Table

    from workers.contract.checks import direction_of
    from workers.contract.lock import read_lock
    from workers.contract.schemas import load_schemas

    locked = read_lock(folder)
    table = Table("schema", "version", "record", "state", "id", box=None)
    for file in load_schemas(folder):
        state = "released" if f"{file.name}/{file.version}.json" in locked else "draft"
        table.add_row(file.name, str(file.version), direction_of(file.name), state, file.uri)
    Console(markup=False, highlight=False).print(table)
    return 0


def _show(args: argparse.Namespace, folder: Path) -> int:
    from workers.contract.schemas import load_schemas

    name, _, version = args.name.partition("@")
    found = [
        file for file in load_schemas(folder) if file.name == name and version in ("", str(file.version))
    ]
    if not found:
        print(
            f"telex schemas: there is no schema {args.name}; `telex schemas list` lists them", file=sys.stderr
        )
        return 1
    sys.stdout.write(found[-1].path.read_text(encoding="utf-8"))
    return 0


def _check(args: argparse.Namespace, folder: Path) -> int:
    del args
    from workers.contract.checks import check_folder

    return _tell(check_folder(folder), folder)


def _release(args: argparse.Namespace, folder: Path) -> int:
    del args
    from workers.contract.checks import check_contents
    from workers.contract.lock import check_lock, hash_files, read_lock, write_lock
    from workers.contract.schemas import load_schemas

    problems = check_contents(folder)
    if problems:
        return _tell(problems, folder)
    found, locked = hash_files(load_schemas(folder)), read_lock(folder)
    problems = check_lock(locked, {name: found[name] for name in found.keys() & locked.keys()})
    if problems:
        return _tell(problems, folder)
    for name in sorted(found.keys() - locked.keys()):
        print(f"released {name}")
    write_lock(folder, locked | found)
    return 0


def _tell(problems: list[str], folder: Path) -> int:
    from workers.contract.schemas import load_schemas

    for problem in problems:
        print(f"telex schemas: {problem}", file=sys.stderr)
    if not problems:
        versions = load_schemas(folder)
        names = {file.name for file in versions}
        print(
            f"all is well with {len(names)} schemas in {len(versions)} versions, their examples, the topics "
            "and the AsyncAPI document"
        )
    return 1 if problems else 0
