"""The whole way in one process: for `try`, tests, and the warming of a worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, cast

from worker.errors import reason_of
from worker.models import (
    BodyRef,
    BrokenRecord,
    Capture,
    CleanArticle,
    Delivery,
    Drop,
    JudgedArticle,
    Origin,
    RawCapture,
    RouteVerdict,
)
from worker.pipeline.models import Models
from worker.pipeline.outcomes import FINAL_COPIES, deliveries_of
from worker.pipeline.pipeline import Pipeline
from worker.settings import Settings

WARMING_TEXT = b"""Ministers meet in Kenya over harvest

Ministers of five countries met in Nairobi, Kenya, on Tuesday to speak about the harvest and the price of bread.

The talks between governments will go on after the elections, a spokesman told reporters in the capital on Monday.
"""


def warm(models: Models, settings: Settings) -> None:
    """Use every model once, so that what they make on first use is made before the fork and shared after it.

    The names and terms of all languages are made ready as well: 0.3 s of processor time, which no child spends again.
    """
    models.gazetteer.warm(rules=settings.regions)
    models.topics.warm()
    raw = RawCapture(body=WARMING_TEXT, media_type="text/plain", origin=Origin(location="warm"))
    for _ in whole_way(Pipeline.in_memory(settings, models), [raw]):
        pass


class Result(NamedTuple):
    """What became of one capture, with everything that was decided on the way."""

    outcome: Literal["article", "dropped", "quarantined"]
    reason: str  # a drop's or a failure's; empty for an article
    detail: str  # one sentence for a person
    origin: Origin
    capture: Capture | None = None  # null when not even a capture could be made
    clean: CleanArticle | None = None
    verdict: RouteVerdict | None = None
    deliveries: tuple[Delivery, ...] = ()
    body: bytes = b""


def whole_way(
    pipeline: Pipeline, records: Iterable[RawCapture | BrokenRecord], *, at_most: int = 32
) -> Iterator[Result]:
    """What becomes of each record, in order, streaming; nothing is delivered.

    The same steps as in the workers, with two differences that `try` wants: an article is settled as soon as it
    is judged, and re-captures and exact copies are classified too, so that one sees. Chunks grow from one record
    to `at_most`: the first answer comes at once, the many go at the pace of whole batches.
    """
    chunk: list[RawCapture | BrokenRecord] = []
    size = 1
    for record in records:
        chunk.append(record)
        if len(chunk) >= size:
            yield from _chunk_results(pipeline, chunk)
            chunk, size = [], min(size * 2, at_most)
    yield from _chunk_results(pipeline, chunk)


def _chunk_results(pipeline: Pipeline, records: Sequence[RawCapture | BrokenRecord]) -> list[Result]:
    results: dict[int, Result] = {}
    captures: dict[int, Capture] = {}
    judged: dict[int, JudgedArticle] = {}
    for place, record in enumerate(records):
        if isinstance(record, BrokenRecord):
            results[place] = Result("quarantined", record.reason, record.detail, record.origin)
            continue
        digest = hashlib.sha256(record.body).hexdigest()
        capture = Capture.of(record, BodyRef(digest=digest, size=len(record.body)))
        results[place] = Result("quarantined", "", "", record.origin, capture, body=record.body)
        captures[place] = capture
    makers = pipeline.makers_of([(capture, results[place].body) for place, capture in captures.items()])
    for place, make in zip(captures, makers, strict=True):
        try:
            made = make()
            if isinstance(made, Drop):
                results[place] = results[place]._replace(outcome="dropped", reason=made.reason, detail=made.detail)
            else:
                judged[place] = pipeline.judge_alone(made)
        except Exception as exc:
            reason, detail = reason_of(exc)
            results[place] = results[place]._replace(reason=reason, detail=detail)
    step = pipeline.classify(list(judged.values()))
    failed = {id(failure.item): failure.error for failure in step.failed}
    cleaned = iter(step.onward)
    for place, item in judged.items():
        if id(item) in failed:
            reason, detail = reason_of(failed[id(item)])
            results[place] = results[place]._replace(reason=reason, detail=detail)
            continue
        clean = cast(CleanArticle, next(cleaned))
        verdict = pipeline.routes_of(clean)
        ref = cast(Capture, results[place].capture).body
        sent = (
            () if clean.duplicate.kind in FINAL_COPIES else deliveries_of(clean, clean.content_digest(), verdict, ref)
        )
        results[place] = results[place]._replace(outcome="article", clean=clean, verdict=verdict, deliveries=sent)
    return [results[place] for place in sorted(results)]
