"""An enriched article in a terminal, in colour."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from workers.contract.records import Article, EnrichedArticle
from workers.explain.marks import describe_event, fields_of, marks_of

_STYLES = {"mention": "cyan", "source": "magenta", "event": "bold yellow", "role": "green"}
# Characters that could move the cursor or reorder what the reader sees.
_UNSAFE = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if code != ord("\n")
}


def safe_text(text: str) -> str:
    """``text`` of the same length, with control and direction characters replaced."""
    return text.translate(_UNSAFE)


def render_terminal(article: Article, enriched: EnrichedArticle) -> RenderableType:
    """Return what rich prints for one article: its fields with marks, then sources, entities, events."""
    parts: list[RenderableType] = [Text(f"{enriched.id}  language {enriched.language}", style="bold")]
    marks = marks_of(enriched, article)
    for name, value in fields_of(article):
        text = Text(safe_text(value))
        for mark in marks:
            if mark.span.field == name:
                text.stylize(_STYLES[mark.kind], mark.span.start, mark.span.end)
        parts += [Text(f"\n{name}", style="dim"), text]
    parts += [Text(""), _sources_table(enriched), _entities_table(enriched), _events_table(enriched)]
    return Group(*parts)


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, title=title, title_justify="left", title_style="bold", expand=False)


def _sources_table(enriched: EnrichedArticle) -> Table:
    table = _table("Sources", "source", "relation", "confidence", "evidence")
    for tag in enriched.sources:
        evidence = Text(safe_text(tag.evidence.text), style=_STYLES["source"])
        table.add_row(tag.source, tag.relation.value, f"{tag.confidence:.2f}", evidence)
    return table


def _entities_table(enriched: EnrichedArticle) -> Table:
    table = _table("Entities", "type", "name", "country", "role", "mentions")
    for entity in enriched.entities:
        table.add_row(
            entity.type.value,
            Text(safe_text(entity.name), style=_STYLES["mention"]),
            entity.country or "",
            Text(safe_text(entity.role or "")),
            str(len(entity.mentions)),
        )
    return table


def _events_table(enriched: EnrichedArticle) -> Table:
    table = _table(
        "Events", "#", "type", "status", "actors", "recipients", "details", "evidence", "confidence"
    )
    for number, event in enumerate(enriched.events, 1):
        kind, status, actors, recipients, details = describe_event(event)
        evidence = Text(safe_text(event.evidence.text), style=_STYLES["event"])
        table.add_row(
            str(number),
            kind,
            status,
            Text(safe_text(actors)),
            Text(safe_text(recipients)),
            Text(safe_text(details)),
            evidence,
            f"{event.confidence:.2f}",
        )
    return table
