"""What a page says about its article: each value with its order of trust. Reads the tree, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urljoin

from worker.models import LeadImage, Organisation
from worker.stages.normalize.identity import canonical_of, clean_url, registrable_domain
from worker.stages.normalize.lines import letters
from worker.stages.normalize.metadata import dates, headline, people
from worker.stages.normalize.metadata.dates import Dated, infer_date
from worker.stages.normalize.metadata.facts import (
    Facts,
    Marked,
    collect,
    fold,
    strings,
    types_of,
    visible_text,
)
from worker.stages.normalize.metadata.names import PERSON, rank
from worker.stages.normalize.metadata.printed import read_house, read_only_day, read_printed, read_signature

__all__ = ["Dated", "Facts", "Metadata", "collect", "infer_date", "read_metadata", "with_printed"]

MAX_KEYWORDS = 30
MAX_URL_CHARS = 4096
CRUMBS = ('[itemprop~="name"]', "li", "a")  # of a trail, the first kind that it has


class Metadata(NamedTuple):
    headline: str | None = None
    alt_headlines: tuple[str, ...] = ()
    headline_from_title_tag: bool = False
    description: str | None = None
    authors: tuple[str, ...] = ()
    published: Dated | None = None
    modified: Dated | None = None
    language: str | None = None
    publisher: Organisation | None = None
    section: str | None = None
    breadcrumbs: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    lead_image: LeadImage | None = None
    canonical_url: str | None = None
    syndication_source: str | None = None  # where the page says the text comes from, on another site
    paywalled: bool = False  # isAccessibleForFree is false


def read_metadata(facts: Facts, now: datetime) -> Metadata:
    """All metadata of a page, from its facts."""
    title, from_title_tag = headline.headline(facts)
    crumbs = _breadcrumbs(facts, title)
    return Metadata(
        headline=title,
        alt_headlines=headline.alternatives(facts, title),
        headline_from_title_tag=from_title_tag,
        description=facts.first("og:description", "description", "twitter:description")
        or next(strings(facts.article.get("description")), None),
        authors=people.authors(facts, title),
        published=dates.published(facts, title, now),
        modified=dates.modified(facts, now),
        language=facts.language or next(strings(facts.article.get("inLanguage")), None),
        publisher=_publisher(facts),
        section=_section(facts, crumbs),
        breadcrumbs=crumbs,
        keywords=_keywords(facts),
        lead_image=_lead_image(facts),
        canonical_url=canonical_of(facts.links.get("canonical") or facts.first("og:url"), facts.url)
        or canonical_of(facts.first("og:url"), facts.url),
        syndication_source=_syndication_source(facts),
        paywalled=str(facts.article.get("isAccessibleForFree", "")).lower() == "false"
        or facts.first("article:content_tier") == "locked",
    )


class Around(Protocol):
    """What a page prints around its text, block by block."""

    @property
    def head(self) -> tuple[str, ...]: ...
    @property
    def tail(self) -> tuple[str, ...]: ...
    @property
    def whole(self) -> tuple[str, ...]: ...


def with_printed(meta: Metadata, facts: Facts, around: Around, now: datetime) -> Metadata:
    """`meta`, and where it has no person or no date, what the page prints around its headline and behind its text."""
    printed = read_printed(around.head, now)
    is_event = dates.EVENT_URL.search(facts.url or "") is not None
    if is_event:
        printed = printed._replace(published=None)
    published = meta.published
    if published is None or published.source == "url":
        published = dates.on_page(facts, dates.closer(published, printed.published), now)
    if published is None and not is_event:
        published = read_only_day(around.whole, now)
    published = dates.earlier(published, printed.published)
    authors = meta.authors
    if not any(rank(name) == PERSON for name in authors):
        no_names = {letters(name) for name in (meta.section, *meta.breadcrumbs, *meta.keywords) if name}
        authors = (
            printed.authors
            or read_signature(around.head, around.tail, around.whole, no_names)
            or authors
            or read_house(around.head)
        )
    elif printed.authors and not _are_printed(authors, facts, around):
        authors = printed.authors
    return meta._replace(
        authors=authors,
        published=published,
        modified=meta.modified or printed.modified,
    )


def _are_printed(authors: tuple[str, ...], facts: Facts, around: Around) -> bool:
    """Whether the page prints one of `authors`, other than as its own name: a login may post what others wrote."""
    sites = headline.site_keys(facts)
    names = [name for name in authors if letters(name) not in sites]
    page = "\n".join(around.whole)
    if not names or any(name in page for name in names):
        return bool(names)  # as most are: the letters of a whole page take as long as its parsing
    printed = letters(page)
    return any(letters(name) in printed for name in names)


def _publisher(facts: Facts) -> Organisation | None:
    name = headline.site_name(facts) or next(strings(facts.article.get("publisher")), None)
    domain = registrable_domain(facts.url) or registrable_domain(facts.first("og:url"))
    return Organisation(name=name, domain=domain) if name or domain else None


def _breadcrumbs(facts: Facts, title: str | None) -> tuple[str, ...]:
    for node in facts.nodes:
        if types_of(node) == "BreadcrumbList" and isinstance(items := node.get("itemListElement"), list):
            names = [
                name
                for item in items[:20]
                if isinstance(item, dict)
                for name in list(strings(item.get("name") or item.get("item")))[:1]
            ]
            return _crumbs(names, title)
    for mark in facts.marked:
        if _is_trail(mark):
            for part in CRUMBS:
                if names := [visible_text(node) for node in mark.node.css(part)[:20]]:
                    return _crumbs(names, title)
    return ()


def _is_trail(mark: Marked) -> bool:
    told = (mark.classes, mark.attributes.get("aria-label") or "", mark.attributes.get("itemtype") or "")
    return any("breadcrumb" in value.lower() for value in told)


def _crumbs(names: list[str], title: str | None) -> tuple[str, ...]:
    tidy = [name.strip(" ›»/>|") for name in names if name and not name.startswith(("http:", "https:"))]
    tidy = [name for name in dict.fromkeys(tidy) if 0 < len(name) < 80]
    if tidy and title and letters(tidy[-1])[:40] == letters(title)[:40]:
        tidy = tidy[:-1]
    return tuple(tidy[:8])


def _section(facts: Facts, crumbs: tuple[str, ...]) -> str | None:
    return (
        next(strings(facts.article.get("articleSection")), None)
        or facts.first("article:section", "og:article:section", "parsely-section", "section", "cxenseparse:section")
        or (crumbs[-1] if len(crumbs) > 1 else None)
    )


def _keywords(facts: Facts) -> tuple[str, ...]:
    values = [
        *strings(facts.article.get("keywords")),
        *facts.meta.get("article:tag", ()),
        *facts.meta.get("news_keywords", ())[:1],
        *facts.meta.get("keywords", ())[:1],
        *facts.meta.get("parsely-tags", ())[:1],
    ]
    words = {letters(word): fold(word) for value in values for word in value.split(",")}
    return tuple(word for word in words.values() if 1 < len(word) < 60)[:MAX_KEYWORDS]


def _lead_image(facts: Facts) -> LeadImage | None:
    url = _image_url(facts.first("og:image", "og:image:url", "twitter:image", "twitter:image:src"), facts.url)
    if url is None:
        url = _image_url(next(_image_urls(facts.article.get("image")), None), facts.url)
    return LeadImage(url=url) if url else None


def _image_url(url: str | None, base: str | None) -> str | None:
    if not url or not url.strip():
        return None
    try:
        joined = urljoin(base or "", url.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) and len(joined) < MAX_URL_CHARS else None


def _image_urls(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value[:1]:
            yield from _image_urls(item)
    elif isinstance(value, dict):
        yield from _image_urls(value.get("url") or value.get("contentUrl"))


def _syndication_source(facts: Facts) -> str | None:
    own = registrable_domain(facts.url)
    candidates = (
        facts.first("syndication-source", "original-source"),
        facts.links.get("syndication-source"),
        facts.links.get("canonical"),
        next(strings(facts.article.get("isBasedOn")), None),
    )
    for candidate in candidates:
        url = clean_url(candidate, facts.url)
        if url and own and registrable_domain(url) not in (None, own):
            return url
    return None
