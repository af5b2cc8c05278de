"""Whether there is room for more: the queues below high water, the spool's disk and the server not full."""

from __future__ import annotations

import time

from worker.settings import Settings
from worker.state.backlog import Backlog
from worker.state.spool import Spool

LOOK_EVERY_S = 0.5  # seconds between looks while there is room; sooner when what was sent since may have filled it
FULL_SERVER = 0.9  # share of Redis' memory


class Room:
    """Looks at the queues, the disk and the server. `messages` is the backlog at the last look."""

    def __init__(self, settings: Settings, backlog: Backlog, spool: Spool) -> None:
        self._limits = settings.producer
        self._batch_items = settings.pipeline.batch_items
        self._backlog = backlog
        self._spool = spool
        self._looked: float | None = None
        self._mark = self._limits.high_water  # in captures; the low water while it is full
        self._sent = 0  # messages since the last look
        self.messages: int | None = None

    def sent(self, messages: int) -> None:
        """Count messages that were published since the last look."""
        self._sent += messages

    def full(self) -> str:
        """Why there is no room, in words; empty when there is. Raises TransientError when Redis is away."""
        if self._looked is not None and self.messages is not None:
            guessed = (self.messages + self._sent) * self._batch_items
            if time.monotonic() - self._looked < LOOK_EVERY_S and guessed < self._mark:
                return ""
        size = self._backlog.size()
        self._looked, self._sent, self.messages = time.monotonic(), 0, size.messages
        free = self._spool.free_bytes()
        if size.messages * self._batch_items >= self._mark:
            self._mark = self._limits.low_water  # once full, there has to be real room
            return f"{size.messages:,} messages in the queues or at work"
        self._mark = self._limits.high_water
        if free is not None and free < self._limits.min_free_mb * 2**20:
            return f"the spool's disk has {free // 2**20} MiB left"
        if size.memory_share is not None and size.memory_share > FULL_SERVER:
            return f"Redis uses {size.memory_share:.0%} of its memory"
        return ""

    def close(self) -> None:
        self._backlog.close()
