"""What the recognisers took of a capture, and the fields they filled."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker.models import LeadImage
from worker.stages.normalize.metadata.date_text import Moment
from worker.stages.normalize.syndication import Claim

TOP = 15  # lines that are looked at for a headline even when they read like body
BODY_WORDS = 12  # words of a line that may open the body


@dataclass(slots=True)
class Findings:
    """What the recognisers took, by line, and the fields they filled."""

    roles: list[str | None]
    whys: list[str]
    headline: str | None = None
    alt_headlines: list[str] = field(default_factory=list)
    breadcrumbs: tuple[str, ...] = ()
    byline: str | None = None
    authors: tuple[str, ...] = ()
    source_line: str | None = None
    source_url: str | None = None
    caption: str | None = None
    credit: str | None = None
    claims: list[Claim] = field(default_factory=list)
    published: Moment | None = None
    modified: Moment | None = None
    end: int = 0  # lines from here on are behind the article
    body_start: int = 0  # the first line that reads like body

    def take(self, line: int, role: str, why: str) -> None:
        """Give a free line its role."""
        if self.roles[line] is None:
            self.roles[line] = role
            self.whys[line] = why

    @property
    def lead_image(self) -> LeadImage | None:
        if self.caption is None and self.credit is None:
            return None
        return LeadImage(caption=self.caption, credit=self.credit)
