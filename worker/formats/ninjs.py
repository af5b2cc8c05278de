"""ninjs 3.0, the IPTC's News in JSON: https://iptc.org/standards/ninjs/."""

from __future__ import annotations

from typing import Any

from worker.formats.times import date_time

SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json#"
TOPICS = "http://cv.iptc.org/newscodes/mediatopic/"
COUNTRIES = "http://cvx.iptc.org/iso3166-1a2/"


def ninjs(record: dict[str, Any]) -> dict[str, Any]:
    """The news object of a record. What the record lacks is left out, as the standard has it.

    Only times that are known to the second are told: ninjs takes no shorter dates.
    """
    article, capture = record["article"], record["capture"]
    url = article["canonical_url"] or article["url"]
    text = article["text"]
    retracted = bool(record["delivery"]) and record["delivery"]["action"] == "retract"
    told: dict[str, Any] = {
        "uri": f"urn:copydesk:article:{record['article_id']}",
        "standard": {"name": "ninjs", "version": "3.0", "schema": SCHEMA},
        "type": "text",
        "version": str(record["version"]),
        "pubStatus": "canceled" if retracted else "usable",
        "representationType": "partial" if article["is_excerpt"] or retracted else "full",
        "contentCreated": date_time(article["published_at"], article["published_precision"]),
        "versionCreated": date_time(article["modified_at"], article["modified_precision"]) or capture["captured_at"],
        "language": article["language"],
        "headlines": [
            *([{"role": "main", "value": article["headline"]}] if article["headline"] else []),
            *({"role": "alternative", "value": other} for other in article["alt_headlines"]),
        ],
        "descriptions": [{"role": "summary", "value": article["description"]}] if article["description"] else [],
        "bodies": [_body(text)] if text else [],
        "by": ", ".join(article["authors"]),
        "located": article["dateline"],
        "subjects": [subject for topic in record["topics"]["all"] for subject in _subjects(topic)],
        "places": [
            *(_place(one, "about") for one in (*record["regions"]["about"], *record["regions"]["subdivisions"])),
            *(_place(one, "mentions") for one in record["regions"]["mentioned"]),
        ],
        "infoSources": _sources(article),
        "altIds": [{"role": "url", "value": url}] if url else [],
        "associations": _picture(record),
    }
    return {name: value for name, value in told.items() if value}


def _body(text: str) -> dict[str, Any]:
    words = len(text.split())
    return {"role": "main", "contentType": "text/plain", "charCount": len(text), "wordCount": words, "value": text}


def _subjects(topic: dict[str, Any]) -> list[dict[str, Any]]:
    return [_subject(one) for one in (topic, topic["second_level"]) if one is not None]


def _subject(topic: dict[str, Any]) -> dict[str, Any]:
    code = topic["code"]
    named = {"uri": TOPICS + code.removeprefix("medtop:")} if code.startswith("medtop:") else {"literal": code}
    confidence = round(topic["score"] * 100)
    return {"name": topic["label"], "rel": "about", "creator": "copydesk", "confidence": confidence, **named}


def _place(region: dict[str, Any], rel: str) -> dict[str, Any]:
    code = region["code"]
    named = {"uri": COUNTRIES + code.lower()} if len(code) == 2 else {"literal": code}
    return {"name": region["name"] or code, "rel": rel, **named}


def _sources(article: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for role, one in (("publisher", article["publisher"]), ("originator", article["original_publisher"])):
        if one and (one["name"] or one["domain"]):
            literal = {"literal": one["domain"]} if one["domain"] else {}
            found.append({"name": one["name"] or one["domain"], "role": role, **literal})
    return found


def _picture(record: dict[str, Any]) -> list[dict[str, Any]]:
    image = record["article"]["lead_image"]
    if not image or not image["url"]:
        return []
    told = {
        "name": "lead image",
        "uri": f"urn:copydesk:article:{record['article_id']}:image",
        "type": "picture",
        "renditions": [{"name": "main", "href": image["url"]}],
        "descriptions": [{"role": "caption", "value": image["caption"]}] if image["caption"] else [],
        "by": image["credit"],
    }
    return [{name: value for name, value in told.items() if value}]
