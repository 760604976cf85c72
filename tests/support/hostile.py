"""Bad input of more than 200 kinds: each a message's value and what must become of it.

``ENRICHED`` stands for an enriched article, anything else is the reason of a dead letter.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

ENRICHED = "enriched"
SENTENCE = "Le ministre irakien a rencontré lundi à Bagdad une délégation iranienne. "
MEGABYTE = 1_000_000


class Hostile(NamedTuple):
    """One kind of bad input."""

    name: str
    value: bytes
    outcome: str


def corpus() -> list[Hostile]:
    """All kinds, in a fixed order, with unique names."""
    kinds = [*_not_json(), *_wrong_shapes(), *_wrong_fields(), *_dates(), *_texts(), *_sizes()]
    names = [kind.name for kind in kinds]
    if len(set(names)) != len(names):
        raise ValueError("two kinds share one name")
    return kinds


def _article(**fields: Any) -> bytes:
    return json.dumps({"text": SENTENCE, **fields}, ensure_ascii=False).encode("utf-8")


def _not_json() -> Iterator[Hostile]:
    good = _article()
    raw = {
        "no bytes": b"",
        "white space": b" \n\t ",
        "plain text": SENTENCE.encode(),
        "NUL bytes": b"\0" * 64,
        "cut in a string": good[:30],
        "cut before the brace": good[:-1],
        "two objects": good + good,
        "trailing comma": good[:-1] + b",}",
        "trailing garbage": good + b"garbage",
        "single quotes": b"{'text': 'a'}",
        "unquoted name": b'{text: "a"}',
        "comment": b'/* a */ {"text": "a b"}',
        "NaN": b'{"text": "a b", "version": NaN}',
        "Infinity": b'{"text": "a b", "version": Infinity}',
        "minus Infinity": b'{"text": "a b", "version": -Infinity}',
        "hexadecimal number": b'{"text": "a b", "version": 0x10}',
        "leading zero": b'{"text": "a b", "version": 01}',
        "plus sign": b'{"text": "a b", "version": +1}',
        "raw newline in a string": b'{"text": "a\nb"}',
        "raw tab in a string": b'{"text": "a\tb"}',
        "raw NUL in a string": b'{"text": "a\0b"}',
        "bad escape": rb'{"text": "a\xb"}',
        "cut unicode escape": rb'{"text": "a\u12"}',
        "lone high surrogate": rb'{"text": "a \ud83d b"}',
        "lone low surrogate": rb'{"text": "a \udc00 b"}',
        "swapped surrogates": rb'{"text": "a \udc00\ud83d b"}',
        "lone surrogate in a name": rb'{"text": "a b", "\ud800": 1}',
        "lone surrogate in the id": rb'{"text": "a b", "id": "\ud800"}',
        "byte order mark": b"\xef\xbb\xbf" + good,
        "XML": b"<?xml version='1.0'?><article><text>a b</text></article>",
        "HTML page": b"<!doctype html><html><body>a b</body></html>",
        "YAML": b"text: a b\nid: x\n",
        "CSV": b"id,text\n1,a b\n",
        "JSON lines": b'{"text": "a b"}\n{"text": "c d"}\n',
        "form data": b"text=a+b&id=1",
        "base64": base64.b64encode(good),
        "Python repr": repr({"text": "a b", "url": None}).encode(),
        "10,000 arrays deep": b"[" * 10_000 + b"]" * 10_000,
        "10,000 objects deep": b'{"text":' * 10_000 + b'"a"' + b"}" * 10_000,
        "10,000 deep beside the text": b'{"text": "a b", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        "unclosed 100,000 deep": b"[" * 100_000,
        "a million open braces": b"{" * MEGABYTE,
        "a million quotes": b'"' * MEGABYTE,
        "a million backslashes": b'{"text": "' + b"\\" * MEGABYTE,
    }
    yield from (Hostile(name, value, "invalid_json") for name, value in raw.items())
    undecodable = {
        "Latin-1": '{"text": "déjà vu à Téhéran"}'.encode("latin-1"),
        "Windows-1256": '{"text": "بغداد"}'.encode("windows-1256"),
        "UTF-16": '{"text": "é"}'.encode("utf-16"),
        "UTF-16 big-endian": '{"text": "\ud7ff\ue000"}'.encode("utf-16-be") + b"\xd8\x00",
        "cut in a character": '{"text": "à'.encode()[:-1],
        "overlong slash": b'{"text": "a\xc0\xafb"}',
        "overlong NUL": b'{"text": "a\xc0\x80b"}',
        "surrogate as UTF-8": b'{"text": "a\xed\xa0\x80b"}',
        "beyond Unicode": b'{"text": "a\xf4\x90\x80\x80b"}',
        "byte FF": b'{"text": "a\xffb"}',
        "continuation alone": b'{"text": "a\x80b"}',
        "bad bytes in a name": b'{"te\xffxt": "a b"}',
        "gzip": gzip.compress(good, mtime=0),
        "random bytes": bytes(range(255, 127, -1)) * 8,
        "PNG signature": b"\x89PNG\r\n\x1a\n" + b"\0" * 16,
        "Avro with a schema id": b"\0\0\0\0\x01\xc3\x01" + b"a" * 8,
    }
    yield from (Hostile(f"bytes: {name}", value, "invalid_utf8") for name, value in undecodable.items())


def _wrong_shapes() -> Iterator[Hostile]:
    shapes = {
        "null": b"null",
        "true": b"true",
        "number": b"42",
        "string": b'"an article"',
        "array": b"[]",
        "array of an article": b"[" + _article() + b"]",
        "empty object": b"{}",
        "text in capitals": b'{"TEXT": "a b"}',
        "text one level down": b'{"article": {"text": "a b"}}',
        "body instead of text": b'{"body": "a b"}',
        "text null at the second time": b'{"text": "a b", "text": null}',
        "text a huge number": b'{"text": 1e300}',
        "hundreds deep, no text": b'{"x": ' + b"[" * 500 + b"]" * 500 + b"}",
    }
    yield from (Hostile(f"shape: {name}", value, "schema") for name, value in shapes.items())
    tolerated = {
        "unknown field": _article(colour="red"),
        "unknown field, hundreds deep": b'{"text": "a b", "x": ' + b"[" * 500 + b"]" * 500 + b"}",
        "10,000 unknown fields": _article(**{f"x{number}": number for number in range(10_000)}),
        "field named like a method": _article(__class__="x", __proto__={"a": 1}, constructor="y"),
        "the same field twice": b'{"text": "a b", "text": "c d"}',
        "a number of a thousand digits": b'{"text": "a b", "x": 1' + b"0" * 300 + b".5}",
    }
    yield from (Hostile(f"shape: {name}", value, ENRICHED) for name, value in tolerated.items())


def _wrong_fields() -> Iterator[Hostile]:
    values: dict[str, Any] = {
        "null": None,
        "true": True,
        "zero": 0,
        "fraction": 1.5,
        "array": [],
        "array of strings": ["a b"],
        "object": {"a": "b"},
    }
    for field in ("text", "id", "title", "url", "language", "published_at", "publisher"):
        for name, value in values.items():
            outcome = ENRICHED if name == "null" and field != "text" else "schema"
            yield Hostile(f"{field}: {name}", _article(**{field: value}), outcome)
    for name, value in {**values, "string": "2", "negative": -1, "huge": 10**30}.items():
        outcome = ENRICHED if name == "null" else "schema"
        yield Hostile(f"version: {name}", _article(version=value), outcome)
    yield Hostile("id: 10,000 characters", _article(id="i" * 10_000), "schema")
    yield Hostile("title: a megabyte", _article(title="t " * (MEGABYTE // 2)), "schema")
    yield Hostile("url: a megabyte", _article(url="http://example.org/" + "u" * MEGABYTE), "schema")
    yield Hostile("publisher: a megabyte", _article(publisher="p" * MEGABYTE), "schema")
    yield Hostile("language: a megabyte", _article(language="f" * MEGABYTE), "schema")
    yield Hostile("language: a sentence", _article(language=SENTENCE), "schema")
    for name, value in {
        "unknown to anyone": "xx",
        "with a region": "fr-CA",
        "that is not the text's": "zh",
    }.items():
        yield Hostile(f"language: {name}", _article(language=value), ENRICHED)
    for name, value in {
        "script": "javascript:alert(1)",
        "words": "not a url",
        "two slashes": "//",
        "bad port": "http://example.org:port/",
        "open bracket": "http://[::1",
        "NUL": "http://example.org/\0",
    }.items():
        yield Hostile(f"url: {name}", _article(url=value), ENRICHED)
    for name, value in {
        "markup": "<b>Le titre</b>",
        "white space": " \n ",
        "NUL": "a\0b",
        "direction override": "\u202eabc",
    }.items():
        yield Hostile(f"title: {name}", _article(title=value), ENRICHED)
        yield Hostile(f"publisher: {name}", _article(publisher=value), ENRICHED)


def _dates() -> Iterator[Hostile]:
    refused = (
        "yesterday",
        "2025-13-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-10-20",
        "99999-01-01T00:00:00Z",
        "2025-10-20T25:00:00Z",
        "2025-10-20T10:61:00Z",
        "2025-10-20T10:00:00",
        "20251020T100000Z",
        "1761000000",
        "2025-10-20T10:00:00+99:00",
        "0001-01-01T00:00:00Z",
        "-2025-10-20T10:00:00Z",
        "0000-00-00T00:00:00Z",
        "Mon, 20 Oct 2025 10:00:00 GMT",
        "٢٠٢٥-١٠-٢٠T10:00:00Z",
        "2025-10-20T10:00:00Z; DROP TABLE",
    )
    for value in refused:
        yield Hostile(f"published_at: {value}", _article(published_at=value), "schema")
    for value in ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T23:59:59.999999999+14:00"):
        yield Hostile(f"published_at: {value}", _article(published_at=value), ENRICHED)


def _texts() -> Iterator[Hostile]:
    empty = {
        "empty": "",
        "one space": " ",
        "newlines": "\n" * 1000,
        "zero width": "\u200b\u200c\u200d\ufeff" * 10,
        "no-break spaces": "\u00a0" * 10,
        "punctuation": "...!?",
        "only marks": "\u0301" * 100,
        "only direction controls": "\u202e\u202d\u2066\u2069" * 5,
        "only NUL": "\0\0\0",
        "emoji": "🔥🔥🔥",
    }
    for name, text in empty.items():
        yield Hostile(f"text: {name}", _article(text=text), "empty_text")
    kept = {
        "one letter": "a",
        "one digit": "7",
        "NUL inside": f"Le\0ministre. {SENTENCE}",
        "every control character": "".join(map(chr, range(32))) + SENTENCE,
        "C1 controls": "".join(map(chr, range(127, 160))) + SENTENCE,
        "escape sequences": f"\x1b[2J\x1b]0;title\x07 {SENTENCE}",
        "right-to-left override": f"\u202e{SENTENCE}\u202c",
        "isolates never closed": "\u2066" * 200 + SENTENCE,
        "private use": "\ue000\uf8ff " + SENTENCE,
        "noncharacters": "\ufffe\uffff " + SENTENCE,
        "beyond the BMP": "𝕷𝖊 𝖒𝖎𝖓𝖎𝖘𝖙𝖗𝖊 " + SENTENCE,
        "replacement characters": "\ufffd" * 50 + SENTENCE,
        "line separators": SENTENCE.replace(" ", "\u2028") + "\u2029" + SENTENCE,
        "carriage returns": SENTENCE.replace(" ", "\r\n"),
        "vertical tabs": SENTENCE.replace(" ", "\v\f"),
        "a thousand accents on one letter": "e" + "\u0301" * 1000 + " " + SENTENCE,
        "mixed scripts": "Министр министр وزير وزیر 部长 मंत्री Minister ministre",
        "HTML": f"<p>{SENTENCE}</p><script>alert(1)</script>",
        "HTML never closed": "<div " * 500 + SENTENCE,
        "HTML entities": "&lt;p&gt; &amp;&nbsp;&#0;&#x110000; " + SENTENCE,
        "ampersands": "&" * 20_000 + SENTENCE,
        "less-than signs": "<" * 20_000 + SENTENCE,
        "greater-than signs": ">" * 20_000 + SENTENCE,
        "terminal markup": "[bold red]a[/bold red] [link=x]b[/link] " + SENTENCE,
        "format strings": "{0} {__class__} %s %n ${jndi:ldap://127.0.0.1/a} " + SENTENCE,
        "SQL": "'; DROP TABLE articles; -- " + SENTENCE,
        "shell": "$(rm -rf /) `id` " + SENTENCE,
        "regular expression": "(a+)+$ " + "a" * 5000 + "! " + SENTENCE,
        "open quotes": "« " * 2000 + SENTENCE,
        "quotes of all kinds": "«“”„‟‹›'\"「」『』" * 200 + SENTENCE,
        "brackets": "(" * 5000 + SENTENCE + ")" * 5000,
        "dots": "." * 20_000 + SENTENCE,
        "dashes": "-" * 20_000 + SENTENCE,
        "apostrophes": "l'" * 5000 + SENTENCE,
        "hyphenated without end": "a-" * 10_000 + SENTENCE,
        "digits": "9" * 20_000 + " " + SENTENCE,
        "a word of 20,000 letters": "x" * 20_000 + " " + SENTENCE,
        "a word of 90,000 letters": "x" * 90_000,
        "spaces": " " * 50_000 + SENTENCE,
        "single letters": "a b " * 5000,
        "one sentence without a stop": "le ministre et " * 2000,
        "capitals": (SENTENCE * 50).upper(),
        "every word a name": "Qasim Mohammad Bagdad Téhéran " * 500,
        "every word a trigger": "tuer menacer accuser rencontrer condamner " * 500,
        "an agency a thousand times": "Selon l'agence Reuters, (AFP) " * 500,
        "a URL of 20,000 characters": "http://example.org/" + "a/" * 10_000 + " " + SENTENCE,
        "e-mail addresses": "a@b.c " * 2000 + SENTENCE,
        "Arabic with tatweel": "الـــــــــــــــــوزير " * 500,
        "Arabic with all marks": "وَزِيرٌ " * 1000,
        "Persian with joiners": "می\u200cگوید " * 1000,
        "Chinese without spaces": "部长在巴格达会见了伊朗代表团" * 500,
        "Thai": "รัฐมนตรีพบคณะผู้แทน" * 200,
        "Hangul jamo": "ᄀ" * 5000 + " " + SENTENCE,
        "Zalgo": "".join(c + "\u0335\u0336\u0337" * 5 for c in SENTENCE),
        "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in SENTENCE) * 10,
        "soft hyphens": "\u00ad".join(SENTENCE),
        "Windows line noise": "Ã©tÃ© â€œcitÃ©â€ " * 200,
    }
    for name, text in kept.items():
        yield Hostile(f"text: {name}", _article(text=text), ENRICHED)


def _sizes() -> Iterator[Hostile]:
    yield Hostile(
        "size: 10 MB of sentences", _article(text=SENTENCE * (10 * MEGABYTE // 75)), "text_too_long"
    )
    yield Hostile("size: one word of 2 MB", _article(text="x" * 2 * MEGABYTE), "text_too_long")
    yield Hostile("size: one word of 1 MB", _article(text="x" * MEGABYTE), ENRICHED)
    yield Hostile("size: 900,000 characters", _article(text=SENTENCE * 12_000), ENRICHED)
    yield Hostile(
        "size: a million newlines and a word", _article(text="\n" * (MEGABYTE - 4) + "mot"), ENRICHED
    )
    yield Hostile("size: 5 MB beside the text", _article(x="y" * 5 * MEGABYTE), ENRICHED)
    yield Hostile("size: a million numbers", _article(x=[0] * MEGABYTE), ENRICHED)
