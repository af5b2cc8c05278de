"""The learned judge of blocks: how likely each block of a page belongs to the article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.blocks.features import EDITION, Layout, features
from worker.stages.normalize.blocks.marks import ClassWords
from worker.stages.normalize.blocks.second_look import second_look
from worker.stages.normalize.blocks.segment import Floats
from worker.stages.normalize.network import Network


class BodyModel:
    """Two small networks, of which the second sees what the first thought, and the learned weights of class words."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any], version: str) -> None:
        if meta.get("features") != EDITION:
            raise ValueError(f"made for features {meta.get('features')}, these are {EDITION}: rebuild the artefact")
        self.version = version
        self.keep = float(meta["keep"])  # probability from which a block is body
        self.doubt = float(meta["doubt"])  # of a page: the model is more unsure of few pages only
        words = arrays["class_words"].tobytes().decode().split("\n")
        self.class_words = ClassWords(dict(zip(words, arrays["class_weights"].tolist(), strict=True)))
        self._first, self._second = Network.of(arrays, "first"), Network.of(arrays, "second")

    @staticmethod
    def doubts(words: Floats, scores: Floats) -> float:
        """How unsure the model is of a page: its expected wrong words for each word of the body."""
        return float((words * np.minimum(scores, 1 - scores)).sum() / ((words * scores).sum() + 1))

    def score(self, layout: Layout) -> Floats:
        """The probability of each block to be body: the mean of both networks."""
        rows = features(layout)
        first = self._first(rows.T)
        second = self._second(np.concatenate([rows.T, second_look(layout, first).T]))
        scores: Floats = ((first + second) / 2).astype(np.float32)
        return scores
