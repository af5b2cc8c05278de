"""The errors of the house. What is normal is a value (`Drop`); what is broken is raised."""

from __future__ import annotations


class CopydeskError(Exception):
    """Anything copydesk itself says went wrong; the text says what to do."""


class ConfigError(CopydeskError):
    """A file of `config/` or a setting is wrong; nothing was started."""


class TransientError(CopydeskError):
    """It may pass: try again later. Only `tasks.py` turns this into a retry."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentError(CopydeskError):
    """It will not pass: to quarantine at once."""


class BadCapture(PermanentError):
    """The capture cannot be read: broken container, missing bytes, wrong digest."""


class SinkRejected(PermanentError):
    """The downstream store refuses this delivery whatever happens."""
