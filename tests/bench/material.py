"""Captures for measuring, made of our own sentences: every one another story, none with a meaning."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from worker.models import Origin, RawCapture

PLACES = """Caracas Venezuela|Nairobi Kenya|Lyon France|Osaka Japan|Recife Brazil|Gdansk Poland|Izmir Turkey|Hanoi Vietnam|
Perth Australia|Tunis Tunisia|Quito Ecuador|Bergen Norway|Accra Ghana|Pune India|Tbilisi Georgia|Leeds Britain|
Toronto Canada|Denver Colorado|Surabaya Indonesia|Porto Portugal""".replace("\n", "").split("|")
ACTORS = """the transport ministry|the election commission|harbour workers|the central bank|a parliamentary committee|
the health agency|researchers at the university|the football association|prosecutors|the weather service|
a farmers' union|the city council|rescue teams|the energy company|opposition leaders|the school board""".replace(
    "\n", ""
).split("|")
VERBS = """announced|rejected|postponed|approved|criticised|defended|published|withdrew|reviewed|questioned|confirmed|
suspended""".replace("\n", "").split("|")
THINGS = """a new budget for roads and bridges|plans to raise the price of water|an agreement on wages and night shifts|
the results of a long inquiry|rules for the use of fishing grounds|a vaccination campaign in the northern districts|
the timetable for the regional vote|a loan for the repair of the power grid|its forecast for the harvest|
charges against two former officials|the transfer of a young striker|a study of river sediments|
a curfew after three nights of unrest|the reopening of the border crossing|an order for forty electric buses""".replace(
    "\n", ""
).split("|")
ENDS = """after weeks of talks behind closed doors|despite warnings from its own advisers|while rain delayed the work again|
in a letter seen by several newspapers|at a hearing that lasted until midnight|as prices rose for the third month|
because too few replies had come in|before the summer recess begins|without naming a date for the next step|
under pressure from neighbouring districts""".replace("\n", "").split("|")
FURNITURE = ["Home › News › World", "Share this article", "Most read", "Sign up for our newsletter", "0 comments"]


def text_captures(count: int, *, seed: int = 1, chars: int = 3000) -> Iterator[RawCapture]:
    """`count` text captures of about `chars` characters, each another story."""
    rng = random.Random(seed)
    for number in range(count):
        headline, paragraphs, url, at = _story(rng, number, chars)
        lines = [FURNITURE[0], "", headline, "", *FURNITURE[4:], "", *(f"{p}\n" for p in paragraphs), *FURNITURE[1:4]]
        yield _capture("\n".join(lines), "text/plain", url, at)


def html_captures(count: int, *, seed: int = 2, chars: int = 4000) -> Iterator[RawCapture]:
    """`count` HTML pages with the usual chrome around about `chars` characters of text."""
    rng = random.Random(seed)
    for number in range(count):
        headline, paragraphs, url, at = _story(rng, number, chars)
        menu = "".join(f'<li class="nav-item"><a href="/s{i}">Section {i}</a></li>' for i in range(40))
        related = "".join(
            f'<div class="teaser card"><h3><a href="/r{i}">{_sentence(rng, "Oslo")[:70]}</a></h3><p>{_sentence(rng, "Oslo")[:90]}…</p></div>'
            for i in range(25)
        )
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        style = ".a{color:#fff}" * 400
        page = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{headline} - The Bench Times</title>'
            f'<link rel="canonical" href="{url}"><meta property="og:title" content="{headline}">'
            f'<meta property="article:published_time" content="{at.isoformat()}"><style>{style}</style></head><body>'
            f'<header><nav><ul class="menu">{menu}</ul></nav></header><main><article class="story"><h1>{headline}</h1>'
            f'<p class="byline">By Ada Bench</p>{body}</article><aside class="related">{related}</aside></main>'
            f'<footer class="footer"><p>About us · Contact · Terms of use · Privacy</p></footer></body></html>'
        )
        yield _capture(page, "text/html", url, at)


def _story(rng: random.Random, number: int, chars: int) -> tuple[str, list[str], str, datetime]:
    place, country = rng.choice(PLACES).split(" ", 1)
    elsewhere = rng.choice(PLACES).split(" ", 1)[0]  # a story names few places
    headline = f"{rng.choice(ACTORS).capitalize()} {rng.choice(VERBS)} {rng.choice(THINGS)} in {place}"
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < chars:
        sentences = [_sentence(rng, rng.choice((place, place, place, elsewhere))) for _ in range(rng.randint(2, 4))]
        if not paragraphs:
            sentences.insert(0, f"Officials in {place}, {country}, spoke of it on day {number}.")
        paragraphs.append(" ".join(sentences))
    url = f"https://bench-{number % 97}.example/news/{number}"
    return headline, paragraphs, url, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def _sentence(rng: random.Random, place: str) -> str:
    # Numbers keep the stories apart, as they do in real ones.
    return (
        f"{rng.choice(ACTORS).capitalize()} {rng.choice(VERBS)} {rng.choice(THINGS)} {rng.choice(ENDS)}, "
        f"{rng.choice(VERBS)} {rng.randint(2, 9999)} of {place}'s {rng.choice(THINGS)}."
    )


def _capture(body: str, media_type: str, url: str, at: datetime) -> RawCapture:
    return RawCapture(
        body=body.encode(),
        media_type=media_type,
        url=url,
        captured_at=at,
        source="bench",
        origin=Origin(location="bench"),
    )
