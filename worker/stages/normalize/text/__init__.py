"""Plain text, as in WET records or copied pages: a capture's lines in, headline, paragraphs and fields out.

Structure is recognised by rules first; the line model judges only what is left. Every line gets a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple

from worker.models import LeadImage, OriginalPublisher
from worker.stages.normalize import syndication
from worker.stages.normalize.explain import Blocks, BlockVerdict, no_blocks
from worker.stages.normalize.furniture import Signs, scan
from worker.stages.normalize.lines import Passage, read_many
from worker.stages.normalize.metadata.date_text import Moment
from worker.stages.normalize.syndication import Claim
from worker.stages.normalize.text.findings import Findings
from worker.stages.normalize.text.model import Judgement, LineModel
from worker.stages.normalize.text.recognise import LATEST, recognise
from worker.stages.normalize.text.wrapped import unwrap

__all__ = ["JudgedText", "LineModel", "TextBody", "judge_texts", "normalize_text", "write_body"]


SENTENCE = 0.1  # probability from which a sentence right behind body is body too
UNSTOPPED = re.compile("[\u0e00-\u0eff]\\W*$")  # Thai and Lao end no sentence with a sign, of which the model asks much
UNSTOPPED_WORDS = 12  # of two signs each; menus and headlines have fewer


@dataclass(frozen=True, slots=True)
class TextBody:
    """What a plain-text capture says, field by field."""

    headline: str | None = None
    alt_headlines: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    section: str | None = None
    byline: str | None = None
    dateline: str | None = None
    source_line: str | None = None
    source_url: str | None = None  # where the text says it was first published
    lead_image: LeadImage | None = None
    original_publisher: OriginalPublisher | None = None
    is_excerpt: bool = False
    authors: tuple[str, ...] = ()
    description: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
    confidence: float = 0.0  # mean certainty of the kept lines, 0 to 1
    whole: tuple[str, ...] = ()  # every line that holds something
    verdicts: Blocks = field(default=no_blocks, compare=False)


class JudgedText(NamedTuple):
    """The lines of a text, what their words say, and what the line model thinks of them."""

    lines: Passage
    signs: Signs
    judged: Judgement


def judge_texts(texts: Sequence[str], model: LineModel) -> list[JudgedText | None]:
    """Each text judged; None where it holds nothing.

    Thirty-two texts of 3 kB at once take a third of the time that they take one by one: numpy's calls cost more
    than their work on twenty lines.
    """
    read: list[JudgedText | None] = [None] * len(texts)
    lines = read_many([unwrap(text) for text in texts])
    if lines.text:
        signs = scan(lines)
        judged = model.judge(lines, signs)
        parts = zip(lines.split(), signs.split(lines.bounds), judged.split(lines.bounds), strict=True)
        for capture, part in zip(lines.captures, parts, strict=True):
            read[capture] = JudgedText(*part)
    return read


def normalize_text(text: str, *, title: str | None, model: LineModel, now: datetime = LATEST) -> TextBody:
    """The article a flattened page or a copied excerpt holds; no paragraphs when there is none."""
    return write_body(judge_texts([text], model)[0], title, now)


def write_body(text: JudgedText | None, title: str | None, now: datetime) -> TextBody:
    """The article of a text that was judged: the rules' fields, and the lines that are body."""
    if text is None:
        return TextBody(headline=title)
    lines, signs, judged = text
    found = recognise(lines, signs, judged, title, now)
    paragraphs: list[str] = []
    dateline: str | None = None
    claims = found.claims
    scores = judged.body.tolist()
    kept: list[int] = []
    previous = False  # the last line that no recogniser took is body
    for i, (line, role) in enumerate(zip(lines.text, found.roles, strict=True)):
        score = scores[i]
        may_be_body = role is None and i < found.end and score >= SENTENCE
        if may_be_body and (
            score >= judged.keep or (previous and _goes_on(lines, signs, i)) or _is_unstopped(lines, signs, i)
        ):
            previous = True
            opening = None if paragraphs else syndication.split_dateline(line)
            if opening:
                dateline = opening.printed
                if opening.agency:
                    claims.append(Claim(opening.agency, "dateline"))
            paragraphs.append(opening.rest if opening else line)
            kept.append(i)
        elif role is None:
            previous = False
    last = kept[-1] if kept else 0
    is_excerpt = "read_on" in found.roles[last + 1 :]
    return TextBody(
        headline=found.headline,
        alt_headlines=tuple(found.alt_headlines),
        paragraphs=tuple(paragraphs),
        breadcrumbs=found.breadcrumbs,
        section=found.breadcrumbs[-1] if found.breadcrumbs else None,
        byline=found.byline,
        dateline=dateline,
        source_line=found.source_line,
        source_url=found.source_url,
        lead_image=found.lead_image,
        original_publisher=syndication.original_publisher(claims),
        is_excerpt=is_excerpt,
        authors=found.authors,
        published=found.published,
        modified=found.modified,
        confidence=1.0 if paragraphs else 0.0,
        whole=tuple(lines.text),
        verdicts=partial(_verdicts, lines, found, frozenset(kept), scores, judged.keep),
    )


def _verdicts(
    lines: Passage, found: Findings, kept: frozenset[int], scores: list[float], keep: float
) -> tuple[BlockVerdict, ...]:
    """What became of each line, and why; the score where the line model was asked."""
    verdicts: list[BlockVerdict] = []
    for i, (line, role, score) in enumerate(zip(lines.text, found.roles, scores, strict=True)):
        if role is not None:
            verdicts.append(BlockVerdict(line, False, found.whys[i], role, None))
        elif i in kept:
            why = (
                "line model"
                if score >= keep
                else "a sentence that goes on from the body, or of a script that closes none"
            )
            verdicts.append(BlockVerdict(line, True, why, "body", score))
        else:
            why = "behind the article's end" if i >= found.end else "line model"
            verdicts.append(BlockVerdict(line, False, why, "rejected", score))
    return tuple(verdicts)


def _is_unstopped(lines: Passage, signs: Signs, i: int) -> bool:
    """Whether a long line is of a script that closes no sentence with a sign."""
    return bool(
        not lines.ends[i]
        and lines.words[i] >= UNSTOPPED_WORDS
        and signs.covered[i] < 0.2
        and UNSTOPPED.search(lines.text[i][-8:])
    )


def _goes_on(lines: Passage, signs: Signs, i: int) -> bool:
    """Whether a line is a plain sentence: closed, six words or more, no furniture in it."""
    return bool(lines.ends[i] and lines.words[i] >= 6 and signs.covered[i] < 0.2)
