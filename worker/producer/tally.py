"""What a run of a producer took in."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.intake import Unreadable, place
from worker.models import BrokenRecord, RawCapture


@dataclass
class Tally:
    """What a run took in, for a progress bar and a summary."""

    read: int = 0
    accepted: int = 0
    repeats: int = 0
    broken: int = 0
    unreadable: int = 0
    remarks: int = 0
    references: int = 0  # addresses in feeds and sitemaps without a page in this run
    resumed: int = 0  # locations that an earlier run finished or began
    bytes: int = 0  # of the bodies
    position: int = 0  # bytes of the locations, as they lie there, that were read or passed over
    messages: int = 0
    backlog: int | None = None  # messages, at the last look
    paused: str = ""  # why the producer waits; empty: it does not
    problems: list[str] = field(default_factory=list)  # the first ones, a line each, for people

    @property
    def clean(self) -> bool:
        return not self.broken and not self.unreadable

    def note(self, line: str) -> None:
        if len(self.problems) < 20:
            self.problems.append(line)

    def see(self, record: RawCapture | BrokenRecord | Unreadable) -> bool:
        """Count what a source gave; True when it is a record, well or broken."""
        if isinstance(record, Unreadable):
            self.unreadable += 1
            self.note(f"{record.location}: {record.detail}")
            return False
        if isinstance(record, BrokenRecord) and not record.lost:
            self.remarks += 1
            self.note(f"{place(record.origin)}: remark: {record.detail}")
            return False
        self.read += 1
        self.bytes += len(record.body)
        if isinstance(record, BrokenRecord):
            self.broken += 1
            self.note(f"{place(record.origin)}: {record.detail}")
        return True
