"""When a text was published and last changed, and who says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from worker.models import DatePrecision, DateSource
from worker.stages.normalize.metadata.date_text import parse
from worker.stages.normalize.metadata.facts import Facts, fold, strings

PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article:published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "citation_publication_date", "citation_date",
    "citation_online_date", "pubdate", "publish-date", "publish_date", "publishdate", "publicationdate",
    "publication_date", "article.published", "published_time", "published-date", "date", "date_published",
    "originalpublicationdate", "article_date_original", "datecreated", "rnews:datepublished", "og:pubdate",
    "release_date", "og:release_date",
)  # fmt: skip
MODIFIED_META = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "article.updated", "revised", "updated_time", "article:updated",
)  # fmt: skip
PUBLISHED_NODES = (
    '[itemprop~="datePublished"], time[pubdate], time.entry-date, time.published, abbr.published, '
    '[property="datePublished"], [property="schema:datePublished"]'
)
ARTICLE_TIMES = "article time, main time, header time, .post time"
MODIFIED_NODES = '[itemprop~="dateModified"], time.updated, time.modified'
URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[/_.-]|$)")
MAX_NODES = 20
MAX_DATE_LINE = 80  # characters; a longer text has a date in it, it is not one


class Dated(NamedTuple):
    at: datetime  # UTC
    precision: DatePrecision
    source: DateSource
    timezone_known: bool = True


def published(facts: Facts, now: datetime) -> Dated | None:
    """When the article was first published: JSON-LD, meta, marked elements, the URL. None is better than a guess."""
    for key in ("datePublished", "dateCreated"):
        if dated := _first(strings(facts.article.get(key)), "json_ld", now):
            return dated
    url_date = URL_DATE.search(facts.url or "")
    return (
        _first((value for name in PUBLISHED_META for value in facts.meta.get(name, ())), "meta", now)
        or _first(_printed(facts, PUBLISHED_NODES), "time_element", now)
        or _first((value for node in facts.nodes for value in strings(node.get("datePublished"))), "json_ld", now)
        or _first(["-".join(url_date.groups())] if url_date else (), "url", now)
        or _first(_printed(facts, ARTICLE_TIMES), "time_element", now)
    )


def modified(facts: Facts, now: datetime) -> Dated | None:
    """When the article was last changed, as the page says. Never used as the date of publication."""
    return (
        _first(strings(facts.article.get("dateModified")), "json_ld", now)
        or _first((value for name in MODIFIED_META for value in facts.meta.get(name, ())), "meta", now)
        or _first(_printed(facts, MODIFIED_NODES), "time_element", now)
    )


def _first(values: Iterable[str], source: DateSource, now: datetime) -> Dated | None:
    for value in values:
        if moment := parse(value, now):
            return Dated(moment.at, moment.precision, source, moment.timezone_known)
    return None


def _printed(facts: Facts, selector: str) -> Iterator[str]:
    for node in facts.tree.css(selector)[:MAX_NODES]:
        attributes = node.attributes
        for key in ("datetime", "content", "title"):
            if value := attributes.get(key):
                yield value
        if len(text := fold(node.text(separator=" "))) < MAX_DATE_LINE:
            yield text
