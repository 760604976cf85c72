"""Word vectors at 4 bits: rows of blocks of 32 numbers, each block with a scale."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 32


def unpack_blocks(nibbles: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """Rows of blocks as floats: (rows, n / 2) and (rows, n / 32) become (rows, n).

    The low halves of a block's 16 bytes are its first 16 numbers, the high halves the last 16, each plus 8.
    """
    halves = nibbles.reshape(len(nibbles), -1, BLOCK // 2)
    numbers = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
    numbers *= scales[:, :, None]
    return numbers.reshape(len(nibbles), -1)
