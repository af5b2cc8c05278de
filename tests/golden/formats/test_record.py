"""The record is what its published schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from worker.formats.record import SCHEMA_VERSION, line, record, schema, without_text
from worker.models import BodyRef, CleanArticle, Delivery, delivery_id_of

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "schema" / f"article-{SCHEMA_VERSION.split('.')[0]}.json"


def delivery_of(clean: CleanArticle, action: Any = "upsert") -> Delivery:
    return Delivery(
        delivery_id=delivery_id_of("s", action, clean.content_digest()),
        capture_id=clean.article.capture.capture_id,
        article_id=clean.article.article_id,
        sink="s",
        route="all",
        action=action,
        version=clean.version,
        body=BodyRef(digest="0" * 64, size=1),
    )


def test_the_published_schema_is_that_of_the_record() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema(), "copydesk schema > docs/schema/article-1.json"


def test_every_sample_s_record_validates(sample_articles: list[CleanArticle]) -> None:
    validator = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())

    for clean in sample_articles:
        for action in ("upsert", "retract"):
            errors = list(validator.iter_errors(json.loads(line(clean, delivery_of(clean, action)))))

            assert [error.message for error in errors] == []
    assert len(sample_articles) > 20


def test_a_record_that_lacks_a_key_or_has_a_wrong_one_does_not_validate(sample_articles: list[CleanArticle]) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    whole = record(sample_articles[0])

    assert validator.is_valid(whole)
    assert not validator.is_valid({name: value for name, value in whole.items() if name != "regions"})
    assert not validator.is_valid(whole | {"article_id": "no digest"})


def test_our_own_spool_and_a_withdrawn_text_are_not_told(sample_articles: list[CleanArticle]) -> None:
    clean = sample_articles[0]

    told = line(clean, delivery_of(clean, "retract")).decode()

    assert json.loads(told)["capture"]["body"].keys() == {"digest", "size"}
    assert clean.article.headline
    assert clean.article.headline not in told
    assert clean.article.text[0] not in told


def test_a_line_a_record_and_a_text_kept_apart_say_the_same(sample_articles: list[CleanArticle]) -> None:
    for clean in sample_articles:
        delivery = delivery_of(clean)
        whole = record(clean, delivery)

        assert json.loads(line(clean, delivery)) == whole
        text = whole["article"].pop("text")
        assert json.loads(without_text(clean, delivery)) == whole
        assert text == "\n\n".join(clean.article.text)
