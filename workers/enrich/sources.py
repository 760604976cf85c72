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
from functools import cached_property
from itertools import pairwise
from typing import Final

from workers.contract.records import Article, Relation, SourceTag, Span
from workers.enrich.credits import CreditPatterns, CreditPhrases
from workers.enrich.folding import FoldedText, Token, fold, word_key
from workers.enrich.registry import Claim, NameMatch, Source, SourceRegistry
from workers.enrich.text import FieldText

# A credit further down than this, by phrase alone, is a quotation in passing.
_LEAD_CHARS: Final = 600
_EDGE_LINES: Final = 4
_BEFORE_CHARS: Final = 90
_AFTER_CHARS: Final = 60
_SENTENCE_CHARS: Final = 200
# A deed that is told of further away than this befalls something else.
_DEED_CHARS: Final = 40
_MAX_JOIN_CHARS: Final = 10
# A name is not looked for in what is left of a shorter word without its ending.
_MIN_STEM_CHARS: Final = 2
_MAX_METADATA_CHARS: Final = 2_000
# A text that names one source over and over is decided by its first mentions.
_MAX_LOOKS: Final = 12
_MAX_MENTIONS: Final = 300
_OPENING_TOKENS: Final = 400

# For a language without a file the shapes of datelines and sign-offs are all there is.
_NO_PATTERNS: Final = CreditPatterns.of(CreditPhrases(nouns=[], attributions=[]))

_SENTENCE_END: Final = re.compile(r"[.!?؟۔।]\s|[。！？]")
_OPEN: Final = re.compile(r"[(/\[«\"“]\s*$")
_CLOSE: Final = re.compile(r"^[^)\]/»\"”\n]{0,25}[)\]/»\"”]")
_CLOSE_ROUND: Final = re.compile(r"^[^()\n]{0,25}\)")
_DASH_NEXT: Final = re.compile(r"^[.,]?\s*[-:]|^[.،,]?\s*(?:\n|$)")
_SEPARATED: Final = re.compile(r"(?:[-/:|]|[,،]|\d\.?|\d[^.\n]{0,12}\.)\s*[\"«“(]?\s*$")
_LEAD_NEXT: Final = re.compile(r"^\s*[\"»”]?\s*(?:[-/:|]|\.(?:\s|-|$)|[,،]\s|\n|$)")
_LABEL_NEXT: Final = re.compile(r"^[\"»”]?\s*[-/:|](?![a-z])|^[\"»”]?\.-")
_DATED_NEXT: Final = re.compile(r"^[\"»”]?\s*[-/:|]|^[\"»”]?\.-|^[ \t]*(?:\n|$)")
_INITIALS_NEXT: Final = re.compile(r"^(?:\W*|/\S.{0,60}|\s[A-Za-z]{1,4}(?:[/ -][A-Za-z]{1,4}){0,6})$")
_ENDS_HERE: Final = re.compile(r"^[)\]/»\".。।\s]*$")
_ENDS_IN_BRACKETS: Final = re.compile(r"^[,،/;-] ?[^()\[\]\n]{1,30}[)\]][.\s]*$")
_LINE_ENDS: Final = re.compile(r"^[ \t]*\n")
_PLACE_AND_STOP: Final = re.compile(r"^\s*[^\W\d_]+(?: [^\W\d_]+)?\.\s+$")
_PLACE_AND_DAY: Final = re.compile(r"^[^\W\d_]+(?: [^\W\d_]+)?[,،](?: [^\W\d_]+){1,3}$")
_PLACE_LINE: Final = re.compile(r"^ ?[,،/|-] ?[^\W\d_]+(?: [^\W\d_]+)?[ \t]*\n")
_LABEL_ENDS: Final = re.compile(r"^\s*[-:]")
_AGE_NEXT: Final = re.compile(r"^[,،] ?\d{1,2}[,،]")
_PART_BEFORE: Final = re.compile(r"\w-$")
_AFTER_SENTENCE: Final = re.compile(r"[.!?؟۔।。！？»\"”)]\s*[(/\[-]*\s*$")
_DASHED_LINE: Final = re.compile(r"^\s*[-*(©=]")
_QUOTE_BEFORE: Final = re.compile(r"[\"«“']\s*$")
_QUOTE_BEHIND: Final = re.compile(r"^\s*[\"»”']")
_LONGER_NAME: Final = re.compile(r"^ \w")
_IN_BRACKETS: Final = re.compile(r"[(\[][^()\[\]]{0,40}$")
_PARENTHESIS: Final = re.compile(r"\(\s*$")
_HOST_END: Final = re.compile(r"^https?://[^/\s:]{1,250}(\.[a-z]{2})(?:[:/?#]|$)")
_PLACE_ONLY: Final = re.compile(r"^[^\W\d_]+(?:[ .'-]{1,2}[^\W\d_]+){0,4}[,،.]?$")
_WORDS_NEXT: Final = re.compile(r"^\s?[:,]\s?[\"'«“]")
_ARTICLE_BEFORE: Final = re.compile(r"\b(?:the|la|le|die|der|il|a)\s*$|['’]$")
_OPEN_AND_PLACE: Final = re.compile(r"^\s*[(\[][^\W\d_]{1,20}(?: [^\W\d_]{1,20})?[\s,،/-]{0,3}$")
_CLOSES: Final = re.compile(r"^[^\W\d_]?[)\]]")
_CLAUSE_START: Final = re.compile(r"(?:^|[^\w\s'])\s*$")
_STOP_NEXT: Final = re.compile(r"^[.،:]\s")
_SPACE_NEXT: Final = re.compile(r"^[.،:]?\s")
_SENTENCE_NEXT: Final = re.compile(r"^(?:[.،:]\s|\s[^\W\d_a-z])")
_PLACE_WORDS: Final = 2
# What may follow the bracket of a dateline, by whether the name is certain and the place short.
_TEXT_NEXT: Final = {
    (True, True): _SPACE_NEXT,
    (True, False): _SPACE_NEXT,
    (False, True): _SENTENCE_NEXT,
    (False, False): _STOP_NEXT,
}
_TITLE_TAIL: Final = re.compile(r"[-|:]\s*$")


class _Context(Enum):
    """Why a name counts, with how sure that makes it."""

    DATELINE = 0.97
    SIGN_OFF = 0.95
    NOUN = 0.93
    ATTRIBUTION = 0.9
    OWN = 0.85
    CUE = 0.8
    LINK = 0.7
    NAMED = 0.65

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
class _Credit:
    """A mention that counts: of which source, why, and whether the name can mean nothing else."""

    mention: _Mention
    source: Source
    context: _Context
    certain: bool

    @property
    def in_lead(self) -> bool:
        """Whether it stands where a text names the agency that it is from."""
        return self.mention.field.source.name == "title" or self.mention.start < _LEAD_CHARS


@dataclass(frozen=True)
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

    @cached_property
    def opening(self) -> str:
        """The keys of the first tokens, in lower case, to look places up in."""
        return " ".join(token.key for token in self.tokens[:_OPENING_TOKENS]).lower()


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
    looked_for = [_names(field, registry, patterns) for field in analysed]
    namesakes = _Namesakes(analysed, looked_for)
    hints = _Hints(language, article, [registry.sources[source] for source in published])
    found: list[_Credit] = []
    named: _Mention | None = None
    for mention in _mentions(analysed, looked_for):
        claim = None if _abbreviates(named, mention) else _choose(mention, hints)
        named = mention
        context = None if claim is None else _context(mention, patterns, claim, language)
        if claim and not context and found and _is_joined(found[-1].mention, mention, patterns):
            context = _Context.LINK
        if claim is None or namesakes.include(mention, claim, context, patterns) or context is None:
            continue
        found.append(_Credit(mention, claim.source, context, certain=claim.certain))
    origins = _origins(found)
    return _once_each([*tags, *(_tag(credit, origins) for credit in found)])


def _published(article: Article, registry: SourceRegistry) -> Iterator[SourceTag]:
    """What the article's metadata says."""
    if article.publisher:
        publisher = article.publisher[:_MAX_METADATA_CHARS]
        folded = fold(publisher)
        tokens = folded.tokens
        for match in registry.find(folded.text, tokens):
            if not match.claims:
                continue
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


def _mentions(fields: Sequence[_Field], found: Sequence[Sequence[NameMatch]]) -> list[_Mention]:
    """The names of sources to look at, in reading order, bounded whatever the text is made of."""
    redefined = _redefined(fields, found)
    looks: Counter[tuple[str, ...]] = Counter()
    mentions = []
    for field, names in zip(fields, found, strict=True):
        matches = [match for match in names if match.claims]
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


def _names(field: _Field, registry: SourceRegistry, patterns: CreditPatterns) -> list[NameMatch]:
    """The names and decoys in ``field`` from left to right, as they are and with the language's endings."""
    text = field.folded.text
    found = list(registry.find(text, field.tokens))
    taken = {i for match in found for i in range(match.first, match.last)}
    for bare, endings in patterns.endings:
        stems = [_without_ending(token, text, bare, endings) for token in field.tokens]
        for match in registry.find(text, stems):
            places = range(match.first, match.last)
            if not taken.intersection(places):
                found.append(match)
                taken.update(places)
    return sorted(found, key=lambda match: match.first)


def _without_ending(token: Token, text: str, bare: str, endings: Sequence[str]) -> Token:
    """``token`` with ``bare`` in place of the longest of ``endings`` that it has, or as it is."""
    word = text[token.start : token.end]
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM_CHARS:
            return Token(word_key(word.removesuffix(ending) + bare), token.start, token.end)
    return token


def _abbreviates(named: _Mention | None, mention: _Mention) -> bool:
    """Whether ``mention`` only gives the initials of the source ``named`` before it ("Agence X (AX)")."""
    if named is None or named.field is not mention.field or any(c.certain for c in mention.match.claims):
        return False
    between = named.field.folded.text[named.end : mention.start]
    return between.strip() == "(" and any(claim.certain for claim in named.match.claims)


def _is_joined(credited: _Mention, mention: _Mention, patterns: CreditPatterns) -> bool:
    """Whether ``mention`` comes right behind a ``credited`` name and an "and"."""
    if credited.field is not mention.field or mention.text.islower():
        return False
    between = credited.field.folded.text[credited.end : mention.start]
    return len(between) <= _MAX_JOIN_CHARS and patterns.conjunction.search(between.lower()) is not None


class _Namesakes:
    """The homographs of one word that a text means somebody or something else by.

    Who is met first without a credit ("Tasnim Haddad, 24") is credited by no bare "according to" later, nor
    is one whose longer name is known to be somebody's or something's ("Michael Bloomberg").
    """

    def __init__(self, fields: Sequence[_Field], found: Sequence[Sequence[NameMatch]]) -> None:
        self._met: dict[str, bool] = {}
        self._decoys = {
            token.key
            for field, names in zip(fields, found, strict=True)
            for match in names
            if not match.claims
            for token in field.tokens[match.first : match.last]
        }

    def include(
        self, mention: _Mention, claim: Claim, context: _Context | None, patterns: CreditPatterns
    ) -> bool:
        """Whether ``mention``, whose turn it is in reading order, is such a one."""
        if claim.certain:
            self._met[claim.source.id] = False
            return False
        if mention.words > 1 or mention.field.source.name != "text":
            return False
        if mention.text in self._decoys and not (context and context.structural):
            self._met[claim.source.id] = True
        elif claim.source.id not in self._met:
            self._met[claim.source.id] = context is None and not _is_vetoed(mention, patterns)
        if context is None or context.structural or not self._met[claim.source.id]:
            return False
        return not patterns.noun_near.search(_sentence_around(mention)[0])


def _origins(found: Sequence[_Credit]) -> set[str]:
    """The agencies that a text is from: those of its datelines and sign-offs, else the first credited one."""
    agencies = [credit for credit in found if credit.source.kind == "agency"]
    structural = {credit.source.id for credit in agencies if credit.context.structural}
    leading = [credit.source.id for credit in agencies if credit.in_lead]
    return structural or set(leading[:1])


def _tag(credit: _Credit, origins: set[str]) -> SourceTag:
    mention, source = credit.mention, credit.source
    field = mention.field.source
    start, end = mention.field.folded.origin(mention.start, mention.end)
    if source.kind == "medium":
        own = credit.context.structural or credit.context is _Context.OWN
        relation = Relation.PUBLISHER if own else Relation.CITED
    else:
        relation = Relation.AGENCY if source.id in origins else Relation.CITED
    return SourceTag(
        source=source.id,
        relation=relation,
        evidence=Span(field.name, start, end, field.original[start:end]),
        confidence=round(credit.context.value - (0 if credit.certain else 0.1), 2),
    )


class _Hints:
    """What speaks for one of several sources with one name, beside the words of the text."""

    def __init__(self, language: str, article: Article, published: Sequence[Source]) -> None:
        self._language = language
        self._published = {source.id for source in published}
        self._countries = {source.country for source in published}
        host = _HOST_END.search((article.url or "")[:_MAX_METADATA_CHARS].lower())
        self._suffix = host.group(1) if host else None

    def fitness(self, source: Source, text: str) -> tuple[bool, int, bool, bool]:
        """How well ``source`` fits: as the publisher, by places in ``text``, by country, by language."""
        home = self._suffix is not None and any(domain.endswith(self._suffix) for domain in source.domains)
        return (
            source.id in self._published,
            sum(text.count(place) for place in source.folded_places),
            home or source.country in self._countries,
            self._language in source.languages,
        )


def _choose(mention: _Mention, hints: _Hints) -> Claim | None:
    """Of sources with one name: the known publisher, else the one whose places the text names most, else the
    one of the publisher's country, else the one that writes the article's language.

    None where nothing speaks for one of them rather than for another.
    """
    claims = mention.match.claims
    if len(claims) == 1:
        return claims[0]
    text = mention.field.opening
    ranked = sorted(claims, key=lambda claim: hints.fitness(claim.source, text), reverse=True)
    first, second = (hints.fitness(claim.source, text) for claim in ranked[:2])
    return ranked[0] if first > second else None


def _context(mention: _Mention, patterns: CreditPatterns, claim: Claim, language: str) -> _Context | None:
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
        bracketed = _IN_BRACKETS.search(line_before)
        if sure and bracketed and patterns.byline.search(bracketed.group().lower()):
            return _Context.SIGN_OFF
    before, after = _sentence_around(mention)
    found = _by_phrase(mention, patterns, claim, before, after, language)
    if found is _Context.NAMED:
        against = _is_vetoed(mention, patterns) or _is_spoken_of(patterns, before, after, anywhere=True)
        return None if against else found
    if found not in (_Context.NOUN, _Context.CUE, _Context.LINK):
        return found
    return None if _is_spoken_of(patterns, before, after, anywhere=False) else found


def _sentence_around(mention: _Mention) -> tuple[str, str]:
    """What stands before and behind ``mention`` in its sentence, in lower case, bounded."""
    text = mention.field.folded.text
    line_start = text.rfind("\n", 0, mention.start) + 1
    before = text[max(line_start, mention.start - _BEFORE_CHARS) : mention.start]
    # The stop of an abbreviation ("F.A.Z.") ends no sentence.
    end = mention.end + (text[mention.end : mention.end + 1] == "." in mention.text)
    behind = text[end : end + _SENTENCE_CHARS].partition("\n")[0]
    return _SENTENCE_END.split(before)[-1].lower(), _SENTENCE_END.split(behind)[0].lower()


def _is_object(patterns: CreditPatterns, before: str, after: str, *, anywhere: bool = False) -> bool:
    """Whether something is done to the one named between ``before`` and ``after`` ("banned the channel X").

    Not where words that credit stand between the deed and the name. A deed counts up to _DEED_CHARS away, or
    ``anywhere`` in the sentence.
    """
    if patterns.attribution_near.search(before) or patterns.verb_behind.search(after):
        return False
    if _PARENTHESIS.search(before) and after.startswith(")"):
        return False
    reach = 2 * _BEFORE_CHARS if anywhere else _DEED_CHARS
    ends = [
        deed.end() for pattern in (patterns.deed, patterns.deed_stem) for deed in pattern.finditer(before)
    ]
    if ends and len(before) - max(ends) <= reach and not patterns.cue.search(before[max(ends) :]):
        return True
    starts = [
        deed.start()
        for pattern in (patterns.deed_behind, patterns.deed_stem_behind)
        if (deed := pattern.search(after[: reach + _DEED_CHARS])) is not None
        and (pattern is patterns.deed_behind or not patterns.reported_later.search(after[deed.end() :]))
    ]
    return bool(starts) and min(starts) <= reach and not patterns.cue_behind.search(after[: min(starts)])


def _is_spoken_of(patterns: CreditPatterns, before: str, after: str, *, anywhere: bool) -> bool:
    """Whether the text is about the medium or its staff rather than from it."""
    return _is_object(patterns, before, after, anywhere=anywhere) or _is_employer(patterns, before, after)


def _is_employer(patterns: CreditPatterns, before: str, after: str) -> bool:
    """Whether the name is there for whom somebody works for, and nobody says anything to them."""
    return (
        (patterns.staff.search(before) is not None or patterns.staff_behind.search(after) is not None)
        and not patterns.attribution_near.search(before)
        and not patterns.saying.search(before)
        and not patterns.cue_behind.search(after)
    )


def _by_phrase(
    mention: _Mention, patterns: CreditPatterns, claim: Claim, before: str, after: str, language: str
) -> _Context | None:
    if claim.source.kind == "medium" and (patterns.own.search(before) or patterns.own_behind.search(after)):
        return _Context.OWN
    if claim.certain:
        return _by_certain_name(mention, patterns, before, after)
    if _is_vetoed(mention, patterns):
        return None
    if patterns.noun_near.search(before):
        return _Context.NOUN
    at_home = language in claim.source.languages[:1]
    if claim.strength == "initials":
        if patterns.noun_right_behind.search(after):
            return _Context.NOUN
        reports = at_home and mention.shouted and not _ARTICLE_BEFORE.search(before)
        if reports and patterns.report_behind.search(after):
            return _Context.ATTRIBUTION
        told = patterns.told.search(before) or patterns.said_to.search(before)
        return _Context.ATTRIBUTION if mention.shouted and told and _is_placed(mention, claim) else None
    if patterns.noun_behind.search(after):
        return _Context.NOUN
    if _is_part(mention) or (mention.words == 1 and _is_person(mention, patterns, after)):
        return None
    if patterns.attribution.search(before):
        return _Context.ATTRIBUTION
    starts = mention.shouted or _CLAUSE_START.search(before) or patterns.conjunction.search(before[-6:])
    if starts and patterns.report_behind.search(after):
        return _Context.ATTRIBUTION
    medium = claim.source.kind == "medium"
    impersonal = mention.shouted or mention.words > 1 or medium or at_home
    if (impersonal or _is_caseless(mention.text)) and patterns.told.search(before):
        return _Context.ATTRIBUTION
    if impersonal and (
        patterns.said_to.search(before)
        or patterns.said_behind.search(after)
        or (patterns.to.search(before) and patterns.saying_next.match(after))
    ):
        return _Context.ATTRIBUTION
    if impersonal and patterns.link.search(before) and _WORDS_NEXT.match(after):
        return _Context.ATTRIBUTION
    if medium and after.startswith(":") and (mention.match.skip or patterns.cue.search(before)):
        return _Context.CUE
    quoted = _QUOTE_BEFORE.search(before) and _QUOTE_BEHIND.match(after)
    if quoted:
        near = patterns.cue.search(before) or patterns.cue_behind.search(after)
        return _Context.CUE if near and (medium or at_home) else None
    if _QUOTE_BEHIND.match(after):
        return None
    telling = not patterns.capital_nouns or language in claim.source.languages
    capital = mention.shouted or (medium and telling and mention.text[0].isupper())
    return _Context.CUE if capital and patterns.verb_behind.search(after) else None


def _by_certain_name(mention: _Mention, patterns: CreditPatterns, before: str, after: str) -> _Context:
    if (
        patterns.attribution.search(before)
        or patterns.told.search(before)
        or patterns.said_to.search(before)
        or patterns.said_behind.search(after)
    ):
        return _Context.ATTRIBUTION
    named = mention.words > 1 and patterns.noun_within.search(mention.text.lower())
    if named or patterns.noun.search(before) or patterns.noun_behind.search(after):
        return _Context.NOUN
    if patterns.cue.search(before) or patterns.cue_behind.search(after):
        return _Context.CUE
    if patterns.link.search(before) or (_PARENTHESIS.search(before) and after.startswith(")")):
        return _Context.LINK
    return _Context.NAMED


def _is_placed(mention: _Mention, claim: Claim) -> bool:
    """Whether the text names one of the places of ``claim``'s source."""
    text = mention.field.opening
    return any(place in text for place in claim.source.folded_places)


def _is_vetoed(mention: _Mention, patterns: CreditPatterns) -> bool:
    """Whether the words beside a homograph say that it is a place, a month or a person."""
    before, after = _sentence_around(mention)
    return (
        _is_date(mention, patterns)
        or patterns.veto.search(before) is not None
        or patterns.veto_behind.search(after) is not None
    )


def _is_part(mention: _Mention) -> bool:
    """Whether the name is one of the parts that a hyphen joins, as in "AP-HP" or "Abu-Fares"."""
    text = mention.field.folded.text
    behind = text[mention.end : mention.end + 2]
    return (behind[:1] == "-" and behind[1:].isupper()) or bool(
        _PART_BEFORE.search(text[max(0, mention.start - 2) : mention.start])
    )


def _is_date(mention: _Mention, patterns: CreditPatterns) -> bool:
    """Whether the name is a month's beside a number ("۲۰ مهر")."""
    if mention.text.lower() not in patterns.months:
        return False
    text = mention.field.folded.text
    beside = text[max(0, mention.start - 2) : mention.start] + text[mention.end : mention.end + 2]
    return any(char.isdigit() for char in beside)


def _is_caseless(text: str) -> bool:
    """Whether ``text`` is in a script without capitals."""
    return text.upper() == text.lower()


def _is_person(mention: _Mention, patterns: CreditPatterns, after: str) -> bool:
    """Whether a homograph is somebody's name, by what stands behind it or by what the text calls him."""
    return (
        _AGE_NEXT.match(after) is not None
        or patterns.person_behind.search(after) is not None
        or _is_longer_name(mention)
        or _is_someones_name(mention)
    )


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
    close = _CLOSE_ROUND if before.rstrip().endswith("(") else _CLOSE
    closed = close.match(behind) if _OPEN.search(before) else None
    if closed is not None:
        if _QUOTE_BEFORE.search(before):
            # A quoted name is a title of a medium rather than a dateline, unless a dash follows.
            return _DASH_NEXT.match(behind[closed.end() :]) is not None
        opened = _OPEN.sub("", before).strip()
        return (
            not opened
            or any(char.isdigit() for char in opened)
            or (_is_caseless(mention.text) and _PLACE_AND_DAY.match(opened) is not None)
            or _DASH_NEXT.match(behind[closed.end() :]) is not None
            or (
                claim.source.kind == "agency"
                and (claim.certain or not mention.text.istitle() or _is_caseless(mention.text))
                and (opened[0].isupper() or _is_caseless(opened))
                and _PLACE_ONLY.match(opened) is not None
                and _TEXT_NEXT[claim.certain, len(opened.split()) <= _PLACE_WORDS].match(
                    behind[closed.end() :]
                )
                is not None
            )
            or (claim.certain and before.rstrip().endswith("/") and closed.group() == "/")
        )
    if claim.certain and _OPEN_AND_PLACE.match(before) and _CLOSES.match(behind):
        return True
    if not stripped:
        plain = not mention.text[:1].isupper() and claim.source.kind == "agency"
        if claim.certain and claim.source.kind == "agency" and _PLACE_LINE.match(behind):
            return True
        return _LABEL_NEXT.match(behind) is not None and (claim.certain or mention.shouted or plain)
    if any(char.isdigit() for char in stripped) and _DATED_NEXT.match(behind):
        return True
    if _PLACE_AND_STOP.match(before) and mention.text[0].isupper() and _LABEL_ENDS.match(behind):
        return True
    one_word = len(stripped.split()) == 1
    if one_word and claim.certain and claim.source.kind == "agency" and _LINE_ENDS.match(behind):
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
    if not (_ENDS_HERE.match(rest) or (before.endswith(("(", "[")) and _ENDS_IN_BRACKETS.match(rest))):
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
