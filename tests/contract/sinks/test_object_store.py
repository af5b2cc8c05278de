"""What only the object store sink must do."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from worker.errors import ConfigError
from worker.models import SinkItem
from worker.plugins import check_sink, open_sink

MakeItem = Callable[..., SinkItem]


def test_an_article_lies_under_its_id_as_json(s3_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *s3_store.spec())

    sink.write([item(1)])
    sink.close()

    article_id = item(1).delivery.article_id
    found = s3_store.server.client().get_object(
        Bucket=s3_store.bucket, Key=f"news/articles/{article_id[:2]}/{article_id}.json"
    )
    assert found["ContentType"] == "application/json"
    assert json.loads(found["Body"].read())["article_id"] == article_id


@pytest.mark.parametrize("place", ["s3_store", "folder_store"])
def test_of_versions_written_at_once_by_many_the_highest_stays(
    place: str, request: pytest.FixtureRequest, item: MakeItem
) -> None:
    store = request.getfixturevalue(place)
    sinks = [open_sink("test", *store.spec()) for _ in range(4)]
    versions = [item(1, version=number) for number in (3, 1, 4, 2)]

    def deliver(sink: Any, one: SinkItem) -> str:
        for _ in range(20):  # as the ledger does: what a sink answers with `retry` comes again
            try:
                (receipt,) = sink.write([one])
            except Exception:
                continue
            if receipt.status != "retry":
                return str(receipt.status)
        return "never"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(deliver, sinks, versions))

    for sink in sinks:
        sink.close()
    (held,) = store.read().values()
    assert held.version == 4
    assert answers[2] == "stored"
    assert set(answers) <= {"stored", "superseded"}


def test_an_object_that_is_not_ours_is_left_as_it_is(folder_store: Any, item: MakeItem) -> None:
    sink = open_sink("test", *folder_store.spec())
    sink.write([item(1)])
    (path,) = folder_store.folder.rglob("*.json")
    path.write_text("notes of the owner")

    (refused, stored) = sink.write([item(1, version=2), item(2)])
    sink.close()

    assert (refused.status, stored.status) == ("rejected", "stored")
    assert path.read_text() == "notes of the owner"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"url": "https://bucket.example"}, "s3://bucket"),
        ({"url": "s3://"}, "s3://bucket"),
        ({"url": "file://relative/folder"}, "three slashes"),
        ({"url": "s3://key:s3cret@bucket"}, "no user or password"),
        ({"url": "gs://bucket", "secret_access_key": "s3cret"}, "belongs to s3"),
        ({"url": "s3://bucket", "endpoint": "http://minio.example"}, "allow_http"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as error:
        check_sink("test", "object_store", options)

    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    "options",
    [
        {"url": "gs://bucket/news"},
        {"url": "az://container/news", "account_name": "desk", "account_key": "a2V5"},
        {"url": "s3://bucket/news", "region": "eu-central-1", "virtual_hosted": True},
    ],
)
def test_each_cloud_is_opened_without_a_word_to_it(options: dict[str, Any]) -> None:
    options = check_sink("test", "object_store", options)  # type: ignore[assignment]

    assert 'prefix="news"' in repr(options.open())  # type: ignore[attr-defined]
