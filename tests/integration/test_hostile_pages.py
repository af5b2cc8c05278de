"""Pages made to hurt. Each ends within 2 s of CPU and 300 MB over the baseline, as an article or a drop.

One child process normalizes them all under a limit of its address space, so that a page that takes too much is
killed instead of the machine. Run by itself, this file is that child.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from worker import artefacts
from worker.models import Article, BodyRef, Capture, DropReason, Origin, RawCapture
from worker.rules import NormalizeRules
from worker.stages.normalize import load_models, normalize
from worker.stages.normalize.guards import MAX_TAGS

CPU_S = 2.0
MEMORY = 300 * 1024 * 1024  # bytes over the baseline
TEXT = "<p>The harbour authority opened the new quay on Monday after three years of work. It cost less than planned."


class Page(NamedTuple):
    body: bytes
    reason: str | None = None  # of the drop; None: any end will do
    media_type: str = "text/html"
    cpu_s: float = CPU_S


def html(text: str) -> bytes:
    return ("<html><head><title>A new quay</title></head><body>" + text).encode()


def many(what: str, tags: int) -> bytes:
    """As many of `what`, of so many tags, as a page may have."""
    return html(TEXT * 3 + what * ((MAX_TAGS - 20) // tags))


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
PAGES = {
    "50,000 nested elements": Page(html("<div>" * 50_000), "too_deep", cpu_s=0.5),
    "50,000 nested, closed": Page(html("<span>" * 50_000 + "x" + "</span>" * 50_000), "too_deep", cpu_s=0.5),
    "50,000 attributes": Page(html("<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">"), "too_many_attributes"),
    "a text node of 20 MB": Page(html("word " * 4_000_000), "too_large", cpu_s=0.5),
    "a text node of 7 MB": Page(html("word " * 1_400_000), "too_large", cpu_s=0.5),
    "8 MB of paragraphs": Page(html(TEXT * 70_000)[: 8 * 1024 * 1024], "too_large"),
    "a PNG image": Page(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400, "unsupported_type", cpu_s=0.1),
    "a gzip bomb": Page(b"\x1f\x8b\x08\x00" + zlib.compress(bytes(50_000_000)), "unsupported_type", cpu_s=0.1),
    "nothing": Page(b"  \n\t ", "empty", cpu_s=0.1),
    "NULs": Page(bytes(100_000), "empty|unsupported_type|undecodable"),
    "text among NULs": Page(html((TEXT * 3).replace("quay", "quay\0"))),
    "invalid UTF-8": Page(html(TEXT * 20) + b"\xff\xfe\xc3(\xa0\xa1" * 1000),
    "an entity bomb": Page(
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "ha">{ENTITIES}]><html><body>{TEXT * 3}<p>&e11;'.encode()
    ),
    "numeric entities": Page(html(TEXT * 3 + "<p>" + "&#65;" * 300_000)),
    "deep JSON-LD": Page(html('<script type="application/ld+json">' + "[" * 500_000 + "</script>" + TEXT * 3)),
    "deep JSON-LD objects": Page(
        html('<script type="application/ld+json">' + '{"@type":"Article","a":' * 90_000 + "</script>" + TEXT * 3)
    ),
    "a long author": Page(
        html(f'<script type="application/ld+json">{{"@type":"Article","headline":"A","author":"{"Ana and " * 100_000}"}}'
             f"</script>{TEXT * 3}")
    ),
    "a wide table": Page(many("<td>7", 1)),
    "long table of rows": Page(many("<tr><td>Ana<td>Ruiz", 3)),
    "unclosed paragraphs": Page(many("<p>Some words are here.", 1)),
    "inline elements": Page(many("<i>x</i> ", 2)),
    "headings": Page(many("<h1>A new quay</h1>", 2)),
    "times": Page(many("<time>5 March 2022</time>", 2)),
    "times in boxes": Page(many("<p><time>5 March 2022</time> is a day", 2)),
    "times and long texts": Page(
        html(TEXT * 3 + "<p><b><time>Updated on 5 March 2022</time></b></p>" * 400 + "<p>" + "a day " * 300_000)
    ),
    "days to tell apart": Page(many("<p>Published 5 March 2022 NewsMay 5, 2021", 1)),
    "teams": Page(html("<h1>A new quay</h1>" + "<p>By The Quay Team on 5 May" * 15 + TEXT * 3 + "<p>By us all" * 20_000)),
    "authors": Page(many('<a rel="author" class="byline">Ana Ruiz</a>', 2)),
    "bylines": Page(many("<p>By Ana Ruiz, 5 March 2022", 1)),
    "captions": Page(many("<figcaption>The quay. Photo: Ana Ruiz/EPA</figcaption>", 2)),
    "links": Page(many('<li><a href="/x">Read more about the quay</a>', 3)),
    "comments of markup": Page(html("<!--" + "<div>" * 500_000 + "-->" + TEXT * 3)),
    "a comment without end": Page(html(TEXT * 3 + "<!-- " + "<p>x" * 20_000)),
    "open angle brackets": Page(html(TEXT * 3 + "<" * 20_000)),
    "quotes without end": Page(html(TEXT * 3 + '<a href="' * 20_000)),
    "quotes too many": Page(many('<a href="x"">a</a> ', 2)),
    "names of quotes": Page(html(TEXT * 3 + "<p " + 'a"b' * 100_000 + ">" + "<p>A quay" * 1000)),
    "a data URI": Page(html(f'<img src="data:image/png;base64,{"A" * 5_000_000}">' + TEXT * 3)),
    "a script of 5 MB": Page(html("<script>" + "var a = '<p>'; " * 350_000 + "</script>" + TEXT * 3)),
    "wrong media type": Page(b"%PDF-1.7 " + b"x" * 10_000, "unsupported_type", cpu_s=0.1),
    "one word of 2 MB": Page(html(TEXT * 3 + "<p>" + "x" * 2_000_000)),
}  # fmt: skip


def child() -> None:
    models, rules, now = load_models(artefacts.read), NormalizeRules(), datetime(2026, 1, 1, tzinfo=UTC)

    def run(page: Page) -> str:
        raw = RawCapture(url=None, media_type=page.media_type, body=page.body, origin=Origin(location="-"))
        ref = BodyRef(digest=hashlib.sha256(page.body).hexdigest(), size=len(page.body))
        made = normalize(Capture.of(raw, ref), page.body, rules, models, now)
        if isinstance(made, Article):
            return "article" if sum(map(len, made.text)) <= len(page.body) else "swollen"
        return made.reason

    run(Page(html(TEXT * 3)))  # what is loaded once is no cost of a page
    baseline = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (baseline + MEMORY, baseline + MEMORY))
    for name, page in PAGES.items():
        begun = time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (int(begun + 5 * CPU_S) + 1, resource.RLIM_INFINITY))
        try:
            end = run(page)
        except MemoryError:
            end = "out of memory"
        print(json.dumps([name, end, time.process_time() - begun]), flush=True)


@pytest.fixture(scope="module")
def ends() -> dict[str, tuple[str, float]]:
    """How each page ended, and the seconds of CPU it took."""
    done = subprocess.run([sys.executable, __file__], stdout=subprocess.PIPE, timeout=300, check=False)
    return {name: (end, cpu_s) for name, end, cpu_s in map(json.loads, done.stdout.splitlines())}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and limits the address space")
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_ends_soon_and_small(name: str, ends: dict[str, tuple[str, float]]) -> None:
    page = PAGES[name]

    assert name in ends, "the process died of it, or of a page before it"
    end, cpu_s = ends[name]
    assert end in (page.reason.split("|") if page.reason else ("article", *get_args(DropReason)))
    assert cpu_s < page.cpu_s


if __name__ == "__main__":
    child()
