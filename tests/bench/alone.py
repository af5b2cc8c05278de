"""Each stage alone in one process, on memory, with its floor beside it; and where its time goes."""

from __future__ import annotations

import cProfile
import gzip
import json
import os
import pstats
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from worker.models import BodyRef, Capture, Origin, RawCapture
from worker.pipeline import Models, Pipeline
from worker.settings import STAGES, Settings, load

BATCH = 64
PAGES = ("extraction/pages.jsonl.gz", "extraction/train_pages.jsonl.gz")


class Alone:
    """Each stage's own work, slice by slice: no files, no Redis, no SQLite."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self._pipeline = Pipeline.in_memory(settings, models)

    def take(self, raws: Sequence[RawCapture]) -> dict[str, Any]:
        """CPU in ms a capture of each stage, the story index in memory; `all` is their sum.

        `cpu_ms` is the CPU of this process (also what libraries' threads take).
        """
        pipeline, spent = self._pipeline, dict.fromkeys(STAGES, 0.0)
        for start in range(0, len(raws), BATCH):
            items: list[Any] = captures_of(pipeline, raws[start : start + BATCH])
            for stage in STAGES:
                began = time.process_time()
                if stage == "route":
                    for clean in items:
                        pipeline.routes_of(clean)
                else:
                    items = list(pipeline.step(stage, items).onward)
                spent[stage] += time.process_time() - began
        rows: dict[str, Any] = {name: each(seconds, len(raws)) for name, seconds in spent.items()}
        return rows | {"all": each(sum(spent.values()), len(raws))}

    def close(self) -> None:
        self._pipeline.close()


def captures_of(pipeline: Pipeline, raws: Sequence[RawCapture]) -> list[Any]:
    refs: list[BodyRef] = pipeline.spool.put_many([raw.body for raw in raws])
    return [Capture.of(raw, ref) for raw, ref in zip(raws, refs, strict=True)]


def floors(raws: Sequence[RawCapture], texts: Sequence[str]) -> dict[str, Any]:
    """The least that any program would do: decode, parse (pages), tokenise, copy; CPU in ms an article."""
    bodies = [raw.body for raw in raws]
    pages = [body for raw, body in zip(raws, bodies, strict=True) if raw.media_type == "text/html"]
    rows = {
        "decode": took(lambda: [body.decode("utf-8", "replace") for body in bodies], len(bodies)),
        "tokenise": took(lambda: [text.lower().split() for text in texts], len(texts)),
        "copy": took(lambda: [bytes(bytearray(body)) for body in bodies], len(bodies)),
    }
    if pages:
        rows["parse"] = took(lambda: [LexborHTMLParser(page).body for page in pages], len(pages))
    return rows


def took(work: Callable[[], object], count: int) -> dict[str, float]:
    began = time.process_time()
    work()
    return each(time.process_time() - began, count)


def each(seconds: float, count: int) -> dict[str, float]:
    return {"cpu_ms": seconds / count * 1000}


def texts_of(raws: Sequence[RawCapture], settings: Settings, models: Models) -> list[str]:
    """The texts of the articles, as the second stage gets them."""
    pipeline = Pipeline.in_memory(settings, models)
    return ["\n\n".join(article.text) for article in pipeline.normalize(captures_of(pipeline, raws)).onward]


def real_pages() -> list[RawCapture]:
    """The labelled pages, each once, where there are some (COPYDESK_DATA); never shipped."""
    pages: dict[str, RawCapture] = {}
    for name in PAGES:
        path = Path(os.environ.get("COPYDESK_DATA", ""), name)
        if not os.environ.get("COPYDESK_DATA") or not path.is_file():
            continue
        with gzip.open(path, "rt") as lines:
            for number, page in enumerate(map(json.loads, lines)):
                body = page["html"].encode("utf-8", "surrogatepass")
                url, origin = page["url"] or None, Origin(location=name, record=number)
                raw = RawCapture(body=body, media_type="text/html", url=url, source="pages", origin=origin)
                pages.setdefault(url or f"{name} {number}", raw)
    return list(pages.values())


def profiles(raws: Sequence[RawCapture], models: Models, top: int = 10) -> dict[str, list[dict[str, Any]]]:
    """For each stage the functions with the most time of their own, as shares of the stage's."""
    pipeline = Pipeline.in_memory(load("fused"), models)
    items: list[Any] = captures_of(pipeline, raws)
    told: dict[str, list[dict[str, Any]]] = {}
    for stage in STAGES[:3]:
        pipeline.step(stage, items)  # what is made on first use is no cost of an article
        fresh = Pipeline.in_memory(load("fused"), models) if stage == "deduplicate" else pipeline
        profile = cProfile.Profile()
        profile.enable()
        onward = fresh.step(stage, items).onward
        profile.disable()
        stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
        whole = sum(row[2] for row in stats.values())
        busiest = sorted(stats.items(), key=lambda entry: -entry[1][2])[:top]
        told[stage] = [
            {"function": _named(*key), "share": row[2] / whole, "calls_an_item": row[0] / len(items)}
            for key, row in busiest
        ]
        items = list(onward)
    return told


def _named(path: str, line: int, function: str) -> str:
    if path == "~":
        return function.strip("<>")
    parts = Path(path).parts
    at = next((i for i, part in enumerate(parts) if part in ("worker", "site-packages")), len(parts) - 2)
    if parts[at] == "site-packages":
        at += 1
    return f"{'/'.join(parts[at:])}: {function}"
