"""What a step brings forth, and how much time it may take."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from worker.models import Message, Stage


class Failure(NamedTuple):
    """An item that a stage could not take, and what stood against it."""

    stage: Stage
    item: Message
    error: Exception


@dataclass
class Step:
    """What became of a batch: each item is in exactly one list, or ended in the ledger."""

    onward: list[Message] = field(default_factory=list)  # items of the next stage
    failed: list[Failure] = field(default_factory=list)
    later: list[tuple[Stage, Message]] = field(default_factory=list)  # copies of a story that is not settled yet
    rest: list[tuple[Stage, Message]] = field(default_factory=list)  # not begun: the time was spent
    counts: dict[str, int] = field(default_factory=dict)  # outcomes by name, for logs and metrics
    lags: list[tuple[str, float]] = field(default_factory=list)  # of deliveries: sink, seconds since publication

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def absorb(self, other: Step) -> None:
        """Take over all but `onward`, which is replaced: the other step went on from there."""
        self.onward = other.onward
        self.failed += other.failed
        self.later += other.later
        self.rest += other.rest
        self.lags += other.lags
        for name, by in other.counts.items():
            self.count(name, by)


class Unlimited:
    """A time budget that is never spent."""

    def spent(self) -> bool:
        return False


class Budget:
    """A time budget in seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def spent(self) -> bool:
        return time.monotonic() > self._until


UNLIMITED = Unlimited()


def each(
    stage: Stage,
    items: Iterable[Any],
    take: Callable[[Any], None],
    step: Step,
    budget: Budget | Unlimited,
    *,
    item: Callable[[Any], Message] = lambda it: it,
) -> None:
    """Take items one by one: what raises is noted as failed, what the budget does not reach as rest."""
    for it in items:
        if budget.spent():
            step.rest.append((stage, item(it)))
            continue
        try:
            take(it)
        except Exception as exc:  # the culprit alone is set aside; the task decides by the kind of error
            step.failed.append(Failure(stage, item(it), exc))
            if isinstance(exc, MemoryError):
                gc.collect()
