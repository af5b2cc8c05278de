"""The errors of the house. What is normal is a value (`Drop`); what is broken is raised."""

from __future__ import annotations

import traceback


class CopydeskError(Exception):
    """Anything copydesk itself says went wrong; the text says what to do."""


class ConfigError(CopydeskError):
    """A file of `config/` or a setting is wrong; nothing was started."""


class TransientError(CopydeskError):
    """It may pass: try again later. Only `worker.tasks` turns this into a retry."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentError(CopydeskError):
    """It will not pass: to quarantine at once."""


class BadCapture(PermanentError):
    """The capture cannot be read: broken container, missing bytes, wrong digest."""


class SinkRejected(PermanentError):
    """The downstream store refuses this delivery whatever happens."""


def reason_of(error: Exception) -> tuple[str, str]:
    """A stable reason and one sentence for a person. Of an unknown error only its kind and place are told: its
    text may hold words of the article."""
    if isinstance(error, MemoryError):
        return "out_of_memory", "the item needed more memory than its process may use"
    if type(error).__name__ == "SoftTimeLimitExceeded":
        return "too_slow", "the item was still running when its batch's time was spent"
    if isinstance(error, BadCapture):
        return "bad_capture", str(error)
    if isinstance(error, SinkRejected):
        return "sink_rejected", str(error)
    if isinstance(error, PermanentError):
        return "refused", str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "an unknown place"
    return "crashed", f"{type(error).__name__} at {where}"
