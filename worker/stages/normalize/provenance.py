"""Who first published the text of a page: the printed signs of syndication, taken out of the body, and the links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from worker.models import OriginalPublisher
from worker.stages.normalize import syndication
from worker.stages.normalize.identity import registrable_domain
from worker.stages.normalize.syndication import Claim

EDGE = 3  # paragraphs at either end in which a source line is looked for
MAX_WORDS = 30  # of a source line


class Provenance(NamedTuple):
    text: tuple[str, ...]  # the paragraphs, without dateline and source line
    dateline: str | None = None
    source_line: str | None = None
    original_publisher: OriginalPublisher | None = None


def read_provenance(
    text: Sequence[str], *, authors: Iterable[str], credit: str | None, source_url: str | None, domain: str | None
) -> Provenance:
    """What the paragraphs, the authors, the picture's credit and the link to the source say; `domain` is the copy's."""
    opening = syndication.split_dateline(text[0]) if text else None
    claims = [Claim(opening.agency, "dateline")] if opening and opening.agency else []
    found = [(at, claim) for at in _edges(text) if (claim := _source(text[at]))]
    claims += [claim for _, claim in found]
    claims += [Claim(house, "byline") for name in authors if (house := syndication.find_organisation(name))]
    if credit and (claim := syndication.read_courtesy(credit, inside="caption_courtesy")):
        claims.append(claim)
    if source_domain := registrable_domain(source_url):
        claims.append(Claim(syndication.organisation_at(source_domain), "source_link"))
    lines = {at for at, _ in found}
    paragraphs = [opening.rest if opening and at == 0 else line for at, line in enumerate(text) if at not in lines]
    return Provenance(
        tuple(paragraphs),
        opening.printed if opening else None,
        text[found[0][0]] if found else None,
        syndication.original_publisher(
            claim for claim in claims if domain is None or claim.organisation.domain != domain
        ),
    )


def _edges(text: Sequence[str]) -> Iterator[int]:
    for at, paragraph in enumerate(text):
        if (at < EDGE or at >= len(text) - EDGE) and len(paragraph.split()) <= MAX_WORDS:
            yield at


def _source(line: str) -> Claim | None:
    return syndication.read_courtesy(line) or syndication.read_agency_line(line)
