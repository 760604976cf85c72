"""``telex explain FILE``: one article marked up for people."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workers.settings import Settings

HELP = "show one article marked up: mentions, source credits, events with their roles and evidence"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", nargs="?", type=Path, help="one article as JSON (default: standard input)")
    parser.add_argument("--html", type=Path, metavar="OUT", help="write a page instead, drawn with displaCy")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Enrich the article and show it; returns 1 when it cannot be read."""
    from workers.contract.records import Rejection
    from workers.enrich.article import read_article
    from workers.enrich.message import limits_of
    from workers.enrich.pipeline import Pipeline
    from workers.logging import configure_logging

    configure_logging(settings)
    try:
        value = args.file.read_bytes() if args.file else sys.stdin.buffer.read()
    except OSError as error:
        print(f"telex explain: {args.file}: {error.strerror}", file=sys.stderr)
        return 1
    limits = limits_of(settings)
    article = read_article(value, limits)
    if isinstance(article, Rejection):
        print(f"telex explain: {article.reason}: {article.message}", file=sys.stderr)
        return 1
    enriched = Pipeline.load(limits).enrich(article)
    if args.html:
        from workers.explain.html import render_html

        try:
            args.html.write_text(render_html(article, enriched), encoding="utf-8")
        except OSError as error:
            print(f"telex explain: {args.html}: {error.strerror}", file=sys.stderr)
            return 1
    else:
        from rich.console import Console

        from workers.explain.terminal import render_terminal

        Console(highlight=False).print(render_terminal(article, enriched))
    return 0
