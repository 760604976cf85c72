"""The analysed fields of an article: title and text as they came, beside a cleaned copy of the same length.

Article text is hostile input. Every step here is linear in the length of what is analysed, and the
cleaned copy keeps every offset, so that a place found in it is the same place in the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from workers.contract.records import Article

_MAX_TITLE_CHARS: Final = 1_000
# What the network does grows with these: text of very short words costs more than its length says.
_MAX_TOKENS: Final = 3_000
# Two Han letters are about a word.
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]{1,2}|[^\W\u3400-\u9fff]+|[^\w\s]")
_MAX_RUN_CHARS: Final = 200

# Controls but the newline; Unicode line ends; zero-width space, word joiner and byte-order mark; marks,
# embeddings, overrides and isolates of the bidirectional algorithm; surrogates and non-characters. The
# joiners U+200C and U+200D stay: Persian and the Indic scripts spell with them.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u061c\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff]"
)
# Scripts written without spaces between words are no "run": a Chinese paragraph has none to break it.
_RUN: Final = re.compile(
    r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)
_ELEMENTS: Final = frozenset(  # of HTML
    re.findall(
        r"\w+",
        """
        a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas caption
        center cite code col colgroup data dd del details dfn dialog div dl dt em embed fieldset figcaption
        figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins
        kbd label legend li link main map mark math menu meta meter nav noscript object ol optgroup option
        output p param picture pre progress q rp rt ruby s samp script section select slot small source span
        strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title
        tr track tt u ul var video wbr
        """,
    )
)
# Each attempt ends at the next angle bracket, so that no character is looked at by two of them.
_TAG: Final = re.compile(r"<(/?)([a-z][a-z0-9]{0,15})(?:[\s/][^<>]*)?>|<!(?:--|doctype\b)", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNREAD: Final = frozenset({"script", "style"})
_PARAGRAPH_END: Final = "\n"
_SENTENCE_END: Final = re.compile(r"[.!?؟۔।](?=\s)|[。！？]")


@dataclass(frozen=True, slots=True)
class FieldText:
    """One analysed field: ``clean[i]`` stands for ``original[i]``, and ``clean`` may end before ``original``.

    In ``clean``, markup, control and direction characters and words of more than 200 characters are spaces.
    """

    name: Literal["title", "text"]
    original: str
    clean: str


def prepare_fields(article: Article, max_analysed_chars: int) -> tuple[FieldText, ...]:
    """The title (if there is one) and the text, each cleaned, the text cut to ``max_analysed_chars``.

    The cut is at the last end of a paragraph in the last quarter, else of a sentence, else at a space.
    """
    fields = []
    if article.title and article.title.strip():
        fields.append(_prepare("title", article.title, min(_MAX_TITLE_CHARS, max_analysed_chars)))
    fields.append(_prepare("text", article.text, max_analysed_chars))
    return tuple(fields)


def _prepare(name: Literal["title", "text"], original: str, limit: int) -> FieldText:
    return FieldText(name=name, original=original, clean=clean_text(original[: _cut(original, limit)]))


def clean_text(text: str) -> str:
    """Blank with spaces what is not reading matter; the result has the length of ``text``."""
    spans = [*_markup(text), *(match.span() for match in _ENTITY.finditer(text))]
    text = _UNPRINTABLE.sub(" ", _blank(text, spans))
    return _blank(text, [m.span() for m in _RUN.finditer(text) if m.end() - m.start() > _MAX_RUN_CHARS])


def _bound_tokens(text: str, limit: int) -> int:
    """``limit``, or less where that many characters hold more tokens than are read."""
    if min(len(text), limit) <= _MAX_TOKENS:
        return limit
    beyond = next(islice(_TOKEN.finditer(text, 0, limit), _MAX_TOKENS, None), None)
    return limit if beyond is None else beyond.start()


def _cut(text: str, limit: int) -> int:
    """Where to end the analysed prefix of ``text``, at most ``limit`` and ``_MAX_TOKENS`` words and signs."""
    limit = _bound_tokens(text, limit)
    if len(text) <= limit:
        return len(text)
    earliest = limit - limit // 4
    paragraph = text.rfind(_PARAGRAPH_END, earliest, limit)
    if paragraph >= 0:
        return paragraph + 1
    sentence = max((m.end() for m in _SENTENCE_END.finditer(text, earliest, limit)), default=-1)
    if sentence >= 0:
        return sentence
    space = text.rfind(" ", earliest, limit)
    return space if space >= 0 else limit


def _markup(text: str) -> Iterator[tuple[int, int]]:
    """The places of HTML tags, of comments, and of scripts and styles with what is in them."""
    unread: tuple[str, int] | None = None
    done = 0
    for match in _TAG.finditer(text):
        closing, element = match.group(1), (match.group(2) or "").lower()
        if match.start() < done:
            continue
        if not element:
            mark = "-->" if match.group().startswith("<!--") else ">"
            end = text.find(mark, match.end())
            # Nothing further on is closed either: one search, not one for each opening.
            done = end + len(mark) if end >= 0 else len(text)
            yield match.start(), done if end >= 0 else match.end()
            continue
        if element not in _ELEMENTS:
            continue
        yield match.span()
        if unread and closing and element == unread[0]:
            yield unread[1], match.start()
            unread = None
        elif element in _UNREAD and not closing and unread is None:
            unread = (element, match.end())


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    parts, done = [], 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        parts.append(text[done:start] if start > done else "")
        parts.append(_spaces(text[max(start, done) : end]))
        done = end
    parts.append(text[done:])
    return "".join(parts)


def _spaces(text: str) -> str:
    """Spaces in place of ``text``; its line ends stay, so that paragraphs do."""
    return "\n".join(" " * len(line) for line in text.split("\n"))
