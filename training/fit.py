"""Teaches the network: batches of pieces of like length, cross-entropy for each head, a running mean of the
weights.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from training.corpus import EventLabel, Label, Sentence
from training.network import Network, Scores
from training.vocabulary import Vocabulary
from workers.enrich.encoder.labels import (
    MENTION_LABELS,
    MODE_LABELS,
    ROLE_LABELS,
    ROLE_SIZE,
    SECTOR_LABELS,
    STATUS_LABELS,
    TRIGGER_LABELS,
)
from workers.enrich.encoder.pieces import Piece

T = TypeVar("T")

IGNORED = -100
_MAX_PIECES = 400
_CLIP = 2.0
_WARM_UP = 0.08
_LEAST_RATE = 0.02
_HEAD_RATE = 10.0
# How much the error of a piece counts for each head, that of a pair of trigger and piece for each role, and
# that of a sentence whose trigger nobody has pointed at.
LABELLED = {"mentions": 2.0, "clitics": 1.0, "triggers": 8.0, "statuses": 1.5, "modes": 0.7, "sectors": 0.5}
_ROLE_SHARE = 0.7
_SOMEWHERE_SHARE = 1.0
_CLITIC_RATE = 0.01
_CLITIC_STEPS = 300
# How much an event counts that a careful reader may leave out.
_OPTIONAL_SHARE = 0.4
_MEAN_DECAY = 0.98


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast to learn.

    ``joined_share`` of the sentences are read together with those after them, up to ``joined_pieces``.
    """

    passes: int
    rate: float
    pieces_per_batch: int = 2_400
    joined_share: float = 0.4
    joined_pieces: int = 160


class Act(NamedTuple):
    """An event in an example: the pieces of its trigger, and for each role what each piece is to it.

    A role nobody looked for is `IGNORED` all along.
    """

    pieces: list[int]
    roles: list[list[int]]


@dataclass(frozen=True, slots=True)
class Example:
    """Pieces of a text with their labels for each head, the marks of begin and end among them.

    ``weights`` are how much the labels of triggers count, ``somewhere`` the types that some piece carries.
    """

    ids: list[int]
    labels: dict[str, list[int]]
    weights: list[float]
    acts: list[Act]
    somewhere: tuple[int, ...] | None


def make_example(text: str, sentences: Sequence[tuple[int, Sentence]], vocabulary: Vocabulary) -> Example:
    """Label each piece of a text that has these sentences, each with its place in it."""
    pieces = [Piece(vocabulary.begin, -1, -1), *vocabulary.pieces(text)[:_MAX_PIECES]]
    pieces.append(Piece(vocabulary.end, -1, -1))
    size = len(pieces)
    labels = {name: [IGNORED] * size for name in LABELLED}
    weights = [1.0] * size
    acts: list[Act] = []
    somewhere = None
    for offset, sentence in sentences:
        inside = list(_touched(pieces, offset, offset + len(sentence.text)))
        if sentence.labels is not None:
            _fill(labels["mentions"], inside, 0)
            _label_mentions(labels, pieces, offset, sentence.labels)
        if sentence.events is None:
            continue
        if any(event.status is None for event in sentence.events):
            here = (TRIGGER_LABELS.index(t) for event in sentence.events for t in event.types)
            somewhere = (*(somewhere or ()), *here)
            continue
        if all(event.trigger is not None for event in sentence.events):
            _fill(labels["triggers"], inside, 0)
        acts += _label_events(labels, weights, pieces, offset, sentence.events)
    return Example([piece.id for piece in pieces], labels, weights, acts, somewhere)


def _fill(labels: list[int], places: Sequence[int], label: int) -> None:
    for place in places:
        labels[place] = label


def _label_mentions(
    labels: dict[str, list[int]], pieces: Sequence[Piece], offset: int, mentions: Sequence[Label]
) -> None:
    """A mention begins with the piece that its first letter is in."""
    for mention in mentions:
        part = "B"
        for index in _touched(pieces, offset + mention.start, offset + mention.end):
            labels["mentions"][index] = MENTION_LABELS.index(f"{part}-{mention.type}")
            if part == "B":
                labels["clitics"][index] = min(2, max(0, offset + mention.start - pieces[index].start))
            part = "I"


def _label_events(
    labels: dict[str, list[int]],
    weights: list[float],
    pieces: Sequence[Piece],
    offset: int,
    events: Sequence[EventLabel],
) -> Iterator[Act]:
    # Firm ones last: where two share a word, the firm one has it.
    for event in sorted(events, key=lambda event: not event.optional):
        if event.trigger is None or event.status is None:
            continue
        touched = list(_touched(pieces, offset + event.trigger[0], offset + event.trigger[1]))
        if not touched:
            continue
        _fill(labels["triggers"], touched, TRIGGER_LABELS.index(event.types[0]))
        _fill(labels["statuses"], touched, STATUS_LABELS.index(event.status))
        _fill(labels["modes"], touched, MODE_LABELS.index(event.mode or "none"))
        for index in touched:
            weights[index] = _OPTIONAL_SHARE if event.optional else 1.0
        roles = [[0 if role in event.roles else IGNORED] * len(pieces) for role in ROLE_LABELS]
        for filler in event.fillers:
            for index in _touched(pieces, offset + filler.start, offset + filler.end):
                roles[ROLE_LABELS.index(filler.role)][index] = 1
                if filler.sector is not None:
                    labels["sectors"][index] = SECTOR_LABELS.index(filler.sector)
        yield Act(touched, roles)


def _touched(pieces: Sequence[Piece], start: int, end: int) -> Iterator[int]:
    for index, piece in enumerate(pieces):
        if piece.start < end and piece.end > start:
            yield index


def make_examples(
    sentences: Sequence[Sentence], recipe: Recipe, vocabulary: Vocabulary, chance: random.Random
) -> list[Example]:
    """One example a sentence or, now and then, for several sentences of an article in a row."""
    examples = []
    at = 0
    while at < len(sentences):
        group = [sentences[at]]
        at += 1
        if chance.random() < recipe.joined_share:
            size = len(group[0].text)
            limit = recipe.joined_pieces * 4
            while at < len(sentences) and sentences[at].article == group[0].article:
                if sentences[at].language != group[0].language or size + len(sentences[at].text) > limit:
                    break
                size += len(sentences[at].text)
                group.append(sentences[at])
                at += 1
        examples.append(_joined(group, vocabulary))
    return examples


def _joined(group: Sequence[Sentence], vocabulary: Vocabulary) -> Example:
    text, placed = "", []
    for sentence in group:
        text = f"{text} {sentence.text}" if text else sentence.text
        placed.append((len(text) - len(sentence.text), sentence))
    return make_example(text, placed, vocabulary)


def make_batches(examples: Sequence[Example], recipe: Recipe, chance: random.Random) -> list[list[Example]]:
    """Examples of like length together, the batches in random order."""
    batches: list[list[Example]] = [[]]
    for example in sorted(examples, key=lambda example: len(example.ids) + 4 * chance.random()):
        if batches[-1] and (len(batches[-1]) + 1) * len(example.ids) > recipe.pieces_per_batch:
            batches.append([])
        batches[-1].append(example)
    chance.shuffle(batches)
    return batches


def fit(
    network: Network,
    sentences: Sequence[Sentence],
    recipe: Recipe,
    vocabulary: Vocabulary,
    *,
    seed: int,
    title: str,
) -> Network:
    """Teach ``network`` in place; the running mean of its weights is returned as a network of its own.

    The mean (Polyak and Juditsky 1992) is steadier than where the last steps happened to end.
    """
    chance = random.Random(seed)  # noqa: S311 - the order of training, not a secret
    torch.manual_seed(seed)
    mean = copy.deepcopy(network).eval()
    groups = [
        {"params": [p for n, p in network.named_parameters() if n.startswith("heads.") is is_head]}
        for is_head in (False, True)
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=0.01)
    rounds = [
        make_batches(make_examples(sentences, recipe, vocabulary, chance), recipe, chance)
        for _ in range(recipe.passes)
    ]
    steps = sum(map(len, rounds))
    network.train()
    with tqdm(total=steps, desc=title, unit="step", mininterval=5) as bar:
        for step, batch in enumerate(batch for batches in rounds for batch in batches):
            share = min(1.0, (step + 1) / (_WARM_UP * steps)) * max(_LEAST_RATE, 1 - step / steps)
            for group, factor in zip(optimizer.param_groups, (1.0, _HEAD_RATE), strict=True):
                group["lr"] = recipe.rate * factor * share
            loss = _loss(network, batch, vocabulary)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), _CLIP)
            optimizer.step()
            _follow(mean, network, min(_MEAN_DECAY, (step + 1) / (step + 10)))
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
            bar.update()
    return mean


def fit_clitics(network: Network, sentences: Sequence[Sentence], vocabulary: Vocabulary) -> None:
    """Teach the head of clitics again, in place and by itself, from what the finished network makes of names.

    Few pieces begin a name, so beside the other heads it learns last.
    """
    chance = random.Random(0)  # noqa: S311 - the order of training, not a secret
    recipe = Recipe(passes=1, rate=0)
    named = [sentence for sentence in sentences if sentence.labels]
    found: list[Tensor] = []
    wanted: list[Tensor] = []
    for batch in make_batches(make_examples(named, recipe, vocabulary, chance), recipe, chance):
        vectors, mask = vocabulary.batch([example.ids for example in batch])
        labels = torch.tensor(
            [_padded(example.labels["clitics"], mask.shape[1], IGNORED) for example in batch]
        )
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            read = network.encode(vectors, mask)
        found.append(read.float()[labels != IGNORED])
        wanted.append(labels[labels != IGNORED])
    features, goals = torch.cat(found), torch.cat(wanted)
    head = network.heads["clitics"]
    optimizer = torch.optim.AdamW(head.parameters(), lr=_CLITIC_RATE, weight_decay=0.01)
    for _ in range(_CLITIC_STEPS):
        optimizer.zero_grad()
        functional.cross_entropy(head(features), goals).backward()
        optimizer.step()


def _loss(network: Network, batch: Sequence[Example], vocabulary: Vocabulary) -> Tensor:
    vectors, mask = vocabulary.batch([example.ids for example in batch])
    width = mask.shape[1]
    # Half the bits, where the processor has them, take half the time and change nothing that can be measured.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = network(vectors, mask)
    weights = torch.tensor([_padded(example.weights, width, 1.0) for example in batch])
    size = mask.sum()
    loss = torch.zeros(())
    for name, share in LABELLED.items():
        labels = torch.tensor([_padded(example.labels[name], width, IGNORED) for example in batch])
        wanted = labels != IGNORED
        each = functional.cross_entropy(
            getattr(scores, name).float()[wanted], labels[wanted], reduction="none"
        )
        if name not in ("mentions", "clitics"):
            each = each * weights[wanted]
        loss = loss + share * each.sum() / size
    return (
        loss
        + _ROLE_SHARE * _role_loss(scores, batch) / size
        + _SOMEWHERE_SHARE * _somewhere_loss(scores, batch) / size
    )


def _role_loss(scores: Scores, batch: Sequence[Example]) -> Tensor:
    """How far the pieces of each event are from their roles, summed."""
    acts = [(row, act) for row, example in enumerate(batch) for act in example.acts]
    if not acts:
        return torch.zeros(())
    rows = torch.tensor([row for row, _ in acts])
    width, roles = scores.role_keys.shape[1], len(ROLE_LABELS)
    of_trigger = torch.zeros(len(acts), width)
    for number, (_, act) in enumerate(acts):
        of_trigger[number, act.pieces] = 1 / len(act.pieces)
    queries = torch.einsum("ep,eps->es", of_trigger, scores.role_queries.float()[rows])
    queries = queries.view(-1, roles, ROLE_SIZE)
    keys = scores.role_keys.float()[rows].view(len(acts), width, roles, ROLE_SIZE)
    found = torch.einsum("ers,eprs->erp", queries, keys) / math.sqrt(ROLE_SIZE)
    wanted = torch.tensor([[_padded(role, width, IGNORED) for role in act.roles] for _, act in acts])
    known = wanted != IGNORED
    return functional.binary_cross_entropy_with_logits(found[known], wanted[known].float(), reduction="sum")


def _somewhere_loss(scores: Scores, batch: Sequence[Example]) -> Tensor:
    """How unsure it is that some piece of a text carries its type, where none is pointed at, summed."""
    losses = [
        -torch.logsumexp(scores.triggers[row, 1 : len(example.ids) - 1].float().log_softmax(-1), 0)[
            list(example.somewhere)
        ]
        .logsumexp(0)
        .clamp(max=0.0)
        for row, example in enumerate(batch)
        if example.somewhere is not None
    ]
    return torch.stack(losses).sum() if losses else torch.zeros(())


def _padded(labels: list[T], width: int, filler: T) -> list[T]:
    return labels + [filler] * (width - len(labels))


@torch.no_grad()
def _follow(mean: Network, network: Network, decay: float) -> None:
    for kept, new in zip(mean.parameters(), network.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)
