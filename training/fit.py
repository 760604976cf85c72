"""Teaches the network: batches of pieces of like length, cross-entropy for each head, a running mean of the
weights.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from training.corpus import Label, Sentence
from training.network import Network
from training.vocabulary import Vocabulary
from workers.enrich.encoder.labels import MENTION_LABELS
from workers.enrich.encoder.pieces import Piece

IGNORED = -100
_MAX_PIECES = 400
_CLIP = 1.0
_WARM_UP = 0.08
_LEAST_RATE = 0.02
_HEAD_RATE = 10.0
_CLITIC_SHARE = 0.3
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


@dataclass(frozen=True, slots=True)
class Example:
    """Pieces of a text with their labels, the marks of begin and end among them."""

    ids: list[int]
    mentions: list[int]
    clitics: list[int]


def make_example(text: str, labels: Sequence[Label], vocabulary: Vocabulary) -> Example:
    """Label each piece: a mention begins with the piece that its first letter is in."""
    pieces = vocabulary.pieces(text)[:_MAX_PIECES]
    mentions = [0] * len(pieces)
    clitics = [IGNORED] * len(pieces)
    for label in labels:
        part = "B"
        for index in _touched(pieces, label):
            mentions[index] = MENTION_LABELS.index(f"{part}-{label.type}")
            if part == "B":
                clitics[index] = min(2, max(0, label.start - pieces[index].start))
            part = "I"
    return Example(
        [vocabulary.begin, *(piece.id for piece in pieces), vocabulary.end],
        [IGNORED, *mentions, IGNORED],
        [IGNORED, *clitics, IGNORED],
    )


def _touched(pieces: Sequence[Piece], label: Label) -> Iterator[int]:
    for index, piece in enumerate(pieces):
        if piece.start < label.end and piece.end > label.start:
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
        examples.append(make_example(*_joined(group), vocabulary))
    return examples


def _joined(group: Sequence[Sentence]) -> tuple[str, list[Label]]:
    text, labels = "", []
    for sentence in group:
        start = len(text) + bool(text)
        text = f"{text} {sentence.text}" if text else sentence.text
        labels += [Label(start + label.start, start + label.end, label.type) for label in sentence.labels]
    return text, labels


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
    heads = {"mentions", "clitics"}
    groups = [
        {"params": [p for n, p in network.named_parameters() if (n.split(".")[0] in heads) is is_head]}
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


def _loss(network: Network, batch: Sequence[Example], vocabulary: Vocabulary) -> Tensor:
    vectors, mask = vocabulary.batch([example.ids for example in batch])
    width = mask.shape[1]
    # Half the bits, where the processor has them, take half the time and change nothing that can be measured.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = network(vectors, mask)
    mentions = torch.tensor([_padded(example.mentions, width) for example in batch])
    clitics = torch.tensor([_padded(example.clitics, width) for example in batch])
    loss = functional.cross_entropy(
        scores.mentions.float().flatten(0, 1), mentions.flatten(), ignore_index=IGNORED
    )
    if (clitics != IGNORED).any():
        loss = loss + _CLITIC_SHARE * functional.cross_entropy(
            scores.clitics.float().flatten(0, 1), clitics.flatten(), ignore_index=IGNORED
        )
    return loss


def _padded(labels: list[int], width: int) -> list[int]:
    return labels + [IGNORED] * (width - len(labels))


@torch.no_grad()
def _follow(mean: Network, network: Network, decay: float) -> None:
    for kept, new in zip(mean.parameters(), network.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)
