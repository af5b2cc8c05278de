"""The line model: how likely each line is body, or the headline.

Small networks, of which the second sees what the first thought. `worker/artefacts/build_line_model.py` trains
them; their card stands beside the artefact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture import Signs
from worker.stages.normalize.lines import Floats, Ints, Lines
from worker.stages.normalize.product import product
from worker.stages.normalize.text.features import FIRST_LOOK, first_look, second_look

LIMIT = 4.0  # standard deviations a feature may stand out


@dataclass(frozen=True, slots=True)
class Network:
    """Features, held between limits, through dense layers with rectifiers to one probability."""

    low: Floats  # (features, 1)
    high: Floats
    layers: tuple[tuple[Floats, Floats], ...]  # (weights, biases), a row an output

    @classmethod
    def standardising(cls, mean: Floats, scale: Floats, layers: Sequence[tuple[Floats, Floats]]) -> Network:
        """A network trained on features less `mean` times `scale`: both go into its first layer."""
        folded = [(weights.T.astype(np.float64), biases.astype(np.float64)[:, None]) for weights, biases in layers]
        weights, biases = folded[0]
        folded[0] = (weights * scale, biases - weights @ (mean * scale)[:, None])
        low, high = mean - LIMIT / scale, mean + LIMIT / scale
        return cls(_single(low[:, None]), _single(high[:, None]), tuple((_single(w), _single(b)) for w, b in folded))

    def __call__(self, rows: Floats) -> Floats:
        """One probability a line; `rows` has one column a line."""
        values = np.maximum(rows, self.low)
        np.minimum(values, self.high, out=values)
        for number, (weights, biases) in enumerate(self.layers):
            if number:
                np.maximum(values, 0, out=values)
            values = product(weights, values)
            values += biases
        return 1 / (1 + np.exp(-values[0]))  # type: ignore[no-any-return]


class Judgement(NamedTuple):
    """Probabilities, one a line."""

    body: Floats
    headline: Floats
    keep: float  # probability from which a line is body

    def split(self, bounds: Ints) -> list[Judgement]:
        """The probabilities of each capture by themselves; `bounds` are those of the lines."""
        return [
            Judgement(self.body[begin:end], self.headline[begin:end], self.keep)
            for begin, end in pairwise(bounds.tolist())
        ]


@dataclass(frozen=True, slots=True)
class LineModel:
    """A judge of lines, from an artefact's arrays."""

    first: Network
    second: Network
    headline: Network
    keep: float  # probability from which a line is body
    version: str

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any], version: str = ""
    ) -> LineModel:
        """The model of an artefact. Raises KeyError when an array is missing."""

        def network(name: str) -> Network:
            layers: list[tuple[Floats, Floats]] = []
            while (key := f"{name}_w{len(layers)}") in arrays:
                layers.append((arrays[key], arrays[key.replace("_w", "_b")]))
            return Network.standardising(arrays[f"{name}_mean"], arrays[f"{name}_scale"], layers)

        return cls(network("first"), network("second"), network("headline"), float(meta["keep"]), version)

    def judge(self, lines: Lines, signs: Signs) -> Judgement:
        """What the model thinks of each line."""
        rows = first_look(lines, signs)
        rows = second_look(lines, rows, self.first(rows[:FIRST_LOOK]))
        return Judgement(self.second(rows), self.headline(rows), self.keep)


def _single(values: npt.NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, np.float32)
