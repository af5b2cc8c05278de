"""Products of small matrices, in steps that no library shares among cores."""

from __future__ import annotations

import numpy as np
import pytest

from worker.stages.normalize.product import product


@pytest.mark.parametrize(
    "shape", [(64, 138, 20), (64, 138, 2000), (2000, 146, 64), (1, 32, 9000), (9000, 32, 1), (3, 8, 0)]
)
def test_a_product_in_steps_is_the_product(shape: tuple[int, int, int]) -> None:
    rows, inner, columns = shape
    made = np.random.default_rng(0)
    left = made.standard_normal((rows, inner)).astype(np.float32)
    right = made.standard_normal((inner, columns)).astype(np.float32)

    np.testing.assert_allclose(product(left, right), left @ right, rtol=1e-4, atol=1e-4)
