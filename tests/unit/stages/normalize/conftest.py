"""Captures to normalize, made from what a test wants to say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.models import Article, BodyRef, Capture, Drop, Origin, capture_id_of
from worker.rules import NormalizeRules
from worker.stages.normalize import Explanation, Models, explain, load_models

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def models() -> Models:
    from worker.artefacts import read

    return load_models(read)


@pytest.fixture(scope="session")
def explained(models: Models) -> Callable[..., Explanation]:
    """Normalize a page or text, given as str or bytes; facts of the capture as keywords."""

    def run(body: str | bytes, *, rules: NormalizeRules | None = None, **facts: Any) -> Explanation:
        data = body.encode() if isinstance(body, str) else body
        digest = hashlib.sha256(data).hexdigest()
        capture = Capture(
            capture_id=capture_id_of("test", facts.get("url"), None, digest),
            body=BodyRef(digest=digest, size=len(data)),
            origin=Origin(location="-"),
            **({"media_type": "text/html", "url": "https://www.example.com/news/a-story"} | facts),
        )
        return explain(capture, data, rules or NormalizeRules(), models, NOW)

    return run


@pytest.fixture(scope="session")
def normalized(explained: Callable[..., Explanation]) -> Callable[..., Article | Drop]:
    return lambda body, **facts: explained(body, **facts).outcome


SENTENCES = (
    "The harbour authority opened the new quay on Monday after three years of work.",
    "Engineers had found cracks in the old wall, and ships of more than forty metres were sent elsewhere.",
    "Mayor Ana Ruiz said the work had cost less than planned, and that fishermen would pay no more for their berths.",
    "The first vessel to tie up was a ferry from the islands, with two hundred people on board.",
    "A second quay is to follow next year, if the council finds the money for it.",
)


@pytest.fixture(scope="session")
def sentences() -> tuple[str, ...]:
    return SENTENCES


@pytest.fixture(scope="session")
def page() -> Callable[..., str]:
    """A news page with furniture around the article. `head` goes into the head, `paragraphs` make the body."""

    def build(*, head: str = "", paragraphs: tuple[str, ...] = SENTENCES, before: str = "", after: str = "") -> str:
        body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
        return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>New quay opens after three years | Example Gazette</title>{head}</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/local">Local</a></li></ul></nav>
<main><article><h1>New quay opens after three years</h1>{before}
<div class="article-body">{body}</div>{after}</article></main>
<aside class="related"><h2>Related articles</h2><ul><li><a href="/b">Ferry fares rise again</a></li>
<li><a href="/c">Storm closes the coast road</a></li></ul></aside>
<footer><p>Copyright Example Gazette. All rights reserved. <a href="/terms">Terms of use</a></p></footer>
</body></html>"""

    return build
