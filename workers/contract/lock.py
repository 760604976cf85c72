"""``schemas/versions.lock``: the hash of every released schema file, so that none of them changes any more.

The format is that of ``sha256sum``, which can check it: ``cd schemas && sha256sum -c versions.lock``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from workers.contract.schemas import SchemaFile

LOCK_NAME = "versions.lock"


def read_lock(folder: Path) -> dict[str, str]:
    """Read the lock of ``folder``: file (``event/1.0.0.json``) to hash; empty when there is no lock yet.

    Raises ValueError for a line that is none.
    """
    path = folder / LOCK_NAME
    locked: dict[str, str] = {}
    if path.is_file():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            digest, separator, name = line.partition("  ")
            if not separator or len(digest) != hashlib.sha256().digest_size * 2:
                raise ValueError(f"{LOCK_NAME}: line {number} is not a hash and a file")
            locked[name] = digest
    return locked


def hash_files(files: Iterable[SchemaFile]) -> dict[str, str]:
    """File to hash for the schemas that are there."""
    return {
        f"{file.name}/{file.version}.json": hashlib.sha256(file.path.read_bytes()).hexdigest()
        for file in files
    }


def check_lock(locked: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What is wrong with the files ``found`` as against those ``locked``, one line each."""
    problems = []
    for name in sorted(locked.keys() | found.keys()):
        if name not in found:
            problems.append(f"{name}: this released version is gone; readers still have it")
        elif name not in locked:
            problems.append(f"{name}: not released yet; `telex schemas release` writes it into {LOCK_NAME}")
        elif locked[name] != found[name]:
            problems.append(f"{name}: a released version was changed; make a new version of it instead")
    return problems


def write_lock(folder: Path, locked: Mapping[str, str]) -> None:
    """Write the lock of ``folder``."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(locked.items()))
    (folder / LOCK_NAME).write_text(lines, encoding="utf-8")
