"""An enriched article as one HTML page that loads nothing: fields drawn by displaCy, then the records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from spacy.displacy.render import SpanRenderer

from workers.contract.records import Article, EnrichedArticle
from workers.explain.marks import Mark, describe_event, fields_of, marks_of

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "ur", "he", "ps", "ku", "sd", "ug"})
_KIND_COLORS = {"mention": "#aee4e8", "source": "#e8b7f0", "event": "#ffd866", "role": "#b8e0a0"}
_WORD = re.compile(r"\S+")

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; color: #1b1b1b; }}
body {{ margin: 2rem auto; padding: 0 1rem; }}
h2 {{ font-size: 1.1rem; margin: 2rem 0 .5rem; }}
table {{ border-collapse: collapse; width: 100%; font-size: .9rem; }}
th, td {{ text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #ddd; }}
.spans > span {{ margin-inline-end: .25em; }}
.spans > span > span > span {{ white-space: nowrap; }}
</style>
</head>
<body>
<h1 dir="auto">{title}</h1>
<p>language {language}</p>
{fields}
{tables}
</body>
</html>
"""


def render_html(article: Article, enriched: EnrichedArticle) -> str:
    """Return a whole page for one article; every text of the article is escaped."""
    marks = marks_of(enriched, article)
    direction = "rtl" if enriched.language in _RIGHT_TO_LEFT else "ltr"
    fields = "".join(
        f"<h2>{name}</h2>" + _draw(value, [mark for mark in marks if mark.span.field == name], direction)
        for name, value in fields_of(article)
    )
    sources = _table(
        "Sources",
        ("source", "relation", "confidence", "evidence"),
        (
            (tag.source, tag.relation.value, f"{tag.confidence:.2f}", tag.evidence.text)
            for tag in enriched.sources
        ),
    )
    entities = _table(
        "Entities",
        ("type", "name", "country", "role", "mentions"),
        (
            (
                entity.type.value,
                entity.name,
                entity.country or "",
                entity.role or "",
                str(len(entity.mentions)),
            )
            for entity in enriched.entities
        ),
    )
    events = _table(
        "Events",
        ("#", "type", "status", "actors", "recipients", "details", "evidence", "confidence"),
        (
            (str(number), *describe_event(event), event.evidence.text, f"{event.confidence:.2f}")
            for number, event in enumerate(enriched.events, 1)
        ),
    )
    return _PAGE.format(
        language=escape(enriched.language),
        title=escape(article.title or enriched.id),
        fields=fields,
        tables=sources + entities + events,
    )


def _draw(value: str, marks: Sequence[Mark], direction: str) -> str:
    """Draw one field, a paragraph at a time so that displaCy's work stays linear in the field's length."""
    colors = {mark.label: _KIND_COLORS[mark.kind] for mark in marks}
    renderer = SpanRenderer({"colors": colors})
    drawn, start = [], 0
    for paragraph in value.split("\n"):
        end = start + len(paragraph)
        if paragraph.strip():
            inside = [mark for mark in marks if start <= mark.span.start < end]
            drawn.append(_paragraph(value, start, end, inside))
        start = end + 1
    for paragraph_data in drawn:
        paragraph_data["settings"] = {"direction": direction}
    return renderer.render(drawn)


def _paragraph(value: str, start: int, end: int, marks: Sequence[Mark]) -> dict[str, object]:
    """One paragraph as displaCy wants it: words, cut where marks begin and end, and spans over them."""
    cuts = {position for mark in marks for position in (mark.span.start, min(mark.span.end, end))}
    bounds: list[tuple[int, int]] = []
    for word in _WORD.finditer(value, start, end):
        points = [word.start(), *sorted(cut for cut in cuts if word.start() < cut < word.end()), word.end()]
        bounds += pairwise(points)
    spans = []
    for mark in marks:
        numbers = [n for n, (a, b) in enumerate(bounds) if a < mark.span.end and b > mark.span.start]
        if numbers:
            spans.append({"start_token": numbers[0], "end_token": numbers[-1] + 1, "label": mark.label})
    return {"tokens": [value[a:b] for a, b in bounds], "spans": spans}


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f'<td dir="auto">{escape(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
