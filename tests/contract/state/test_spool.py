"""One suite, every spool."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from worker.errors import BadCapture, ConfigError, TransientError
from worker.models import BodyRef
from worker.state.redis_server import connect
from worker.state.spool import Spool, open_spool, ref_to
from worker.state.spool.folder import FolderSpool
from worker.state.spool.memory import MemorySpool


@pytest.fixture(params=["file", "redis", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return {"file": f"file://{tmp_path}/spool", "memory": "memory://"}[request.param]


@pytest.fixture
def spool(url: str) -> Iterator[Spool]:
    spool = open_spool(url)
    yield spool
    spool.close()
    spool.close()


def test_what_is_put_comes_back_by_its_digest(spool: Spool) -> None:
    data = "Überraschung \U0001f5de\x00".encode()

    ref = spool.put(data)

    assert (ref.digest, ref.size) == (ref_to(data).digest, len(data))
    assert spool.get(ref) == data


def test_a_batch_comes_back_in_order_whatever_the_sizes(spool: Spool) -> None:
    bodies = [b"", b"a", b"b" * 70_000, os.urandom(1_000_000), b"a"]

    refs = spool.put_many(bodies)

    assert spool.get_many(refs) == bodies
    assert spool.get_many(refs[::-1]) == bodies[::-1]
    assert spool.get(refs[2]) == bodies[2]


def test_an_empty_batch_is_no_error(spool: Spool) -> None:
    assert spool.put_many([]) == []
    assert spool.get_many([]) == []


def test_putting_again_gives_the_same_reference(spool: Spool) -> None:
    assert spool.put_many([b"one", b"two"]) == spool.put_many([b"one", b"two"])
    assert spool.put(b"one") == spool.put(b"one")


def test_a_missing_body_is_a_bad_capture_and_its_neighbours_come_back(spool: Spool) -> None:
    held = spool.put(b"held")
    missing = ref_to(b"never put")

    first, second = spool.get_many([missing, held])

    assert isinstance(first, BadCapture)
    assert "not in the spool" in str(first)
    assert second == b"held"
    with pytest.raises(BadCapture):
        spool.get(missing)


def test_a_reference_that_does_not_match_the_bytes_is_a_bad_capture(spool: Spool) -> None:
    ref = spool.put(b"held")

    with pytest.raises(BadCapture, match="damaged"):
        spool.get(ref.model_copy(update={"size": 3}))


def test_a_second_opener_sees_what_the_first_put(url: str, spool: Spool) -> None:
    if url == "memory://":
        pytest.skip("memory is of one process")
    ref = spool.put(b"shared")

    other = open_spool(url)

    assert other.get(ref) == b"shared"
    other.close()


def _put_all(url: str) -> list[BodyRef]:
    spool = open_spool(url)
    refs = [ref for start in range(0, 320, 32) for ref in spool.put_many([b"%d" % n for n in range(start, start + 32)])]
    spool.close()
    return refs


def test_two_processes_may_put_the_same_bodies_at_once(url: str, spool: Spool) -> None:
    if url == "memory://":
        pytest.skip("memory is of one process")

    with ProcessPoolExecutor(2) as pool:
        left, right = pool.map(_put_all, [url, url])

    assert left == right
    assert spool.get_many(left) == [b"%d" % n for n in range(320)]


def test_a_folder_is_swept_by_age_and_what_is_put_again_stays(tmp_path: Path) -> None:
    now = 1_000_000.0
    spool = FolderSpool(tmp_path / "spool", clock=lambda: now)
    old, kept = spool.put(b"old"), spool.put(b"kept")
    for path in (tmp_path / "spool").glob("*/*.pack"):
        os.utime(path, (now - 500, now - 500))
    spool.put(b"kept")

    gone = spool.expire(400)

    assert gone == 1
    assert spool.get(kept) == b"kept"
    with pytest.raises(BadCapture):
        spool.get(old)


def test_memory_is_swept_by_age() -> None:
    now = 1_000.0
    spool = MemorySpool(clock=lambda: now)
    ref = spool.put(b"old")

    now = 2_000.0

    assert spool.expire(400) == 1
    assert isinstance(spool.get_many([ref])[0], BadCapture)


def test_a_body_in_redis_expires_by_itself(redis_url: str) -> None:
    spool = open_spool(redis_url, ttl_s=3600)
    ref = spool.put(b"for an hour")

    client = connect(redis_url)

    assert 3590 < client.ttl(f"copydesk:body:{ref.digest}") <= 3600
    assert spool.free_bytes() is not None
    client.close()
    spool.close()


def test_a_damaged_pack_is_a_bad_capture(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path)
    ref = spool.put(b"whole and well")
    (pack,) = tmp_path.glob("*/*.pack")

    pack.write_bytes(b"whole and")
    with pytest.raises(BadCapture, match="damaged"):
        spool.get(ref)

    spool.put(b"whole and well")
    assert spool.get(ref) == b"whole and well"


def test_a_reference_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.pack").write_bytes(b"secret")
    spool = FolderSpool(tmp_path / "spool")

    answer = spool.get_many([ref_to(b"secret").model_copy(update={"at": "../../secret:0"})])[0]

    assert isinstance(answer, BadCapture)


def test_a_store_that_is_away_is_transient(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(TransientError):
        open_spool(f"file://{tmp_path}/file/spool")
    with pytest.raises(TransientError):
        open_spool(f"redis+socket://{tmp_path}/no.sock").put(b"x")


def test_an_unknown_kind_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="ftp"):
        open_spool("ftp://host/spool")


def test_a_removed_body_is_gone_its_neighbours_stay_and_it_can_be_put_again(spool: Spool) -> None:
    bodies = [b"one " * 400_000, b"two", b"three"]
    refs = spool.put_many(bodies)

    removed = spool.remove([refs[0], refs[2]])
    again = spool.remove([refs[0]])

    answers = spool.get_many(refs)
    assert (removed, again) == (2, 0)
    assert [isinstance(answer, BadCapture) for answer in answers] == [True, False, True]
    assert spool.get_many(spool.put_many(bodies)) == bodies
    assert spool.remove([]) == 0
    assert spool.remove([ref_to(b"never put")]) == 0
