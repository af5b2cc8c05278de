"""A capture and its bytes → a clean Article, or a Drop with the reason. Pure: no clock, network or files.

bytes ─ guards ─ decode ─┬─ page ─┬─ language ─ identity ─ Article
                         └─ text ─┘
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from worker.models import Article, Capture, Drop
from worker.rules import NormalizeRules
from worker.stages.artefact import Artefact
from worker.stages.normalize.blocks import BodyModel
from worker.stages.normalize.draft import Draft, finish
from worker.stages.normalize.explain import BlockVerdict, Explanation
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.html import read_page
from worker.stages.normalize.opening import Opened, open_body
from worker.stages.normalize.plain import read_plain
from worker.stages.normalize.sheaf import Sheaf, sheaves
from worker.stages.normalize.text import JudgedText, LineModel, judge_texts

__all__ = ["BlockVerdict", "Explanation", "Models", "explain", "load_models", "normalize", "normalize_many"]


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
    return _outcome(capture, _read(capture, open_body(capture, body, rules), rules, models, now))


def normalize_many(
    items: Sequence[tuple[Capture, bytes]], rules: NormalizeRules, models: Models, now: datetime
) -> list[Callable[[], Article | Drop]]:
    """For each capture what does as `normalize` does: gives the outcome, or raises what stands against this one alone.

    The lines of text captures are judged together, when the first of them is asked for.
    """

    def outcome_of(capture: Capture, sheaf: Sheaf, at: int) -> Article | Drop:
        opened, text = sheaf[at]
        return _outcome(capture, _read(capture, opened, rules, models, now, text))

    return [
        partial(outcome_of, capture, sheaf, at)
        for sheaf in sheaves(items, rules, models.lines)
        for at, (capture, _) in enumerate(sheaf.items)
    ]


def explain(capture: Capture, body: bytes, rules: NormalizeRules, models: Models, now: datetime) -> Explanation:
    """What `normalize` returns, and what became of each block or line on the way."""
    draft = _read(capture, open_body(capture, body, rules), rules, models, now)
    return Explanation(_outcome(capture, draft), draft.blocks())


def _read(
    capture: Capture,
    opened: Opened | Refusal,
    rules: NormalizeRules,
    models: Models,
    now: datetime,
    text: JudgedText | None = None,
) -> Draft | Refusal:
    if isinstance(opened, Refusal):
        return opened
    if opened.is_page:
        return read_page(capture, opened.decoded, rules, models.body, now)
    text = text or judge_texts([opened.decoded.text], models.lines)[0]
    return read_plain(capture, opened.decoded, text, rules, models.lines.version, now)


def _outcome(capture: Capture, draft: Draft | Refusal) -> Article | Drop:
    if isinstance(draft, Refusal):
        return Drop(capture=capture, reason=draft.reason, detail=draft.detail)
    return finish(capture, draft)
