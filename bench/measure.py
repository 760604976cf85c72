"""What is measured: the pipeline alone, and a system behind Kafka with a full and with a half load."""

from __future__ import annotations

import itertools
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bench.corpus import Corpus
from bench.systems import System
from workers.contract.records import Rejection
from workers.demo.processes import DemoError
from workers.enrich.article import Limits
from workers.enrich.message import enrich_message
from workers.enrich.pipeline import Pipeline

_READY_SECONDS = 120.0
_ANSWER_SECONDS = 120.0
_MAX_OUTSTANDING = 64
_POLL_PAUSE_SECONDS = 0.004
_MEMORY_SECONDS = 0.5
_SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PipelineFigures:
    """The pipeline alone in this process; rates are per second of CPU, which is per core."""

    corpus: str
    language: str
    articles: int
    words: int
    cpu_seconds: float
    stages: dict[str, float]

    @property
    def articles_per_core_second(self) -> float:
        """Articles a second on one core."""
        return self.articles / self.cpu_seconds

    @property
    def words_per_core_second(self) -> float:
        """Words a second on one core."""
        return self.words / self.cpu_seconds


@dataclass(frozen=True, slots=True)
class KafkaFigures:
    """A system behind Kafka.

    What is per core second is divided by the CPU time of the process tree, ``articles_per_second`` by wall
    time; latencies are from produce to the sight of the answer.
    """

    corpus: str
    system: str
    articles_per_second: float
    articles_per_core_second: float
    words_per_core_second: float
    latency_rate: float
    latencies: int
    latency_p50_seconds: float
    latency_p99_seconds: float
    peak_memory_bytes: int

    def as_json(self) -> dict[str, Any]:
        """For the JSON report."""
        return asdict(self)


class StageTimes:
    """Adds up what the pipeline says about its stages."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def __call__(self, stage: str, duration_seconds: float) -> None:
        """See StageObserver."""
        self.seconds[stage] += duration_seconds


def measure_pipeline(corpora: Sequence[Corpus], limits: Limits, seconds: float) -> list[PipelineFigures]:
    """Enrich each corpus, over and over, for ``seconds``; figures by corpus and language."""
    times = StageTimes()
    pipeline = Pipeline.load(limits, times)
    figures = []
    for corpus in corpora:
        languages = sorted({article.language for article in corpus.articles})
        for language in languages:
            articles = [article for article in corpus.articles if article.language == language]
            # Several articles must have gone through before caches are as in a worker.
            for article in articles[:3]:
                enrich_message(article.message("warm-up"), pipeline)
            times.seconds.clear()
            count = words = 0
            ends = time.monotonic() + seconds / len(languages)
            began = time.process_time()
            for article in itertools.cycle(articles):
                if isinstance(enrich_message(article.message(f"a{count}"), pipeline), Rejection):
                    raise DemoError(f"{corpus.name}: the pipeline rejected an article")
                count += 1
                words += article.words
                if time.monotonic() >= ends:
                    break
            cpu = time.process_time() - began
            figures.append(PipelineFigures(corpus.name, language, count, words, cpu, dict(times.seconds)))
    return figures


class Load:
    """Sends articles to a system and notes when each is answered. Use ``close`` at the end."""

    def __init__(self, system: System, connection: dict[str, Any]) -> None:
        self._system = system
        self._numbers = itertools.count()
        self._producer = KafkaProducer(**connection, linger_ms=0)
        self._consumer = KafkaConsumer(
            **connection,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        partitions = [
            TopicPartition(topic, number)
            for topic in system.answers
            for number in self._consumer.partitions_for_topic(topic) or ()
        ]
        self._consumer.assign(partitions)
        self._sent: dict[bytes, tuple[float, int]] = {}
        self._memory_at = 0.0
        self.peak_memory = 0

    def close(self) -> None:
        """Let go of Kafka."""
        self._producer.close(timeout=1)
        self._consumer.close(autocommit=False, timeout_ms=1000)

    def warm_up(self, corpus: Corpus) -> None:
        """Wait until the system has answered three articles; the first also waits for its models."""
        for article in corpus.articles[:3]:
            self._send(article.message, article.words)
        self._drain(_READY_SECONDS)

    def saturate(self, corpus: Corpus, seconds: float) -> tuple[float, float, float]:
        """Keep the system busy for ``seconds``; return articles/s, articles and words per CPU second."""
        articles = itertools.cycle(corpus.articles)
        answered = words = 0
        began = cpu = 0.0
        ends = time.monotonic() + _SETTLE_SECONDS + seconds
        settles = time.monotonic() + _SETTLE_SECONDS
        while (now := time.monotonic()) < ends:
            self._system.child.check()
            while len(self._sent) < _MAX_OUTSTANDING:
                article = next(articles)
                self._send(article.message, article.words)
            for _, article_words in self._answers():
                if began:
                    answered += 1
                    words += article_words
            if not began and now >= settles:
                began, cpu = time.monotonic(), self._system.cpu_seconds()
            time.sleep(_POLL_PAUSE_SECONDS)
        wall, used = time.monotonic() - began, self._system.cpu_seconds() - cpu
        self._drain(_ANSWER_SECONDS)
        if not answered or not used:
            raise DemoError(f"{self._system.name} answered nothing in {seconds:.0f} s; raise --seconds")
        return answered / wall, answered / used, words / used

    def trickle(self, corpus: Corpus, seconds: float, rate: float) -> list[float]:
        """Send ``rate`` articles a second, come what may, for ``seconds``; return latencies in seconds."""
        articles = itertools.cycle(corpus.articles)
        latencies: list[float] = []
        began = time.monotonic()
        sent = 0
        while (now := time.monotonic()) < began + seconds:
            self._system.child.check()
            while sent < (now - began) * rate:
                article = next(articles)
                self._send(article.message, article.words)
                sent += 1
            latencies += [latency for latency, _ in self._answers()]
            time.sleep(_POLL_PAUSE_SECONDS)
        return latencies + self._drain(_ANSWER_SECONDS)

    def _send(self, message: Any, words: int) -> None:
        article_id = f"bench-{next(self._numbers)}"
        key = article_id.encode("ascii")
        self._sent[key] = (time.monotonic(), words)
        self._producer.send(self._system.articles, key=key, value=message(article_id))

    def _answers(self) -> list[tuple[float, int]]:
        """Latency and words of each article whose answer has come since."""
        answers = []
        for messages in self._consumer.poll(timeout_ms=0).values():
            now = time.monotonic()
            for message in messages:
                sent = self._sent.pop(message.key, None)
                if sent is not None:
                    answers.append((now - sent[0], sent[1]))
        if time.monotonic() - self._memory_at >= _MEMORY_SECONDS:
            self._memory_at = time.monotonic()
            self.peak_memory = max(self.peak_memory, self._system.memory_bytes())
        return answers

    def _drain(self, seconds: float) -> list[float]:
        latencies: list[float] = []
        deadline = time.monotonic() + seconds
        while self._sent:
            self._system.child.check()
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{self._system.name} left {len(self._sent)} articles unanswered for {seconds:.0f} s; "
                    f"the end of its log:\n{self._system.child.tail()}"
                )
            latencies += [latency for latency, _ in self._answers()]
            time.sleep(_POLL_PAUSE_SECONDS)
        return latencies


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of values that are not empty."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def measure_system(
    system: System,
    connection: dict[str, Any],
    corpora: Sequence[Corpus],
    seconds: float,
    rates: dict[str, float],
) -> list[KafkaFigures]:
    """Measure a started system on each corpus.

    ``rates`` holds the articles a second at which latency is measured; a corpus without one gets half of what
    this system can do, so that the next system is measured at the same rate.
    """
    load = Load(system, connection)
    figures = []
    try:
        load.warm_up(corpora[0])
        for corpus in corpora:
            load.peak_memory = 0
            per_second, per_core, words = load.saturate(corpus, seconds)
            rate = rates.setdefault(corpus.name, per_second / 2)
            latencies = load.trickle(corpus, seconds, rate)
            figures.append(
                KafkaFigures(
                    corpus=corpus.name,
                    system=system.name,
                    articles_per_second=per_second,
                    articles_per_core_second=per_core,
                    words_per_core_second=words,
                    latency_rate=rate,
                    latencies=len(latencies),
                    latency_p50_seconds=statistics.median(latencies),
                    latency_p99_seconds=percentile(latencies, 99),
                    peak_memory_bytes=load.peak_memory,
                )
            )
    finally:
        load.close()
    return figures
