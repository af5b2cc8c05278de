"""What the owner no longer wants kept is forgotten, each kind after its own days.

The story index is not here: its tables expire by themselves, `deduplicate.window_days` after they were begun.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from worker.settings import Keep
from worker.state.ledger import Ledger
from worker.state.quarantine import Quarantine
from worker.state.spool import DAY_S, Spool
from worker.state.told import Told


class Expired(NamedTuple):
    """How many went."""

    bodies: int  # files of a spool folder; none where the spool's store expires by itself
    captures: int
    quarantined: int
    references: int  # what feeds told of pages


def expired(keep: Keep, *, spool: Spool, ledger: Ledger, quarantine: Quarantine, told: Told) -> Expired:
    """Forget what is older than its days. Raises TransientError when a part is away."""
    now = datetime.now(UTC)
    return Expired(
        bodies=spool.expire(keep.spool_days * DAY_S),
        captures=ledger.expire(now - timedelta(days=keep.ledger_days)),
        quarantined=quarantine.expire(now - timedelta(days=keep.quarantine_days)),
        references=told.expire(keep.ledger_days * DAY_S),
    )
