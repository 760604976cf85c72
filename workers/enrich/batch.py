"""Articles as JSON lines in, enriched articles as JSON lines out: the pipeline without Kafka."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

from workers.contract.encoding import encode
from workers.contract.records import Rejection
from workers.enrich.message import Processor, load_processor
from workers.settings import Settings

_LINES_PER_TASK = 8
_TASKS_PER_PROCESS = 4


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one input line: the enriched article as JSON, or the rejection."""

    line_number: int
    value: bytes | Rejection


def read_lines(stream: BinaryIO, max_line_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, line) for the lines that are not blank.

    Of a line longer than ``max_line_bytes`` only the first ``max_line_bytes + 1`` bytes are kept, enough
    for the reader to refuse it.
    """
    number = 0
    while line := stream.readline(max_line_bytes + 1):
        number += 1
        rest = line
        while len(rest) > max_line_bytes and not rest.endswith(b"\n"):
            rest = stream.readline(max_line_bytes + 1)
        if line.strip():
            yield number, line.removesuffix(b"\n")


def enrich_lines(
    lines: Iterable[tuple[int, bytes]], settings: Settings, processes: int
) -> Iterator[BatchResult]:
    """Enrich ``lines`` on ``processes`` cores; results come in the order of the lines, one each.

    With several processes a bounded number of lines is under way at a time, so that input of any length
    streams through. Raises ``concurrent.futures.process.BrokenProcessPool`` when a process is killed.
    """
    if processes == 1:
        process = load_processor(settings)
        for number, line in lines:
            yield _enrich_line(number, line, process)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, _load_in_process, (settings,)) as pool:
        under_way: deque[Future[list[BatchResult]]] = deque()
        for task in _split(lines, _LINES_PER_TASK):
            under_way.append(pool.submit(_enrich_in_process, task))
            if len(under_way) >= processes * _TASKS_PER_PROCESS:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def _enrich_line(number: int, line: bytes, process: Processor) -> BatchResult:
    outcome = process(line)
    return BatchResult(number, outcome if isinstance(outcome, Rejection) else encode(outcome))


def _split(lines: Iterable[tuple[int, bytes]], size: int) -> Iterator[list[tuple[int, bytes]]]:
    task: list[tuple[int, bytes]] = []
    for line in lines:
        task.append(line)
        if len(task) == size:
            yield task
            task = []
    if task:
        yield task


# Each pool process loads its models once, when it starts; a pool hands state to its tasks in no other way.
_processor_of_process: Processor | None = None


def _load_in_process(settings: Settings) -> None:
    # An interrupt from the terminal reaches every process; the parent's is the one that ends them all.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _processor_of_process
    _processor_of_process = load_processor(settings)


def _enrich_in_process(lines: list[tuple[int, bytes]]) -> list[BatchResult]:
    if _processor_of_process is None:
        raise RuntimeError("the pool's initializer did not run")
    return [_enrich_line(number, line, _processor_of_process) for number, line in lines]
