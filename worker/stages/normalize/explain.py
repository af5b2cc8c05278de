"""What became of each block or line of a capture, for people. Not part of any message."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from worker.models import Article, Drop


class BlockVerdict(NamedTuple):
    """One block of a page, or one line of a text, in its order."""

    text: str
    kept: bool
    why: str  # a rule's name, or "score"
    role: str = ""  # paragraph, heading, caption, byline, furniture, …
    score: float | None = None  # the model's probability that it belongs to the article; None where a rule decided


Blocks = Callable[[], tuple[BlockVerdict, ...]]  # asked for only where somebody wants to see them


def no_blocks() -> tuple[BlockVerdict, ...]:
    """No verdicts: nothing was read."""
    return ()


class Explanation(NamedTuple):
    outcome: Article | Drop
    blocks: tuple[BlockVerdict, ...]
