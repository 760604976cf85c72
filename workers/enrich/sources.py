"""Who an article is from: its publisher, the news agency that it credits, the media that it quotes.

A name of the registry counts where the text credits it: in a dateline or sign-off, whose shapes are the same
in every language, or beside the phrases that the article's language credits with (``data/credits/``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from workers.contract.records import Article, Relation, SourceTag, Span
from workers.enrich.credits import CreditPatterns, CreditPhrases
from workers.enrich.folding import FoldedText, Token, fold
from workers.enrich.registry import Claim, NameMatch, SourceRegistry
from workers.enrich.text import FieldText

# A credit further down than this, by phrase alone, is a quotation in passing.
_LEAD_CHARS: Final = 600
_EDGE_LINES: Final = 4
_BEFORE_CHARS: Final = 90
_AFTER_CHARS: Final = 60
_MAX_METADATA_CHARS: Final = 2_000
# A text that names one source over and over is decided by its first mentions.
_MAX_LOOKS: Final = 12
_MAX_MENTIONS: Final = 300

# For a language without a file the shapes of datelines and sign-offs are all there is.
_NO_PATTERNS: Final = CreditPatterns.of(CreditPhrases(nouns=[], attributions=[]))

_SENTENCE_END: Final = re.compile(r"[.!?؟۔]\s|[。！？]")
_OPEN: Final = re.compile(r"[(/\[«\"“]\s*$")
_CLOSE: Final = re.compile(r"^[^)\]/»\"”\n]{0,25}[)\]/»\"”]")
_DASH_NEXT: Final = re.compile(r"^[.,]?\s*[-:]|^[.،,]?\s*(?:\n|$)")
_SEPARATED: Final = re.compile(r"(?:[-/:|]|[,،]|\d\.?|\d[^.\n]{0,12}\.)\s*[\"«“(]?\s*$")
_LEAD_NEXT: Final = re.compile(r"^\s*[\"»”]?\s*(?:[-/:|]|\.(?:\s|-|$)|[,،]\s|\n|$)")
_LABEL_NEXT: Final = re.compile(r"^[\"»”]?\s*[-/:|](?![a-z])|^[\"»”]?\.-")
_DATED_NEXT: Final = re.compile(r"^[\"»”]?\s*[-/:|]|^[\"»”]?\.-|^[ \t]*(?:\n|$)")
_INITIALS_NEXT: Final = re.compile(r"^(?:\W*|/\S.{0,60}|\s[A-Za-z]{1,4}(?:[/ -][A-Za-z]{1,4}){0,6})$")
_ENDS_HERE: Final = re.compile(r"^[)\]/»\".\s]*$")
_AFTER_SENTENCE: Final = re.compile(r"[.!?؟۔»\"”)]\s*[(/\[-]*\s*$")
_DASHED_LINE: Final = re.compile(r"^\s*[-*(©=]")
_QUOTE_BEFORE: Final = re.compile(r"[\"«“']\s*$")
_QUOTE_BEHIND: Final = re.compile(r"^\s*[\"»”']")
_LONGER_NAME: Final = re.compile(r"^ \w")
_PARENTHESIS: Final = re.compile(r"\(\s*$")
_TITLE_TAIL: Final = re.compile(r"[-|:]\s*$")


class _Context(Enum):
    """Why a name counts, with how sure that makes it."""

    DATELINE = 0.97
    SIGN_OFF = 0.95
    NOUN = 0.93
    ATTRIBUTION = 0.9
    CUE = 0.8
    LINK = 0.7

    @property
    def structural(self) -> bool:
        return self in (_Context.DATELINE, _Context.SIGN_OFF)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name in a field: folded offsets, and what it may mean."""

    field: _Field
    start: int
    end: int
    match: NameMatch

    @property
    def text(self) -> str:
        """The name, folded."""
        return self.field.folded.text[self.start : self.end]

    @property
    def shouted(self) -> bool:
        """In Latin or Cyrillic capitals, as acronyms are."""
        return self.text.isupper() and len(self.text) >= 2

    @property
    def words(self) -> int:
        """How many words the name has."""
        return self.match.last - self.match.first


@dataclass(frozen=True, slots=True)
class _Field:
    """A field with its folded text, its tokens and where its first and last lines are."""

    source: FieldText
    folded: FoldedText
    tokens: list[Token]
    head_end: int
    tail_start: int

    @classmethod
    def of(cls, field: FieldText) -> _Field:
        folded = fold(field.clean)
        lines, start = [], 0
        for line in folded.text.split("\n"):
            if line and not line.isspace():
                lines.append((start, start + len(line)))
            start += len(line) + 1
        head, tail = (lines[:_EDGE_LINES], lines[-_EDGE_LINES:]) if lines else ([(0, 0)], [(0, 0)])
        return cls(field, folded, folded.tokens, head_end=head[-1][1], tail_start=tail[0][0])


def credit_sources(
    article: Article, fields: Sequence[FieldText], language: str, registry: SourceRegistry
) -> tuple[SourceTag, ...]:
    """The sources of ``article``, each at most once a relation, the best evidence for each.

    Ordered as publisher, agency, cited, then by place. A source credited as agency or known as publisher is
    not also cited. Evidence lies in ``publisher`` or ``url`` of the article or in one of ``fields``.
    """
    patterns = registry.credits.get(language, _NO_PATTERNS)
    analysed = [_Field.of(field) for field in fields]
    tags = list(_published(article, registry))
    published = {tag.source for tag in tags}
    for mention in _mentions(analysed, registry):
        tag = _judge(mention, patterns, language, published)
        if tag is not None:
            tags.append(tag)
    return _once_each(tags)


def _published(article: Article, registry: SourceRegistry) -> Iterator[SourceTag]:
    """What the article's metadata says."""
    if article.publisher:
        publisher = article.publisher[:_MAX_METADATA_CHARS]
        folded = fold(publisher)
        tokens = folded.tokens
        for match in registry.find(folded.text, tokens):
            start, end = folded.origin(tokens[match.first].start + match.skip, tokens[match.last - 1].end)
            span = Span("publisher", start, end, publisher[start:end])
            yield SourceTag(
                source=match.claims[0].source.id, relation=Relation.PUBLISHER, evidence=span, confidence=0.98
            )
    if article.url and len(article.url) <= _MAX_METADATA_CHARS:
        found = registry.by_url(article.url)
        if found is not None:
            source, host = found
            start = article.url.lower().find(host)
            if start >= 0 and article.url[start : start + len(host)].lower() == host:
                span = Span("url", start, start + len(host), article.url[start : start + len(host)])
                yield SourceTag(source=source.id, relation=Relation.PUBLISHER, evidence=span, confidence=0.97)


def _mentions(fields: Sequence[_Field], registry: SourceRegistry) -> list[_Mention]:
    """The names to look at, in reading order, bounded whatever the text is made of."""
    found = [list(registry.find(field.folded.text, field.tokens)) for field in fields]
    redefined = _redefined(fields, found)
    looks: Counter[tuple[str, ...]] = Counter()
    mentions = []
    for field, matches in zip(fields, found, strict=True):
        for i, match in enumerate(matches):
            key = tuple(claim.source.id for claim in match.claims)
            looks[key] += 1
            # The last mention may be the sign-off.
            if looks[key] <= _MAX_LOOKS or i == len(matches) - 1:
                start = field.tokens[match.first].start + match.skip
                mention = _Mention(field, start, field.tokens[match.last - 1].end, match)
                if mention.text not in redefined:
                    mentions.append(mention)
    return mentions if len(mentions) <= _MAX_MENTIONS else [*mentions[: _MAX_MENTIONS - 1], mentions[-1]]


def _judge(
    mention: _Mention, patterns: CreditPatterns, language: str, published: set[str]
) -> SourceTag | None:
    claim = _choose(mention, language, published)
    if claim is None:
        return None
    context = _context(mention, patterns, claim)
    if context is None:
        return None
    field = mention.field.source
    start, end = mention.field.folded.origin(mention.start, mention.end)
    span = Span(field.name, start, end, field.original[start:end])
    in_lead = field.name == "title" or start < _LEAD_CHARS
    if claim.source.kind == "medium":
        relation = Relation.PUBLISHER if context.structural else Relation.CITED
    else:
        relation = Relation.AGENCY if context.structural or in_lead else Relation.CITED
    confidence = context.value if claim.certain else context.value - 0.1
    return SourceTag(
        source=claim.source.id, relation=relation, evidence=span, confidence=round(confidence, 2)
    )


def _choose(mention: _Mention, language: str, published: set[str]) -> Claim | None:
    """Of sources with one name: the known publisher, else the one whose places the text names most.

    None where nothing speaks for one of them rather than for another.
    """
    claims = mention.match.claims
    if len(claims) == 1:
        return claims[0]
    text = " ".join(token.key for token in mention.field.tokens[:400])

    def fitness(claim: Claim) -> tuple[bool, int, bool]:
        source = claim.source
        places = sum(text.count(place) for place in source.folded_places)
        return source.id in published, places, language in source.languages

    ranked = sorted(claims, key=fitness, reverse=True)
    return ranked[0] if fitness(ranked[0]) > fitness(ranked[1]) else None


def _context(mention: _Mention, patterns: CreditPatterns, claim: Claim) -> _Context | None:
    """Why ``mention`` is a credit, or None when it is not one."""
    if not claim.certain and _is_date(mention, patterns):
        return None
    text = mention.field.folded.text
    line_start = text.rfind("\n", 0, mention.start) + 1
    line_before = text[max(line_start, mention.start - 2 * _BEFORE_CHARS) : mention.start]
    behind = text[mention.end : mention.end + _AFTER_CHARS]
    if mention.field.source.name == "title":
        if _TITLE_TAIL.search(line_before) and _ENDS_HERE.match(behind):
            return _Context.SIGN_OFF
    else:
        leads = claim.certain or mention.end <= mention.field.head_end
        if leads and _is_dateline(mention, line_before, behind, claim):
            return _Context.DATELINE
        if mention.start >= mention.field.tail_start and _is_sign_off(mention, line_start, behind, claim):
            return _Context.SIGN_OFF
        edge = mention.end <= mention.field.head_end or mention.start >= mention.field.tail_start
        line = line_before + behind.partition("\n")[0]
        sure = claim.certain or mention.shouted
        if edge and sure and len(line) <= _BEFORE_CHARS and patterns.byline.search(line.lower()):
            return _Context.SIGN_OFF
    before = _SENTENCE_END.split(line_before[-_BEFORE_CHARS:])[-1].lower()
    after = _SENTENCE_END.split(behind.partition("\n")[0])[0].lower()
    return _by_phrase(mention, patterns, claim, before, after)


def _by_phrase(
    mention: _Mention, patterns: CreditPatterns, claim: Claim, before: str, after: str
) -> _Context | None:
    if claim.certain:
        named = mention.words > 1 and patterns.noun_within.search(mention.text.lower())
        if named or patterns.noun.search(before) or patterns.noun_behind.search(after):
            return _Context.NOUN
        if patterns.attribution.search(before) or patterns.told.search(before):
            return _Context.ATTRIBUTION
        if patterns.cue.search(before) or patterns.cue_behind.search(after):
            return _Context.CUE
        if patterns.link.search(before) or (_PARENTHESIS.search(before) and after.startswith(")")):
            return _Context.LINK
        return None
    if patterns.veto.search(before) or patterns.veto_behind.search(after):
        return None
    if patterns.noun_near.search(before):
        return _Context.NOUN
    if claim.strength == "initials":
        return None
    if patterns.noun_behind.search(after):
        return _Context.NOUN
    if mention.words == 1 and (_is_longer_name(mention) or _is_someones_name(mention)):
        return None
    if patterns.attribution.search(before):
        return _Context.ATTRIBUTION
    caseless = mention.text.upper() == mention.text.lower()
    impersonal = mention.shouted or mention.words > 1 or claim.source.kind == "medium" or caseless
    if impersonal and patterns.told.search(before):
        return _Context.ATTRIBUTION
    quoted = _QUOTE_BEFORE.search(before) and _QUOTE_BEHIND.match(after)
    if quoted:
        near = patterns.cue.search(before) or patterns.cue_behind.search(after)
        return _Context.CUE if near and claim.source.kind == "medium" else None
    capital = mention.shouted or (claim.source.kind == "medium" and mention.text[0].isupper())
    return _Context.CUE if capital and patterns.verb_behind.search(after) else None


def _is_date(mention: _Mention, patterns: CreditPatterns) -> bool:
    """Whether the name is a month's beside a number ("۲۰ مهر")."""
    if mention.text.lower() not in patterns.months:
        return False
    text = mention.field.folded.text
    beside = text[max(0, mention.start - 2) : mention.start] + text[mention.end : mention.end + 2]
    return any(char.isdigit() for char in beside)


def _is_longer_name(mention: _Mention) -> bool:
    """Whether a capitalised word follows, as in "Nature Conservancy"."""
    if mention.shouted:
        return False
    behind = mention.field.folded.text[mention.end : mention.end + 2]
    return _LONGER_NAME.match(behind) is not None and behind[1].isupper()


def _redefined(fields: Sequence[_Field], matches: Sequence[Sequence[NameMatch]]) -> set[str]:
    """Acronyms that the text uses for something else: "Armed Forces of the Philippines (AFP)"."""
    found = set()
    for field, names in zip(fields, matches, strict=True):
        for match in names:
            name, i = field.tokens[match.first].key, match.first
            if (
                match.last - i == 1
                and name.isupper()
                and field.folded.text.endswith("(", 0, field.tokens[i].start)
            ):
                initials = "".join(
                    token.key[0]
                    for token in field.tokens[max(0, i - 2 * len(name)) : i]
                    if token.key[0].isupper()
                )
                if len(name) >= 2 and initials.endswith(name):
                    found.add(name)
    return found


def _is_dateline(mention: _Mention, before: str, behind: str, claim: Claim) -> bool:
    """``BEIRUT (Reuters) —``, ``Téhéran - IRNA -``, ``AA / Ankara``, ``LIMA, 14 nov (EFE).-``."""
    if len(before) > _BEFORE_CHARS or len(before.split()) > 12:
        return False
    stripped = before.strip()
    closed = _CLOSE.match(behind) if _OPEN.search(before) else None
    if closed is not None:
        opened = _OPEN.sub("", before).strip()
        return (
            not opened
            or any(char.isdigit() for char in opened)
            or _DASH_NEXT.match(behind[closed.end() :]) is not None
            or (claim.certain and before.rstrip().endswith("/") and closed.group() == "/")
        )
    if not stripped:
        plain = not mention.text[:1].isupper() and claim.source.kind == "agency"
        return _LABEL_NEXT.match(behind) is not None and (claim.certain or mention.shouted or plain)
    if any(char.isdigit() for char in stripped) and _DATED_NEXT.match(behind):
        return True
    return (
        len(stripped.split()) <= 8
        and _SEPARATED.search(before) is not None
        and _LEAD_NEXT.match(behind) is not None
    )


def _is_sign_off(mention: _Mention, line_start: int, behind: str, claim: Claim) -> bool:
    """``AFP``, ``EFE joc/enb``, ``(ANSA).``, ``en marcha. EFE``, ``— Simon Roy, La Presse Canadienne``."""
    text = mention.field.folded.text
    before = text[line_start : mention.start]
    rest = behind.partition("\n")[0]
    if not before.strip(" \t=-(/[*©"):
        return _INITIALS_NEXT.match(rest) is not None
    if not _ENDS_HERE.match(rest):
        return False
    if _AFTER_SENTENCE.search(before[-8:]) and not before.endswith(tuple("«“")):
        return True
    if len(before) <= _BEFORE_CHARS and _DASHED_LINE.match(before):
        return claim.certain or mention.shouted
    return False


def _is_someones_name(mention: _Mention) -> bool:
    """Whether the text has the word before another capitalised one ("Tasnim Haddad"): a person."""
    if mention.shouted:
        return False
    tokens = mention.field.tokens
    key = tokens[mention.match.first].key
    if not key[0].isupper():
        return False
    text = mention.field.folded.text
    for here, following in pairwise(tokens):
        if here.key == key and following.key[0].isupper() and text[here.end : following.start] == " ":
            return True
    return False


def _once_each(tags: Sequence[SourceTag]) -> tuple[SourceTag, ...]:
    """The surest tag for each source and relation; no quotation of a source that the article is from."""
    order = list(Relation)
    best: dict[tuple[str, Relation], SourceTag] = {}
    for tag in tags:
        known = best.get((tag.source, tag.relation))
        if known is None or tag.confidence > known.confidence:
            best[tag.source, tag.relation] = tag
    kept = [
        tag
        for (source, relation), tag in best.items()
        if relation is not Relation.CITED
        or not ({(source, Relation.AGENCY), (source, Relation.PUBLISHER)} & best.keys())
    ]
    return tuple(sorted(kept, key=lambda tag: (order.index(tag.relation), tag.evidence, tag.source)))
