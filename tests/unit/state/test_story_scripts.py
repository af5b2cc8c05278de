"""The scripts of the story index use no command that the oldest supported server lacks, and one slot of a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from worker.rules import DedupRules
from worker.state.stories.redis_index import RedisStories

# The version each command came with. Source: the "since" of the Redis command reference.
SINCE: dict[str, tuple[int, ...]] = {
    "APPEND": (2, 0),
    "DEL": (1, 0),
    "EXISTS": (1, 0),
    "EXPIRE": (1, 0),
    "GET": (1, 0),
    "HDEL": (2, 0),
    "HEXISTS": (2, 0),
    "HGET": (2, 0),
    "HGETALL": (2, 0),
    "HINCRBY": (2, 0),
    "HKEYS": (2, 0),
    "HLEN": (2, 0),
    "HMGET": (2, 0),
    "HSET": (4, 0),  # with several fields
    "MEMORY": (4, 0),
    "MGET": (1, 0),
    "RENAME": (1, 0),
    "SET": (2, 6, 12),  # with EX
    "SETRANGE": (2, 2),
    "TIME": (2, 6),
    "UNLINK": (4, 0),
}
OLDEST = (6, 2)


def _scripts() -> dict[str, str]:
    folder = files("worker.state.stories")
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".lua")}


def test_commands_are_known_to_redis_6_2() -> None:
    used = {name for text in _scripts().values() for name in re.findall(r"(?:\bcall|redis\.call)\('(\w+)'", text)}

    assert {"HGET", "HSET", "TIME"} <= used
    assert {name: SINCE.get(name, (99, 0)) for name in used if SINCE.get(name, (99, 0)) > OLDEST} == {}


def test_every_call_names_its_command_so_that_it_can_be_checked() -> None:
    for name, text in _scripts().items():
        calls = len(re.findall(r"\bcall\(", text))
        named = len(re.findall(r"\bcall\('[A-Z]+'", text))

        assert calls == named, name


@pytest.mark.parametrize("prefix", ["copydesk:", "", "desk-7:"])
def test_keys_of_a_call_share_one_slot_of_a_cluster(prefix: str, slot: Callable[[bytes], int]) -> None:
    index = RedisStories("redis://localhost:1", DedupRules(), prefix=prefix)
    begins = index.key.encode()

    slots = {
        slot(begins + tail) for tail in (b"", b"A2812:17", b"c2812:0", b"s40", b"p:site.example", b"q:{x}.example")
    }

    assert slots == {slot(b"dd")}


@pytest.fixture
def slot() -> Callable[[bytes], int]:
    """The slot a Redis Cluster puts a key in."""
    from redis.crc import key_slot

    return key_slot


def test_keys_are_made_of_the_given_key_alone() -> None:
    """Each script makes its keys by adding to `P`, which is the one declared key with the hash tag."""
    for name, text in _scripts().items():
        for key in re.findall(r"\bcall\('(?!TIME|MEMORY)[A-Z]+', ([^,)]+)", text):
            made = key.startswith(
                (
                    "P",
                    "key",
                    "old",
                    "new",
                    "young",
                    "story_key(",
                    "bucket(",
                    "KEYS[1]",
                    "t.key",
                    "unpack(keys",
                    "unpack(gone",
                )
            )

            assert made, f"{name}: {key}"
