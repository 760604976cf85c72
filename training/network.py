"""The network in torch: the lowest layers of multilingual-e5-small with a head for each thing that is
recognised.

The upper layers, which serve the comparing of whole sentences, are left out: what is recognised loses little
by it (Sajjad et al. 2023, "On the effect of dropping layers of pre-trained transformer models"). Word
vectors stay as they were pre-trained, so that a word that no training text has keeps its meaning.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.e5 import Weights
from workers.enrich.encoder.labels import HEAD_SIZES, ROLE_SIZE

_DROPOUT = 0.1
_MASKED = -1e4
# The score of a role before anything is learned: few pieces have one.
_ROLE_BIAS = -3.0


class Scores(NamedTuple):
    """What the heads say of each piece: (batch, pieces, labels), before any softmax.

    ``role_queries`` and ``role_keys`` are (batch, pieces, roles x size): a trigger's query times a piece's
    key is the score of the piece for that role in that event (Dozat and Manning 2017, "Deep biaffine
    attention for neural dependency parsing", without the extra layers).
    """

    mentions: Tensor
    clitics: Tensor
    triggers: Tensor
    statuses: Tensor
    modes: Tensor
    sectors: Tensor
    role_queries: Tensor
    role_keys: Tensor


class Layer(nn.Module):
    """One transformer layer (Vaswani et al. 2017, layer norm last as in BERT), query, key and value in one
    product.
    """

    def __init__(self, weights: Weights, number: int) -> None:
        super().__init__()
        sizes = weights.sizes
        self.heads = sizes.heads
        self.head_size = sizes.hidden // sizes.heads
        self.query_key_value = nn.Linear(sizes.hidden, 3 * sizes.hidden)
        self.attended = nn.Linear(sizes.hidden, sizes.hidden)
        self.attended_norm = nn.LayerNorm(sizes.hidden, eps=1e-12)
        self.inner = nn.Linear(sizes.hidden, sizes.inner)
        self.outer = nn.Linear(sizes.inner, sizes.hidden)
        self.outer_norm = nn.LayerNorm(sizes.hidden, eps=1e-12)
        self.dropout = nn.Dropout(_DROPOUT)
        self._fill(weights, number)

    def _fill(self, weights: Weights, number: int) -> None:
        def tensor(name: str) -> Tensor:
            return torch.from_numpy(weights.tensors[f"l{number}.{name}"])

        hidden = weights.sizes.hidden
        # The scale of the attention is taken into the query's weights.
        scale = 1 / math.sqrt(self.head_size)
        with torch.no_grad():
            parts = [tensor("q.w") * scale, tensor("k.w"), tensor("v.w")]
            self.query_key_value.weight.copy_(torch.cat([part.view(hidden, hidden) for part in parts]))
            self.query_key_value.bias.copy_(torch.cat([tensor("q.b") * scale, tensor("k.b"), tensor("v.b")]))
            for linear, name in ((self.attended, "ao"), (self.inner, "fi"), (self.outer, "fo")):
                linear.weight.copy_(tensor(f"{name}.w").view_as(linear.weight))
                linear.bias.copy_(tensor(f"{name}.b"))
            for norm, name in ((self.attended_norm, "aln"), (self.outer_norm, "oln")):
                norm.weight.copy_(tensor(f"{name}.w"))
                norm.bias.copy_(tensor(f"{name}.b"))

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """(batch, pieces, hidden) in and out; ``bias`` is added to the attention's scores."""
        batch, pieces, hidden = x.shape
        projected = (
            self.query_key_value(x).view(batch, pieces, 3 * self.heads, self.head_size).transpose(1, 2)
        )
        query, key, value = projected.split(self.heads, dim=1)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias, scale=1.0)
        attended = attended.transpose(1, 2).reshape(batch, pieces, hidden)
        x = self.attended_norm(x + self.dropout(self.attended(attended)))
        return self.outer_norm(x + self.dropout(self.outer(functional.gelu(self.inner(x)))))


class Network(nn.Module):
    """Word vectors in, scores of every head out, over one pass."""

    def __init__(self, weights: Weights, layers: int) -> None:
        super().__init__()
        hidden = weights.sizes.hidden
        positions = torch.from_numpy(weights.tensors["emb.pos"]).view(-1, hidden)
        segment = torch.from_numpy(weights.tensors["emb.type"]).view(-1, hidden)[0]
        self.positions = nn.Parameter(positions + segment)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        with torch.no_grad():
            self.norm.weight.copy_(torch.from_numpy(weights.tensors["emb.ln.w"]))
            self.norm.bias.copy_(torch.from_numpy(weights.tensors["emb.ln.b"]))
        self.layers = nn.ModuleList(Layer(weights, number) for number in range(layers))
        self.dropout = nn.Dropout(_DROPOUT)
        self.heads = nn.ModuleDict({name: nn.Linear(hidden, size) for name, size in HEAD_SIZES.items()})
        with torch.no_grad():
            # One number of each role's query times one of its key is the bias.
            bias = math.sqrt(-_ROLE_BIAS) * ROLE_SIZE**0.25
            self.heads["role_queries"].bias.view(-1, ROLE_SIZE)[:, 0] = bias
            self.heads["role_keys"].bias.view(-1, ROLE_SIZE)[:, 0] = -bias

    def encode(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """What the heads read, (batch, pieces, hidden); ``mask`` (batch, pieces) is 1 for a piece, else 0."""
        bias = (1 - mask)[:, None, None, :] * _MASKED
        x = self.dropout(self.norm(vectors + self.positions[: vectors.shape[1]]))
        for layer in self.layers:
            x = layer(x, bias)
        return torch.as_tensor(x)

    def forward(self, vectors: Tensor, mask: Tensor) -> Scores:
        """The scores of word vectors (batch, pieces, hidden)."""
        x = self.encode(vectors, mask)
        return Scores(**{name: head(x) for name, head in self.heads.items()})
