"""How fast names are found: the network by itself beside a stock spaCy pipeline on the same articles."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import spacy

from bench.corpus import BenchArticle, Corpus
from workers.enrich.encoder.component import Reader
from workers.enrich.encoder.network import Encoder

STOCK = "fr_core_news_sm"
STOCK_LANGUAGE = "fr"
_BATCH = 20


@dataclass(frozen=True, slots=True)
class NameFigures:
    """Words a second of CPU time, which is per core."""

    corpus: str
    system: str
    language: str
    words_per_core_second: float


def measure_names(corpora: Sequence[Corpus], networks: Sequence[str], seconds: float) -> list[NameFigures]:
    """Each network on every language of a corpus, and the whole stock pipeline on its own language.

    The turns of the systems change every few articles, so that what else the machine does falls on all.
    """
    figures = []
    stock = spacy.load(STOCK)
    recognizers = {name: (spacy.blank("xx"), Reader(Encoder.load(name))) for name in networks}
    for corpus in corpora:
        for language in sorted({article.language for article in corpus.articles}):
            articles = [article for article in corpus.articles if article.language == language]
            systems: dict[str, Callable[[list[str]], object]] = {
                name: lambda texts, nlp=nlp, names=names: list(names.pipe(map(nlp.make_doc, texts)))  # type: ignore[misc]
                for name, (nlp, names) in recognizers.items()
            }
            if language == STOCK_LANGUAGE:
                systems[STOCK] = lambda texts: list(stock.pipe(texts))
            spent = dict.fromkeys(systems, 0.0)
            words = dict.fromkeys(systems, 0)
            ends = time.monotonic() + seconds
            start = 0
            while time.monotonic() < ends:
                batch = [articles[(start + i) % len(articles)] for i in range(min(_BATCH, len(articles)))]
                start += len(batch)
                for name, run in systems.items():
                    spent[name] += _cpu_seconds(run, batch)
                    words[name] += sum(article.words for article in batch)
            figures += [
                NameFigures(corpus.name, name, language, words[name] / spent[name]) for name in systems
            ]
    return figures


def _cpu_seconds(run: Callable[[list[str]], object], batch: Sequence[BenchArticle]) -> float:
    texts = [f"{article.content['title'] or ''}\n{article.content['text']}" for article in batch]
    began = time.process_time()
    run(texts)
    return time.process_time() - began
