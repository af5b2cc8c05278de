"""One article that breaks a stage does not take its batch with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from worker.models import Article, Capture, Origin, RawCapture
from worker.pipeline import Pipeline
from worker.pipeline import pipeline as module
from worker.settings import load

STORY = (
    "The council of {town} approved a budget of {number} million for the repair of its harbour on Monday, after a long debate "
    "about who should pay.\n\nFishermen had asked for the work since a storm broke the northern pier {number} months ago, and "
    "boats from {town} have landed their catch at other ports since then, their association said in a letter to the mayor.\n"
)


def articles(pipeline: Pipeline) -> Sequence[Article]:
    origin = Origin(location="test")
    told = enumerate(("Arica", "Iquique", "Mollendo", "Ilo"), start=3)
    bodies = [STORY.format(town=town, number=number).encode() for number, town in told]
    raws = [RawCapture(source="test", body=body, media_type="text/plain", origin=origin) for body in bodies]
    refs = pipeline.spool.put_many([raw.body for raw in raws])
    captures = [Capture.of(raw, ref) for raw, ref in zip(raws, refs, strict=True)]
    pipeline.ledger.accept(captures)
    made: Sequence[Any] = pipeline.normalize(captures).onward
    return made


def breaking_on(word: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def broken(given: Sequence[Article], *others: Any) -> Any:
        if any(word in " ".join(article.text) for article in given):
            raise RuntimeError("cannot be worked on")
        return work(given, *others)

    return broken


@pytest.mark.parametrize(("stage", "work"), [("deduplicate", "fingerprints"), ("classify", "regions_of")])
def test_an_article_that_breaks_the_work_on_many_fails_alone(
    stage: Any, work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline.in_memory(load())
    given: Sequence[Any] = articles(pipeline)
    if stage == "classify":
        given = pipeline.deduplicate(given).onward
    monkeypatch.setattr(module, work, breaking_on("Iquique", getattr(module, work)))

    step = pipeline.step(stage, given)

    assert len(given) == 4
    onward: Sequence[Any] = step.onward
    assert [item.article.capture for item in onward] == [capture_of(given[at]) for at in (0, 2, 3)]
    (failure,) = step.failed
    assert failure.item == given[1]
    assert "cannot be worked on" in str(failure.error)


def capture_of(item: Any) -> Capture:
    capture: Capture = getattr(item, "article", item).capture
    return capture
