"""`make train`: labelled news and the pre-trained network in, the files that the worker runs and their card
out.

Steps, each told as it begins: read the pre-trained weights; read the labelled sentences; choose the pieces;
prepare the network on names in other people's sets, then on events of further and written news; teach it our
news, at last the clitic head alone; write the files; measure them and write the card. With --cross-validate,
the network is instead taught our news five times, each time without a fifth of the articles, in all languages
at once, and measured on that fifth.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from training.card import write_card
from training.corpus import (
    FOLDS,
    Sentence,
    fold_of,
    read_more,
    read_news,
    read_others,
    read_pairs,
    read_reports,
    read_seed,
    read_written,
)
from training.e5 import packaged_file, read_weights
from training.evaluate import Figure, measure
from training.export import write_about, write_network, write_vocabulary
from training.fit import Recipe, fit, fit_clitics
from training.network import Network
from training.vocabulary import Vocabulary, choose_pieces
from workers.enrich.encoder.network import MODEL_DIRECTORY, Encoder

SEED = 20
PIECES = 100_000
# Names in other people's sets, then events in written news, then the news itself.
NAMES = Recipe(passes=2, rate=2e-4)
EVENTS = Recipe(passes=3, rate=2e-4)
NEWS = Recipe(passes=3, rate=2e-4)
# Of the sentences of the last step that report nothing and have no names marked, and of the written ones, so
# large a share is read, chosen by chance.
QUIET_SHARE = 0.15
WRITTEN_SHARE = 0.35
CHECK_FOLD = 0
# The layers of each network that is made.
NETWORKS = {"accurate": 6}


def main() -> int:
    """Run the steps; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make train", description=__doc__)
    parser.add_argument("shared", type=Path, help="the directory with the labelled news and other sets")
    parser.add_argument("--out", type=Path, default=MODEL_DIRECTORY)
    parser.add_argument(
        "--build", type=Path, default=Path("build/training"), help="where steps in between are kept"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cross-validate", action="store_true", help="measure on articles left out instead")
    arguments = parser.parse_args()
    if not (arguments.shared / "gold").is_dir():
        print(f"make train: {arguments.shared} has no labelled news (gold/)", file=sys.stderr)
        return 2
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(mode=True)
    _say("reading the pre-trained network")
    weights = read_weights(packaged_file())
    _say("reading the labelled sentences")
    shared = arguments.shared
    news = [*read_news(shared), *read_reports(shared), *read_pairs(shared), *read_seed(shared)]
    others = read_others(shared)
    further = [*read_more(shared), *read_written()]
    check = [sentence for sentence in further if is_check(sentence)]
    further = [sentence for sentence in further if not is_check(sentence)]
    learned = {sentence.text for sentence in (*news, *further, *others)}
    check = [sentence for sentence in check if sentence.text not in learned]
    _say(
        f"{len(news)} of news, {len(further)} of further news, {len(others)} of other sets, "
        f"{len(check)} to check with"
    )
    _say("choosing the pieces of words")
    texts = [sentence.text for sentence in (*news, *further, *others)]
    kept = choose_pieces(weights, [*texts, *_unlabelled(shared)], PIECES)
    vocabulary = Vocabulary(weights, kept)
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.build.mkdir(parents=True, exist_ok=True)
    for name, layers in NETWORKS.items():
        prepared = _prepared(
            name, Network(weights, layers), [*others, *further], further, vocabulary, arguments.build
        )
        if arguments.cross_validate:
            _cross_validate(name, prepared, news, further, vocabulary, arguments.build)
            continue
        taught = _taught(prepared, news, further, vocabulary, f"{name}: news")
        _say(f"writing {name}")
        write_network(taught, arguments.out / f"{name}.onnx")
    write_vocabulary(vocabulary, arguments.build if arguments.cross_validate else arguments.out)
    marks = {"begin": vocabulary.begin, "end": vocabulary.end}
    if arguments.cross_validate:
        return 0
    write_about(marks, arguments.out)
    _say("measuring")
    named = [sentence for sentence in news if sentence.labels is not None and sentence.set == "news"]
    write_card(arguments.out, marks, list(NETWORKS), named, check, arguments.build)
    return 0


def is_check(sentence: Sentence) -> bool:
    """Whether a sentence is one of those that no network learns from, to check the shipped files with."""
    return "made" in sentence.article and fold_of(sentence.article) == CHECK_FOLD


def _prepared(
    name: str,
    network: Network,
    named: Sequence[Sentence],
    eventful: Sequence[Sentence],
    vocabulary: Vocabulary,
    build: Path,
) -> Network:
    """The network after all but the news; kept in ``build``, since cross-validation begins from it too."""
    only_names = [replace(sentence, events=None) for sentence in named]
    for step, sentences, recipe in (("names", only_names, NAMES), ("events", eventful, EVENTS)):
        made_of = repr((NETWORKS[name], NAMES, EVENTS, SEED, vocabulary.kept, sentences))
        path = build / f"{name}.{step}.{sha256(made_of.encode()).hexdigest()[:12]}.pt"
        if path.exists():
            _say(f"{name}, {step}: learned before ({path})")
            network.load_state_dict(torch.load(path, weights_only=True))
            continue
        network = fit(network, sentences, recipe, vocabulary, seed=SEED, title=f"{name}: {step}")
        torch.save(network.state_dict(), path)
    return network


def _taught(
    prepared: Network,
    news: Sequence[Sentence],
    further: Sequence[Sentence],
    vocabulary: Vocabulary,
    title: str,
) -> Network:
    """A network that has learned from the news, and once more from some of the further news."""
    chance = random.Random(SEED)  # noqa: S311 - the choice of examples, not a secret
    sentences = [
        sentence
        for sentence in news
        if sentence.labels is not None or sentence.events or chance.random() < QUIET_SHARE
    ]
    sentences += [sentence for sentence in further if chance.random() < WRITTEN_SHARE]
    taught = fit(copy.deepcopy(prepared), sentences, NEWS, vocabulary, seed=SEED, title=title)
    fit_clitics(taught, [*news, *further], vocabulary)
    return taught


def _cross_validate(
    name: str,
    prepared: Network,
    news: Sequence[Sentence],
    further: Sequence[Sentence],
    vocabulary: Vocabulary,
    build: Path,
) -> None:
    """Write a network and the figures of each fifth of the articles, then those of all."""
    total: dict[str, Figure] = {}
    for fold in range(FOLDS):
        directory = build / f"fold{fold}"
        directory.mkdir(exist_ok=True)
        write_vocabulary(vocabulary, directory)
        write_about({"begin": vocabulary.begin, "end": vocabulary.end}, directory)
        seen = [sentence for sentence in news if fold_of(sentence.article) != fold]
        taught = _taught(prepared, seen, further, vocabulary, f"{name}: fold {fold}")
        write_network(taught, directory / f"{name}.onnx")
        unseen = [
            sentence
            for sentence in news
            if fold_of(sentence.article) == fold and sentence.set == "news" and sentence.labels is not None
        ]
        for language, figure in measure(Encoder.load(name, directory), unseen).items():
            total[language] = total.get(language, Figure()) + figure
            _say(f"fold {fold} {language} F1 {figure.f1}")
    figures = {language: figure.f1 for language, figure in sorted(total.items())}
    _say(f"{name}, five folds: {figures}")
    (build / f"{name}.cross-validation.json").write_text(json.dumps(figures), encoding="utf-8")


def _unlabelled(shared: Path) -> Iterator[str]:
    """News in all languages, which decides what pieces are kept."""
    with tarfile.open(shared / "data" / "articles.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            for line in file or ():
                record: dict[str, Any] = json.loads(line)
                yield record["text"]


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
