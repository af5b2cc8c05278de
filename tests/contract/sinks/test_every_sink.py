"""One suite, every sink."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from worker.errors import ConfigError, TransientError
from worker.models import SinkItem
from worker.plugins import Reachable, Sink, check_sink, open_sink

MakeItem = Callable[..., SinkItem]
DONE = {"stored", "unchanged"}


def statuses(sink: Sink, items: Sequence[SinkItem]) -> list[str]:
    receipts = sink.write(items)
    assert [receipt.delivery_id for receipt in receipts] == [item.delivery.delivery_id for item in items]
    return [receipt.status for receipt in receipts]


def test_a_batch_is_stored_and_reads_back(sink: Sink, store: Any, item: MakeItem) -> None:
    items = [item(number) for number in range(32)]

    answers = statuses(sink, items)

    held = store.read()
    assert answers == ["stored"] * 32
    assert len(held) == 32
    for one in items:
        found = held[one.delivery.article_id]
        assert (found.version, found.headline, found.retracted) == (1, one.article.article.headline, False)
        assert found.text == "\n\n".join(one.article.article.text)


def test_an_empty_batch_is_no_error(sink: Sink) -> None:
    assert sink.write([]) == []


def test_a_redelivery_leaves_one_article(sink: Sink, store: Any, item: MakeItem) -> None:
    first = statuses(sink, [item(1), item(2)])

    again = statuses(sink, [item(2), item(1)])

    assert first == ["stored", "stored"]
    assert set(again) <= DONE
    if sink.guarantee == "idempotent":
        assert set(again) == {"unchanged"}
    assert len(store.read()) == 2


def test_a_redelivery_to_a_new_process_leaves_one_article(
    opened: Callable[[], Sink], store: Any, item: MakeItem
) -> None:
    opened().write([item(1)])

    again = statuses(opened(), [item(1)])

    assert set(again) <= DONE
    assert len(store.read()) == 1


def test_a_newer_version_replaces_the_older(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1)])

    assert statuses(sink, [item(1, version=2)]) == ["stored"]

    (held,) = store.read().values()
    assert (held.version, held.headline) == (2, "Headline 1, version 2")


def test_an_older_version_after_a_newer_one_changes_nothing(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1, version=2)])

    answers = statuses(sink, [item(1, version=1)])

    (held,) = store.read().values()
    assert held.version == 2
    if sink.guarantee == "idempotent":
        assert answers == ["superseded"]


def test_the_same_version_with_other_content_replaces(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1, headline="As first processed")])

    sink.write([item(1, headline="As processed anew")])

    (held,) = store.read().values()
    assert held.headline == "As processed anew"


def test_two_versions_in_one_batch_leave_the_newer(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1, version=3), item(1, version=2), item(2)])

    versions = sorted(held.version for held in store.read().values())

    assert versions == [1, 3]


def test_a_retraction_takes_the_text_away_and_an_old_upsert_does_not_bring_it_back(
    sink: Sink, store: Any, item: MakeItem
) -> None:
    sink.write([item(1)])

    sink.write([item(1, action="retract")])
    sink.write([item(1)])

    (held,) = store.read().values()
    assert (held.retracted, held.text, held.headline) == (True, "", None)


def test_a_newer_version_brings_a_retracted_article_back(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1), item(1, action="retract")])

    sink.write([item(1, version=2)])

    (held,) = store.read().values()
    assert (held.retracted, held.version) == (False, 2)


def test_a_change_of_the_canonical_copy_is_an_update(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1)])

    answers = statuses(sink, [item(1, version=2, action="canonical_changed")])

    (held,) = store.read().values()
    assert answers == ["stored"]
    assert held.version == 2


def test_text_of_every_plane_survives_and_a_nul_harms_nobody(sink: Sink, store: Any, item: MakeItem) -> None:
    every_plane = "Ünï 漢字 \u200f עברית \U0001f5de\U00020bb7\U000e0041 line\u2028separator \\ \"quotes\" 'more' {}"
    items = [item(1, text=every_plane), item(2, text="before\x00after")]

    answers = statuses(sink, items)

    held = store.read()
    assert answers == ["stored", "stored"]
    assert held[items[0].delivery.article_id].text == every_plane
    assert held[items[1].delivery.article_id].text.replace("\x00", "") == "beforeafter"


def test_an_article_of_5_mb_is_stored_whole(sink: Sink, store: Any, item: MakeItem) -> None:
    text = "\n\n".join(f"Paragraph {number} of a very long report." * 25 for number in range(5000))

    answers = statuses(sink, [item(1, text=text)])

    (held,) = store.read().values()
    assert answers == ["stored"]
    assert held.text == text


def test_a_store_that_is_away_is_transient_and_nothing_is_lost_when_it_returns(
    sink: Sink, store: Any, item: MakeItem
) -> None:
    sink.write([item(1)])

    store.fail()
    with pytest.raises(TransientError):
        sink.write([item(2)])
    store.mend()
    answers = statuses(sink, [item(2)])

    assert answers == ["stored"]
    assert len(store.read()) == 2


def test_a_full_disk_takes_nothing_and_the_batch_goes_in_once_there_is_room(fillable: Any, item: MakeItem) -> None:
    rng = random.Random(1)
    batch = [item(number, text=rng.randbytes(2_000_000).hex()) for number in range(5)]
    before, during, after = (open_sink("test", *fillable.spec()) for _ in range(3))
    before.write([item(100)])

    with fillable.full(), pytest.raises(TransientError):
        during.write(batch)
    answers = statuses(after, batch)

    for sink in (before, during, after):
        sink.close()
    assert answers == ["stored"] * 5
    assert len(fillable.read()) == 6


def test_an_article_that_the_store_refuses_is_rejected_alone_and_no_text_of_it_is_told(
    refusing: Any, item: MakeItem
) -> None:
    sink = open_sink("test", *refusing.spec())
    sink.write([item(100)])
    refusing.refuse("Gossip")

    receipts = sink.write([item(number, headline="Gossip" if number == 7 else None) for number in range(32)])
    sink.close()

    assert [number for number, receipt in enumerate(receipts) if receipt.status == "rejected"] == [7]
    assert {receipt.status for receipt in receipts} == {"stored", "rejected"}
    assert receipts[7].detail
    assert "Gossip" not in receipts[7].detail
    assert "paragraph" not in receipts[7].detail
    assert len(refusing.read()) == 32


def test_wrong_credentials_are_transient_and_never_told(locked: Any, item: MakeItem) -> None:
    kind, options = locked.spec()[0], locked.wrong()
    sink = open_sink("test", kind, options)

    with pytest.raises(TransientError) as told:
        sink.write([item(1)])
    sink.close()

    assert "s3cret" not in str(told.value)
    assert "s3cret" not in repr(check_sink("test", kind, options))


def test_three_processes_with_the_same_batches_leave_each_article_once(
    store: Any, item: MakeItem, writers: list[Any]
) -> None:
    batches = [[item(start + number) for number in range(32)] for start in range(0, 128, 32)]
    orders = [batches, batches[::-1], [batch[::-1] for batch in batches]]

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda writer, order: writer.write(*store.spec(), order), writers, orders))

    held = store.read()
    assert [len(one) for one in answers] == [128] * 3
    assert all(set(one) <= DONE for one in answers)
    assert {article_id: found.headline for article_id, found in held.items()} == {
        one.delivery.article_id: one.article.article.headline for batch in batches for one in batch
    }


def test_an_unknown_option_speaks(store: Any) -> None:
    kind, options = store.spec()

    with pytest.raises(ConfigError, match="no_such_option"):
        check_sink("test", kind, options | {"no_such_option": 1})


def test_a_store_that_is_there_answers_and_nothing_is_written(sink: Sink, store: Any, item: MakeItem) -> None:
    sink.write([item(1)])
    before = store.read()

    assert isinstance(sink, Reachable)
    said = sink.reach()

    assert said
    assert store.read() == before
    assert "s3cret" not in said


def test_asking_makes_nothing_in_a_store_never_written_to(opened: Callable[[], Sink], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))

    said = cast(Reachable, opened()).reach()

    assert said
    assert sorted(tmp_path.rglob("*")) == before


def test_a_store_that_is_away_is_told(opened: Callable[[], Sink], store: Any, item: MakeItem) -> None:
    opened().write([item(1)])
    store.fail()
    try:
        with pytest.raises(TransientError, match=r"\w{4}"):
            cast(Reachable, opened()).reach()
    finally:
        store.mend()
