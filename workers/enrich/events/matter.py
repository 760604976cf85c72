"""What an article and a sentence are about, as far as it vetoes events: sport, weather …, or politics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workers.enrich.events.lexicon import Lexicon
from workers.enrich.events.rules import POLITICS, MatterRules
from workers.enrich.events.tree import Tree

MAX_SENTENCE_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Matter:
    """The quiet domain that an article is about, if any; else whether about politics, and about arms."""

    quiet_domain: str | None
    political: bool
    armed: bool = False

    @property
    def quiet(self) -> bool:
        """Whether the article is about any quiet domain."""
        return self.quiet_domain is not None


def matter_of(trees: Sequence[Tree], lexicon: Lexicon, rules: MatterRules) -> Matter:
    """What the article of these fields is about, by the words of the lexicon's domains."""
    counts = _domains((lemma for tree in trees for lemma in tree.lemma), lexicon)
    politics = counts.pop(POLITICS, 0)
    domain, most = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    quiet = most >= rules.quiet_words and most > rules.quiet_share * politics
    political = politics >= rules.political_words and politics > rules.political_share * most
    arms = lexicon.words_of("arms")
    armed = sum(lemma in arms for tree in trees for lemma in tree.lemma) >= rules.armed_words
    return Matter(domain if quiet else None, political and not quiet, political and not quiet and armed)


@dataclass(frozen=True, slots=True)
class SentenceMatter:
    """Whether words of quiet domains outweigh politics in a sentence, or politics at least match them."""

    quiet: bool
    political: bool


def sentence_matter(tree: Tree, sentence: int, lexicon: Lexicon, rules: MatterRules) -> SentenceMatter:
    """What a sentence by itself is about."""
    first, last = tree.sentence_bounds[sentence]
    counts = _domains(tree.lemma[first : min(last, first + MAX_SENTENCE_TOKENS)], lexicon)
    politics = counts.pop(POLITICS, 0)
    quiet = counts.total()
    return SentenceMatter(
        quiet=quiet >= rules.quiet_words_in_sentence and quiet > politics,
        political=politics > 0 and politics >= quiet,
    )


def _domains(lemmas: Iterable[str], lexicon: Lexicon) -> Counter[str]:
    return Counter(name for lemma in lemmas for name in lexicon.domains_of.get(lemma, ()))
