"""Where the files of ``schemas/`` are: inside an installed package, else in the source tree."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def schemas_folder() -> Path:
    """The folder of schemas, topics.yaml and asyncapi.yaml."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_schemas"
    return installed if installed.is_dir() else package.parent / "schemas"
