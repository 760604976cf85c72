"""Writes the files that the worker runs: the network at 8 bits, its pieces and their vectors at 4 bits."""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.network import Network
from training.vocabulary import Vocabulary
from workers.enrich.encoder.labels import HEAD_SIZES


class _Exported(nn.Module):
    """All heads as one, in the order of `HEAD_SIZES`: one product is faster than eight."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        heads = [network.heads[name] for name in HEAD_SIZES]
        self.heads = nn.Linear(network.positions.shape[1], sum(HEAD_SIZES.values()))
        with torch.no_grad():
            self.heads.weight.copy_(torch.cat([head.weight for head in heads]))
            self.heads.bias.copy_(torch.cat([head.bias for head in heads]))

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        return torch.as_tensor(self.heads(self.network.encode(vectors, mask)))


def write_network(network: Network, path: Path) -> None:
    """Write the network as ONNX, its matrices at 8 bits by output channel, what goes into them by its own
    range.
    """
    network.eval()
    hidden = network.positions.shape[1]
    example = (torch.zeros(2, 8, hidden), torch.ones(2, 8))
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        axes = {0: "texts", 1: "pieces"}
        torch.onnx.export(
            _Exported(network),
            example,
            str(plain),
            input_names=["vectors", "mask"],
            output_names=["scores"],
            dynamic_axes=dict.fromkeys(("vectors", "mask", "scores"), axes),
            dynamo=False,
        )
        quantize_dynamic(plain, path, weight_type=QuantType.QInt8, per_channel=True)


def write_vocabulary(vocabulary: Vocabulary, directory: Path) -> None:
    """Write the tokenizer and the vectors, exactly as they were pre-trained."""
    vocabulary.tokenizer.save(str(directory / "tokenizer.json"), pretty=False)
    np.save(directory / "vectors.npy", vocabulary.nibbles)
    np.save(directory / "scales.npy", vocabulary.scales)


def write_about(about: dict[str, Any], directory: Path) -> None:
    """Write what is to be known of the model: its marks, figures and how it was made."""
    (directory / "model.json").write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2) + b"\n")
