"""The line model: how likely each line is body, or the headline.

Small networks, of which the second sees what the first thought. `worker/artefacts/build_line_model.py` trains
them; their card stands beside the artefact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy.typing as npt

from worker.stages.normalize.furniture import Signs
from worker.stages.normalize.lines import Floats, Ints, Lines
from worker.stages.normalize.network import Network
from worker.stages.normalize.text.features import FIRST_LOOK, first_look, second_look


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

        first, second, headline = (Network.of(arrays, name) for name in ("first", "second", "headline"))
        return cls(first, second, headline, float(meta["keep"]), version)

    def judge(self, lines: Lines, signs: Signs) -> Judgement:
        """What the model thinks of each line."""
        rows = first_look(lines, signs)
        rows = second_look(lines, rows, self.first(rows[:FIRST_LOOK]))
        return Judgement(self.second(rows), self.headline(rows), self.keep)
