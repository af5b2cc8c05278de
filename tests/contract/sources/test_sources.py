"""What every source keeps, whatever it reads."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import suppress
from itertools import groupby
from typing import Any

import pytest

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, RawCapture, Reference
from worker.plugins import known, open_source, recognize

DEFAULTS = CaptureFacts(source="desk", publisher_country="NO")
Read = list[RawCapture | BrokenRecord | Reference]


def read(kind: str, content: bytes, *, location: str = "here", start: int = 0) -> Read:
    return list(open_source(kind).read(io.BytesIO(content), location=location, defaults=DEFAULTS, start=start))


def _unnumbered(items: Read) -> Read:
    """Without the record numbers: who begins in the middle cannot know them in every format."""
    return [item.model_copy(update={"origin": item.origin.model_copy(update={"record": None})}) for item in items]


def test_every_installed_source_stands_in_this_suite(samples: list[Any]) -> None:
    kinds = {sample.kind for sample in samples}

    assert kinds == set(known("copydesk.sources"))


def test_a_location_is_recognized_by_its_content_under_any_name(sample: Any) -> None:
    kind = recognize(sample.content[: 64 * 1024], "download.tmp")

    assert kind == sample.kind


def test_all_captures_come_and_none_is_broken(sample: Any) -> None:
    items = read(sample.kind, sample.content)

    assert Counter(map(type, items)) == Counter({RawCapture: sample.captures, Reference: sample.references})
    assert all(item.body for item in items if isinstance(item, RawCapture))


def test_each_capture_says_where_it_came_from(sample: Any) -> None:
    items = read(sample.kind, sample.content, location="folder/a file")

    assert {item.origin.location for item in items} == {"folder/a file"}
    assert all(item.origin.offset is not None for item in items)
    assert len({item.origin for item in items}) == len(items)
    assert [item.origin.offset for item in items] == sorted(item.origin.offset for item in items)


def test_what_the_record_does_not_say_the_defaults_say(sample: Any) -> None:
    items = read(sample.kind, sample.content)

    assert all(
        (item.source, item.publisher_country) == ("desk", "NO") for item in items if isinstance(item, RawCapture)
    )


def test_reading_twice_gives_the_same(sample: Any) -> None:
    first = read(sample.kind, sample.content)

    again = read(sample.kind, sample.content)

    assert first == again


def test_reading_from_any_offset_gives_exactly_the_rest(sample: Any) -> None:
    whole = read(sample.kind, sample.content)
    seen = 0

    for offset, group in groupby(whole, key=lambda item: item.origin.offset):
        rest = read(sample.kind, sample.content, start=offset)

        assert _unnumbered(rest) == _unnumbered(whole[seen:])
        seen += len(list(group))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_cut_location_gives_what_there_is_and_never_another_error(sample: Any, share: float) -> None:
    content = sample.content[: int(len(sample.content) * share)]
    items: Read = []

    with suppress(BadCapture):
        items = read(sample.kind, content)

    assert len([item for item in items if isinstance(item, RawCapture)]) <= max(sample.captures, 1)
    assert all(item.origin.location == "here" for item in items)


def test_no_source_claims_what_another_knows_better(sample: Any) -> None:
    claims = {
        kind: open_source(kind).recognizes(sample.content[: 64 * 1024], "x") for kind in known("copydesk.sources")
    }

    best = max(claims.values())

    assert [kind for kind, claim in claims.items() if claim == best] == [sample.kind]
