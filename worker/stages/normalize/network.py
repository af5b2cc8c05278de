"""A small network of dense layers and rectifiers, as the judges of lines and of blocks are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.product import Floats, product

LIMIT = 4.0  # standard deviations a feature may stand out; as in training


@dataclass(frozen=True, slots=True)
class Network:
    """Features, held between limits, through dense layers with rectifiers to one probability."""

    low: Floats  # (features, 1)
    high: Floats
    layers: tuple[tuple[Floats, Floats], ...]  # (weights, biases), a row an output

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Network:
        """The network `name` of an artefact: `{name}_mean`, `{name}_scale`, and each layer's `_w0`, `_b0` and so on.

        Raises KeyError when an array is missing.
        """
        layers: list[tuple[Floats, Floats]] = []
        while (key := f"{name}_w{len(layers)}") in arrays:
            layers.append((arrays[key], arrays[key.replace("_w", "_b")]))
        return cls.standardising(arrays[f"{name}_mean"], arrays[f"{name}_scale"], layers)

    @classmethod
    def standardising(cls, mean: Floats, scale: Floats, layers: Sequence[tuple[Floats, Floats]]) -> Network:
        """A network trained on features less `mean` times `scale`: both go into its first layer."""
        folded = [(weights.T.astype(np.float64), biases.astype(np.float64)[:, None]) for weights, biases in layers]
        weights, biases = folded[0]
        folded[0] = (weights * scale, biases - weights @ (mean * scale)[:, None])
        low, high = mean - LIMIT / scale, mean + LIMIT / scale
        return cls(_single(low[:, None]), _single(high[:, None]), tuple((_single(w), _single(b)) for w, b in folded))

    def __call__(self, rows: Floats) -> Floats:
        """One probability a column of `rows`, which has a row for each feature."""
        values = np.maximum(rows, self.low)
        np.minimum(values, self.high, out=values)
        for number, (weights, biases) in enumerate(self.layers):
            if number:
                np.maximum(values, 0, out=values)
            values = product(weights, values)
            values += biases
        return 1 / (1 + np.exp(-values[0]))  # type: ignore[no-any-return]


def _single(values: npt.NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, np.float32)
