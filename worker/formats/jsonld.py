"""schema.org NewsArticle as JSON-LD: https://schema.org/NewsArticle."""

from __future__ import annotations

from typing import Any

from worker.formats.ninjs import TOPICS
from worker.formats.times import date


def jsonld(record: dict[str, Any]) -> dict[str, Any]:
    """The NewsArticle of a record. What the record lacks is left out; dates are as precise as they are known."""
    article = record["article"]
    image = article["lead_image"]
    original = article["original_publisher"]
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": f"urn:copydesk:article:{record['article_id']}",
        "url": article["canonical_url"] or article["url"],
        "headline": article["headline"],
        "alternativeHeadline": article["alt_headlines"],
        "abstract": article["description"],
        "articleBody": article["text"],
        "wordCount": len(article["text"].split()),
        "inLanguage": None if article["language"] == "und" else article["language"],
        "datePublished": date(article["published_at"], article["published_precision"]),
        "dateModified": date(article["modified_at"], article["modified_precision"]),
        "author": [{"@type": "Person", "name": name} for name in article["authors"]],
        "publisher": _organisation(article["publisher"]),
        "sourceOrganization": _organisation(original),
        "isBasedOn": article["syndication_source"],
        "dateline": article["dateline"],
        "articleSection": article["section"],
        "keywords": article["keywords"],
        "image": _image(image) if image and image["url"] else None,
        "about": [_topic(one) for topic in record["topics"]["all"] for one in (topic, topic["second_level"]) if one],
        "contentLocation": [_place(one) for one in (*record["regions"]["about"], *record["regions"]["subdivisions"])],
        "mentions": [_place(one) for one in record["regions"]["mentioned"]],
    }
    return {name: value for name, value in told.items() if value}


def _organisation(one: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None or not (one["name"] or one["domain"]):
        return None
    url = {"url": f"https://{one['domain']}/"} if one["domain"] else {}
    return {"@type": "Organization", "name": one["name"] or one["domain"], **url}


def _image(image: dict[str, Any]) -> dict[str, Any]:
    told = {
        "@type": "ImageObject", "url": image["url"], "caption": image["caption"], "creditText": image["credit"]
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _topic(topic: dict[str, Any]) -> dict[str, Any]:
    code = topic["code"]
    term = {"@type": "DefinedTerm", "name": topic["label"], "termCode": code}
    if code.startswith("medtop:"):
        term |= {"@id": TOPICS + code.removeprefix("medtop:"), "inDefinedTermSet": TOPICS}
    return term


def _place(region: dict[str, Any]) -> dict[str, Any]:
    kind = "Country" if len(region["code"]) == 2 else "AdministrativeArea"
    return {"@type": kind, "name": region["name"] or region["code"], "identifier": region["code"]}
