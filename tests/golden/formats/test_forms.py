"""Every sample in every form keeps the rules of that form."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from lxml import etree

from worker.formats.export import FORMS, exported
from worker.formats.feeds import atom
from worker.formats.ninjs import ninjs
from worker.models import CaptureFacts, RawCapture
from worker.plugins import open_source

ATOM = "{http://www.w3.org/2005/Atom}"
TEXT = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
ADDRESS = {"type": "string", "format": "uri", "pattern": "^[a-z][a-z0-9+.-]*:"}


def things(*required: str, **properties: Any) -> dict[str, Any]:
    """An array of objects with these properties and no others."""
    thing = {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}
    return {"type": "array", "items": thing}


# The rules of ninjs 3.0 for the properties we write, by hand from the published schema.
TEXTS = things("value", role=TEXT, contentType=TEXT, value=TEXT)
NAMED = {"name": TEXT, "rel": TEXT, "uri": ADDRESS, "literal": TEXT}
PERCENT = {"type": "integer", "minimum": 0, "maximum": 100}
COUNT = {"type": "integer"}
NINJS_PROPERTIES: dict[str, Any] = {
    "uri": ADDRESS,
    "type": {"enum": ["text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning"]},
    "representationType": {"enum": ["full", "partial"]},
    "pubStatus": {"enum": ["usable", "withheld", "canceled"]},
    "version": TEXT,
    "versionCreated": MOMENT,
    "contentCreated": MOMENT,
    "language": TEXT,
    "headlines": TEXTS,
    "descriptions": TEXTS,
    "bodies": things("value", role=TEXT, contentType=TEXT, charCount=COUNT, wordCount=COUNT, value=TEXT),
    "places": things(**NAMED),
    "subjects": things(**NAMED, creator=TEXT, relevance=PERCENT, confidence=PERCENT),
    "infoSources": things(name=TEXT, role=TEXT, uri=ADDRESS, literal=TEXT),
    "by": TEXT,
    "located": TEXT,
    "altIds": things(role=TEXT, value=TEXT),
    "renditions": things("name", name=TEXT, href=ADDRESS),
    "standard": things(name=TEXT, version=TEXT, schema=ADDRESS)["items"],
}
NINJS = {"type": "object", "required": ["uri"], "additionalProperties": False, "properties": NINJS_PROPERTIES}
PICTURE = NINJS | {"required": ["uri", "name"], "properties": NINJS_PROPERTIES | {"name": TEXT, "rel": TEXT}}
NINJS["properties"] = NINJS_PROPERTIES | {"associations": {"type": "array", "items": PICTURE}}

JSON_FEED_ITEM = {
    "type": "object",
    "required": ["id"],
    "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("url", "external_url", "image"), ADDRESS),
        **dict.fromkeys(("id", "title", "content_text", "summary", "language"), TEXT),
        **dict.fromkeys(("date_published", "date_modified"), MOMENT),
        "authors": things(name=TEXT) | {"minItems": 1},
        "tags": {"type": "array", "items": TEXT},
    },
}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT,
        "items": {"type": "array", "items": JSON_FEED_ITEM},
    },
}


def told(form: str, records: list[dict[str, Any]]) -> str:
    return "".join(exported(records, form, "The desk <&>"))


def failures(schema: dict[str, Any], value: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def test_ninjs_keeps_the_rules_of_its_schema(sample_records: list[dict[str, Any]]) -> None:
    lines = told("ninjs", sample_records).splitlines()

    objects = [json.loads(line) for line in lines]
    assert len(objects) == len(sample_records) > 20
    for one in objects:
        assert failures(NINJS, one) == []
    assert len({one["uri"] for one in objects}) == len({record["article_id"] for record in sample_records})
    subjects = [subject for one in objects for subject in one.get("subjects", ())]
    assert any(subject["uri"] == "http://cv.iptc.org/newscodes/mediatopic/11000000" for subject in subjects)


def test_a_retraction_is_a_canceled_ninjs_object_without_text(sample_records: list[dict[str, Any]]) -> None:
    record = sample_records[0]
    article = record["article"] | {"headline": None, "text": "", "alt_headlines": [], "description": None}
    delivery = {"delivery_id": "0" * 64, "action": "retract", "route": "all"}

    made = ninjs(record | {"article": article, "delivery": delivery})

    assert failures(NINJS, made) == []
    assert made["pubStatus"] == "canceled"
    assert "bodies" not in made


def test_json_ld_is_a_news_article_with_dates_as_precise_as_they_are_known(
    sample_records: list[dict[str, Any]],
) -> None:
    for line, record in zip(told("jsonld", sample_records).splitlines(), sample_records, strict=True):
        made = json.loads(line)

        assert (made["@context"], made["@type"]) == ("https://schema.org", "NewsArticle")
        assert made["headline"] == record["article"]["headline"]
        assert made["articleBody"] == record["article"]["text"]
        if "datePublished" in made:
            lengths = {"year": 4, "month": 7, "day": 10}
            wanted = lengths.get(record["article"]["published_precision"], len(record["article"]["published_at"]))
            assert len(made["datePublished"]) == wanted
        assert [place["identifier"] for place in made.get("contentLocation", ())][:1] == [
            region["code"] for region in record["regions"]["about"]
        ][:1] or not record["regions"]["about"]


def test_json_feed_keeps_its_rules(sample_records: list[dict[str, Any]]) -> None:
    feed = json.loads(told("jsonfeed", sample_records))

    assert failures(JSON_FEED, feed) == []
    assert len(feed["items"]) == len(sample_records)
    assert feed["title"] == "The desk <&>"


def test_atom_keeps_the_rules_of_rfc_4287(sample_records: list[dict[str, Any]]) -> None:
    feed = etree.fromstring(told("atom", sample_records).encode())

    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):  # exactly one each
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo is not None
        assert re.match(r"[a-z]+:", element.findtext(f"{ATOM}id") or "")
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == len(sample_records)
    assert feed.findtext(f"{ATOM}updated") == max(entry.findtext(f"{ATOM}updated") or "" for entry in entries)
    assert feed.find(f"{ATOM}author") is not None


def test_atom_carries_any_text_and_drops_what_xml_forbids(sample_records: list[dict[str, Any]]) -> None:
    hostile = "</entry><script>&amp; ]]> \x00\x08\ud800 \U0001f5de"
    record = sample_records[0] | {"article": sample_records[0]["article"] | {"headline": hostile, "text": hostile}}

    text = "".join(atom([record], hostile))

    entry = etree.fromstring(text.encode()).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "</entry><script>&amp; ]]>  \U0001f5de"
    assert entry.findtext(f"{ATOM}content") == "<p>&lt;/entry&gt;&lt;script&gt;&amp;amp; ]]&gt;  \U0001f5de</p>"


@pytest.mark.parametrize("form", ["jsonfeed", "atom"])
def test_our_own_feed_source_reads_our_feeds_back(form: str, sample_records: list[dict[str, Any]]) -> None:
    stream = io.BytesIO(told(form, sample_records).encode())

    read = list(open_source("feed").read(stream, location=form, defaults=CaptureFacts()))

    captures = [one for one in read if isinstance(one, RawCapture)]
    articles = [record["article"] for record in sample_records]
    assert len(captures) >= 20  # one with little text is no capture to it
    for capture in captures:
        wanted = [article for article in articles if article["headline"] == capture.title]
        dates = [article["published_at"] and datetime.fromisoformat(article["published_at"]) for article in wanted]
        assert capture.published_at in dates or None in dates  # Atom wants a time where there is none
        starts = [article["text"].split("\n\n")[0][:30].replace("&", "&amp;") for article in wanted]
        assert any(start in capture.body.decode() for start in starts)


def test_csv_has_a_header_and_a_row_an_article(sample_records: list[dict[str, Any]]) -> None:
    header, *rows = csv.reader(io.StringIO(told("csv", sample_records), newline=""))

    assert len(rows) == len(sample_records)
    for row, record in zip(rows, sample_records, strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["text"] == record["article"]["text"]
        assert cells["region"] == (record["regions"]["primary"] or "")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_an_export_of_nothing_is_whole(form: str) -> None:
    text = told(form, [])

    if form == "atom":
        assert etree.fromstring(text.encode()).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    elif form == "jsonfeed":
        assert json.loads(text)["items"] == []
    else:
        assert text.count("\n") == (form == "csv")
