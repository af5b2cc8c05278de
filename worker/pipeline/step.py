"""What a step brings forth, and how much time it may take."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from worker.models import Message, Stage

Given = TypeVar("Given")
Made = TypeVar("Made")


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


class Lots(Generic[Given, Made]):
    """Results of a function that takes many items faster than one: worked out by the lot, when one of it is asked for.

    A lot that fails is worked out item by item, so that only the item that breaks it raises.
    """

    def __init__(self, items: Sequence[Given], many: Callable[[Sequence[Given]], Sequence[Made]], size: int) -> None:
        self._items, self._many, self._size = items, many, size
        self._start = -1
        self._made: Sequence[Made] | None = None

    def __getitem__(self, at: int) -> Made:
        if (start := at - at % self._size) != self._start:
            self._start = start
            try:
                self._made = self._many(self._items[start : start + self._size])
            except Exception:  # which of them it was shows when each is asked for
                self._made = None
        return self._many([self._items[at]])[0] if self._made is None else self._made[at - start]
