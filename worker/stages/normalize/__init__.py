"""A capture and its bytes → a clean Article, or a Drop with the reason. Pure: no clock, network or files.

bytes ─ guards ─ decode ─┬─ page ─┬─ language ─ identity ─ Article
                         └─ text ─┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from worker.models import Article, Capture, Drop
from worker.rules import NormalizeRules
from worker.stages.artefact import Artefact
from worker.stages.normalize import guards, kinds
from worker.stages.normalize.blocks import BodyModel
from worker.stages.normalize.decode import decode
from worker.stages.normalize.draft import Draft, finish
from worker.stages.normalize.explain import BlockVerdict, Explanation
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.html import read_page
from worker.stages.normalize.plain import read_plain
from worker.stages.normalize.text import LineModel

__all__ = ["BlockVerdict", "Explanation", "Models", "explain", "load_models", "normalize"]


@dataclass(frozen=True)
class Models:
    """What the stage has learned. Load it once, in the parent process, before the fork."""

    lines: LineModel
    body: BodyModel


def load_models(read: Callable[[str], Artefact]) -> Models:
    """The models of the stage, from the artefacts that `read` finds by name."""
    lines, body = read("lines"), read("body")
    return Models(
        lines=LineModel.from_arrays(lines.arrays, lines.meta, lines.version),
        body=BodyModel(body.arrays, body.meta, body.version),
    )


def normalize(capture: Capture, body: bytes, rules: NormalizeRules, models: Models, now: datetime) -> Article | Drop:
    """The article in `body`, or the reason why there is none."""
    return _outcome(capture, _read(capture, body, rules, models, now))


def explain(capture: Capture, body: bytes, rules: NormalizeRules, models: Models, now: datetime) -> Explanation:
    """What `normalize` returns, and what became of each block or line on the way."""
    draft = _read(capture, body, rules, models, now)
    return Explanation(_outcome(capture, draft), draft.blocks())


def _outcome(capture: Capture, draft: Draft | Refusal) -> Article | Drop:
    if isinstance(draft, Refusal):
        return Drop(capture=capture, reason=draft.reason, detail=draft.detail)
    return finish(capture, draft)


def _read(capture: Capture, body: bytes, rules: NormalizeRules, models: Models, now: datetime) -> Draft | Refusal:
    if refusal := guards.check_bytes(body, rules) or kinds.refuse_type(capture.media_type):
        return refusal
    decoded = decode(guards.without_data_uris(body), capture.charset)
    if decoded is None:
        return Refusal("undecodable", "no charset makes text of these bytes")
    if refusal := kinds.refuse_feed(decoded.text, capture.media_type):
        return refusal
    if not kinds.is_html(decoded.text, capture.media_type):
        return read_plain(capture, decoded, rules, models.lines, now)
    if refusal := guards.check_markup(decoded.text, rules):
        return refusal
    return read_page(capture, decoded, rules, models.body, now)
