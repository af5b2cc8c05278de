"""When a text was published and last changed, and who says so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from worker.models import DatePrecision, DateSource
from worker.stages.normalize.metadata.date_text import parse
from worker.stages.normalize.metadata.facts import Facts, Marked, is_elsewhere, strings, types_of, visible_text

PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article:published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "citation_publication_date", "citation_date",
    "citation_online_date", "pubdate", "publish-date", "publish_date", "publishdate", "publicationdate",
    "publication_date", "article.published", "published_time", "published-date", "date", "date_published",
    "originalpublicationdate", "article_date_original", "datecreated", "rnews:datepublished", "og:pubdate",
    "release_date", "og:release_date", "published",
)  # fmt: skip
MODIFIED_META = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod", "article.updated", "revised", "updated_time", "article:updated",
)  # fmt: skip
URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[/_.-]|$)")
URL_MONTH = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d\d?)(?=/|$)", re.I)
# Pages of these print when something takes place.
EVENT_URL = re.compile(r"/(?:events?|eventos?|calendar|calendario|webinars?|agenda|veranstaltungen|termine)(?:/|$)")
TOLD_META = re.compile(
    r"(?:pub(?:lish(?:ed|ing)?|lication)?|issued?|posted)[\W_]*(?:date|time|on|at)$|date[\W_]*(?:pub|published|issued)$"
)
ABOUT = timedelta(hours=38)  # two days of one date: the next midnight, anywhere on earth
MAX_NODES = 20
MAX_LABEL = 24  # characters
MAX_DATE_LINE = 80  # characters; a longer text has a date in it, it is not one
CHANGED = re.compile(
    r"updated?\b|last active|edited\b(?! by)|modified|revised|reviewed|aktualisiert|geändert|stand\s*:|actualizad|"
    r"modificad|atualizad|mis à jour|modifié|aggiornat|[uo]ppdater|opdater|päivitet|aktualizov|frissítve|güncellen|"
    r"modificat|bijgewerkt|gewijzigd|zaktualizowan|обновлен|изменен|更新|修改|تحديث|عُدِّل",
    re.I,
)
PUBLISHED = re.compile(
    r"\b(?:published|posted|publication date|publicad[oa]|publié|veröffentlicht|pubblicato|опубликован|опубліковано|"
    r"gepubliceerd|opublikowan|publicat|publicerad|publisert|publiceret|udgivet|julkaistu|yayın|zveřejněno|közzétéve|"
    r"diterbitkan)|发布|发表|發布|公開|掲載|게시|입력|نشر|δημοσι",
    re.I,
)
MANY = 3  # times set alike are a list of articles


class Dated(NamedTuple):
    at: datetime  # UTC
    precision: DatePrecision
    source: DateSource
    timezone_known: bool = True


def published(facts: Facts, headline: str | None, now: datetime) -> Dated | None:
    """When the article was first published: JSON-LD, meta, marked elements, the URL. None is better than a guess."""
    if _is_home(facts.url):
        return None
    told = None if _is_of_page(facts) else _by_json_ld(facts, now)
    if dated := (
        told
        or _first((value for name in PUBLISHED_META for value in facts.meta.get(name, ())), "meta", now)
        or _first((value for name in facts.meta if TOLD_META.search(name) for value in facts.meta[name]), "meta", now)
        or _first(_printed(_published_marks(facts)), "time_element", now)
    ):
        return dated
    by_url = URL_DATE.search(facts.url or "") or URL_MONTH.search(facts.url or "")
    day = _first([separator.join(by_url.groups()) for separator in ("-", " ")] if by_url else (), "url", now)
    time = _first(_printed(_times(facts, headline)), "time_element", now)
    return closer(day, time)


def on_page(facts: Facts, printed: Dated | None, now: datetime) -> Dated | None:
    """What JSON-LD says of the page as a whole, where `printed` bears it out.

    Site software dates every page, also those that are no articles: of 45 such dates of developer pages, those that
    were printed or told elsewhere too were right, all 11 of undated pages were not.
    """
    told = _by_json_ld(facts, now) if printed and _is_of_page(facts) else None
    return closer(printed, told)


def closer(day: Dated | None, time: Dated | None) -> Dated | None:
    """`time` where it tells the hour of `day`, else `day`, else whichever there is."""
    if day is None or time is None:
        return day or time
    return time if abs(time.at - day.at) <= ABOUT and time.precision in ("minute", "second") else day


def earlier(told: Dated | None, printed: Dated | None) -> Dated | None:
    """`printed` where it is a day before what is `told`: site software dates the text anew when it is moved or changed.

    Of 7 developer pages that print an earlier day beside their headline, all were published on that; of 6 that print a
    later one, 5 were not.
    """
    if told and printed and printed.precision != "month" and told.at - printed.at > ABOUT:
        return printed
    return told


def modified(facts: Facts, now: datetime) -> Dated | None:
    """When the article was last changed, as the page says. Never used as the date of publication."""
    return (
        _first(strings(facts.article.get("dateModified")), "json_ld", now)
        or _first((value for name in MODIFIED_META for value in facts.meta.get(name, ())), "meta", now)
        or _first(_printed(mark for mark in facts.marked if _is_changed(mark)), "time_element", now)
    )


def infer_date(source: str, now: datetime) -> Dated | None:
    """A guess at the day of publication from all that the page holds; null only where it holds no date at all.

    On 14 pages without a date it named one for 6. The article is flagged `date_inferred`.
    """
    from htmldate import find_date

    found = find_date(source, original_date=True, extensive_search=False, max_date=now.strftime("%Y-%m-%d"))
    return _first([found] if found else (), "htmldate", now)


def _is_of_page(facts: Facts) -> bool:
    """Whether the JSON-LD speaks of a page, not of an article: one that names its author does speak of an article.

    Of 16 such pages of half the developer pages 15 were dated right and none was undated.
    """
    if _is_home(facts.url):
        return True
    if facts.article.get("author"):
        return False
    return types_of(facts.article) in ("WebPage", "WebSite", "FAQPage", "CollectionPage", "")


def _is_home(url: str | None) -> bool:
    """Whether the address is that of a whole site, which was set up on some day, not published."""
    if not url:
        return False
    _, _, rest = url.partition("://")
    return not rest.partition("/")[2].strip("/")


def _by_json_ld(facts: Facts, now: datetime) -> Dated | None:
    return _first(strings(facts.article.get("datePublished")), "json_ld", now) or _first(
        strings(facts.article.get("dateCreated")), "json_ld", now
    )


def _published_marks(facts: Facts) -> Iterator[Marked]:
    for mark in facts.marked:
        if mark.says("datePublished") or (
            mark.tag in ("time", "abbr")
            and ("pubdate" in mark.attributes or {"entry-date", "published"} & set(mark.classes.split()))
        ):
            yield mark


def _times(facts: Facts, headline: str | None) -> Iterator[Marked]:
    """The time elements near the headline: those labelled as of publication, those set like no others, the others."""
    times = [mark for mark in facts.near(headline) if mark.tag == "time" and not _is_changed(mark)][:MAX_NODES]
    own = [mark for mark in times if not is_elsewhere(mark.node)]
    alike = Counter(map(_setting, own))
    yield from (mark for mark in times if PUBLISHED.search(_with_label(mark.node)))
    yield from (mark for mark in own if alike[_setting(mark)] < MANY)


def _setting(mark: Marked) -> tuple[str | None, ...]:
    above = mark.node.parent
    return mark.classes, *((above.tag, above.attributes.get("class")) if above is not None else ())


def _is_changed(mark: Marked) -> bool:
    if mark.says("dateModified"):
        return True
    return mark.tag == "time" and (
        ({"updated", "modified"} & set(mark.classes.split()) and "published" not in mark.classes)
        or CHANGED.search(_with_label(mark.node)) is not None
    )


def _with_label(node: LexborNode) -> str:
    """The text of a time element, and what stands before it where that is short: "Updated on"."""
    own = node.text()[:MAX_DATE_LINE]
    if not own.strip():
        return ""
    above = node.parent.text() if node.parent is not None else ""
    if above.strip() == own.strip() and node.parent is not None and node.parent.parent is not None:
        above = node.parent.parent.text()
    return above.partition(own)[0][-MAX_LABEL:] + own if len(above) < MAX_DATE_LINE else own


def _first(values: Iterable[str], source: DateSource, now: datetime) -> Dated | None:
    for value in values:
        if moment := parse(value, now):
            return Dated(moment.at, moment.precision, source, moment.timezone_known)
    return None


def _printed(marks: Iterable[Marked]) -> Iterator[str]:
    for mark in islice(marks, MAX_NODES):
        for key in ("datetime", "content", "title"):
            if value := mark.attributes.get(key):
                yield value
        if len(text := visible_text(mark.node)) < MAX_DATE_LINE:
            yield text
