"""The learned judge of blocks: how likely each block of a page belongs to the article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.blocks.features import EDITION, Matrix
from worker.stages.normalize.blocks.segment import Floats
from worker.stages.normalize.product import product

CLIP = 4.0  # standard deviations; as in training


class BodyModel:
    """A small perceptron over the features of a block, and the learned weights of class words."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any], version: str) -> None:
        if meta.get("features") != EDITION:
            raise ValueError(f"made for features {meta.get('features')}, these are {EDITION}: rebuild the artefact")
        self.version = version
        self.keep = float(meta["keep"])  # probability from which a block is body
        self.doubt = float(meta["doubt"])  # of a page: the model is more unsure of 8 % of pages only
        words = arrays["class_words"].tobytes().decode().split("\n")
        self.class_words: Mapping[str, float] = dict(zip(words, arrays["class_weights"].tolist(), strict=True))
        self._mean = arrays["mean"].astype(np.float32)
        self._scale = arrays["scale"].astype(np.float32)
        count = sum(1 for name in arrays if name.startswith("weights_"))
        self._layers = [
            (arrays[f"weights_{n}"].astype(np.float32), arrays[f"biases_{n}"].astype(np.float32)) for n in range(count)
        ]

    @staticmethod
    def doubts(words: Floats, scores: Floats) -> float:
        """How unsure the model is of a page: its expected wrong words for each word of the body."""
        return float((words * np.minimum(scores, 1 - scores)).sum() / ((words * scores).sum() + 1))

    def score(self, rows: Matrix) -> Floats:
        """The probability of each row of features to be body."""
        values = np.clip((rows - self._mean) * self._scale, -CLIP, CLIP)
        for weights, biases in self._layers[:-1]:
            values = np.maximum(product(values, weights) + biases, 0)
        weights, biases = self._layers[-1]
        logits = (product(values, weights) + biases)[:, 0]
        scores: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return scores
