"""What must hold for every page, however broken."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import UTC, datetime
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from worker import artefacts
from worker.models import Article, BodyRef, Capture, Drop, Origin, RawCapture
from worker.rules import NormalizeRules
from worker.stages.normalize import Explanation, Models, explain, load_models

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "https://www.example.com/news/quay"
SENTENCES = (
    "The harbour authority opened the new quay on Monday after three years of work.",
    "Ingenieure hatten vor drei Jahren Risse in der alten Mauer gefunden.",
    "La alcaldesa aseguró que el trabajo costó menos de lo previsto.",
    "Второй причал собираются построить в следующем году.",
    "港湾局は13日、東港の新しい岸壁の使用を始めた。",
    "Photo: Ana Ruiz/EPA",
    "By Ana Ruiz and Tom Okafor",
    "Updated 5 March 2022, 10:40",
    "Read more",
    "a < b & c &amp; d \u00a0 \u200b \x00 \ufffd",
)
TAG = re.compile(r"<script\b.*?(?:</script\s*>|\Z)|</?[a-zA-Z!][^<>]*>", re.S | re.I)
TAGS = (
    "p",
    "div",
    "h1",
    "h2",
    "li",
    "ul",
    "td",
    "table",
    "a",
    "span",
    "time",
    "article",
    "nav",
    "figcaption",
    "script",
)
ATTRIBUTES = (
    "", ' class="author"', ' class="byline"', ' itemprop="author"', ' itemprop="datePublished"', ' rel="author"',
    ' href="/author/ana"', ' datetime="2022-03-05"', ' class="breadcrumb"', " hidden", ' class="', " =", ' style="display:none"',
)  # fmt: skip
META = (
    '<meta property="og:title" content="A new quay">', '<meta name="author" content="Ana Ruiz, Tom and">',
    '<meta name="date" content="99999999999999">', '<link rel="canonical" href="http://[">', "<title>A | B</title>",
    '<script type="application/ld+json">{"@type":"NewsArticle","author":[[{"name":{"name":["Ana"]}}]]}</script>',
    '<script type="application/ld+json">{"@type":["Article",1],"datePublished":{"@value":"2022"},"image":[[]]}</script>',
    '<script type="application/ld+json">{"@graph":[{"@id":"#a","@type":"Article","author":{"@id":"#a"}}]</script>',
)  # fmt: skip
text = st.one_of(st.sampled_from(SENTENCES), st.text(max_size=40))
opened = st.tuples(st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES)).map(lambda pair: f"<{pair[0]}{pair[1]}>")
closed = st.sampled_from(TAGS).map(lambda name: f"</{name}>")
pages = st.lists(st.one_of(text, opened, closed, st.sampled_from(META)), max_size=60).map("".join)


@cache
def models() -> Models:
    return load_models(artefacts.read)


def read(body: bytes) -> Explanation:
    raw = RawCapture(url=URL, media_type="text/html", body=body, origin=Origin(location="-"))
    ref = BodyRef(digest=hashlib.sha256(body).hexdigest(), size=len(body))
    return explain(Capture.of(raw, ref), body, NormalizeRules(), models(), NOW)


def bare(text: str) -> str:
    """Letters and digits only: white space, entities and marks are folded on the way."""
    return re.sub(r"[\W_]+", "", html.unescape(html.unescape(text)))


@settings(max_examples=60, deadline=None)
@given(pages)
def test_any_page_ends_as_an_article_or_a_drop(page: str) -> None:
    made = read(page.encode("utf-8", "replace")).outcome

    assert isinstance(made, Article | Drop)
    if isinstance(made, Article):
        assert "\0" not in made.model_dump_json().replace("\\u0000", "\0")
        assert made.published_source != "htmldate"


@settings(max_examples=60, deadline=None)
@given(pages)
def test_every_word_of_a_paragraph_stands_in_the_page(page: str) -> None:
    made = read(page.encode("utf-8", "replace")).outcome

    if isinstance(made, Article):
        whole = bare(TAG.sub("", page)) + bare(page)
        for paragraph in made.text:
            # Runs of letters and digits: broken markup may fall away between two, and join what stood apart.
            assert [run for run in re.findall(r"[^\W_]+", paragraph) if run not in whole] == []


@settings(max_examples=40, deadline=None)
@given(pages)
def test_the_same_page_gives_the_same_article(page: str) -> None:
    body = page.encode("utf-8", "replace")

    assert read(body) == read(body)


@settings(max_examples=40, deadline=None)
@given(pages)
def test_what_is_kept_is_the_text_of_the_article(page: str) -> None:
    explained = read(page.encode("utf-8", "replace"))

    if isinstance(explained.outcome, Article) and explained.outcome.extractor.path == "html.blocks":
        kept = [bare(block.text) for block in explained.blocks if block.kept]
        assert len(kept) == len(explained.outcome.text)
        for block, paragraph in zip(kept, explained.outcome.text, strict=True):
            assert block.endswith(bare(paragraph))  # a dateline may be cut off


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_end_as_an_article_or_a_drop(body: bytes) -> None:
    assert isinstance(read(b"<html><p>" + body).outcome, Article | Drop)
