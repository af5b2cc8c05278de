"""Products of small matrices on the calling thread alone.

OpenBLAS shares larger ones among all cores and lets its threads wait for one another in a busy loop. Where workers
share the cores that is a loss: a product of 64 × 138 and 138 × 185 took 15 ms of CPU so, and takes 0.1 ms in steps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# OpenBLAS keeps a product to one thread up to 65,536 × 4 multiplications, one with a vector up to 2,304 × 4
# (interface/gemm.c and gemv.c); a little less is asked for here.
MOST, MOST_WITH_VECTOR = 240_000, 8_000


def product(left: Floats, right: Floats) -> Floats:
    """`left @ right` of two matrices of single floats, made in steps over the longer of the outer sides."""
    rows, inner = left.shape
    columns = right.shape[1]
    most = MOST if min(rows, columns) > 1 else MOST_WITH_VECTOR
    if rows * inner * columns <= most:
        made: Floats = left @ right
        return made
    made = np.empty((rows, columns), np.float32)
    if rows > columns:
        step = max(most // (inner * columns), 1)
        for at in range(0, rows, step):
            np.matmul(left[at : at + step], right, out=made[at : at + step])
    else:
        step = max(most // (inner * rows), 1)
        for at in range(0, columns, step):
            np.matmul(left, right[:, at : at + step], out=made[:, at : at + step])
    return made
