"""Does a claim cost the same at 10,000 captures as at 1,000,000? Two servers, measured in turn in one run.

    python tests/bench/story_index.py                   # a table and JSON; about three minutes
    python tests/bench/story_index.py --small 10000 --large 100000 --rounds 20

Both indexes are written straight into their tables, in the shape that linear hashing gives them, because a million real
claims take half an hour. Then the same kind of captures is claimed and confirmed on one and the other in turn: four of
five are new, one is a copy. Cost is what the server process was charged (INFO used_cpu_user and used_cpu_sys).

Beside it stands what 22 reads of buckets drawn at random cost the same server in the same round, `HGET` in a script and
nothing else: how that grows is the machine's memory, not the index.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint
from worker.state import redis_server
from worker.state.stories import Settled
from worker.state.stories.redis_index import RedisStories

ANCHORS, NUMBERS, PARAGRAPHS = 22, 11, 14  # of a capture, on average
COMMON = 0.15  # of the anchors come from a pool of phrases (docs/story-index.md)
POOL = 50_000
SITES = 5_000
GENERATION, ENTRY = 128, 11  # paragraphs of a site, and bytes of one (shown.lua)
BATCH = 32
FILL, FILL_A = 64, 24  # entries a bucket; postings a bucket
DEAD = b"\xff" * 4  # of postings, as in tables.lua
LEAST = {"A": 8, "c": 4, "x": 4, "u": 4}  # levels, as in tables.lua
RULES = DedupRules()
LIVES_S = 30 * 86400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--batches", type=int, default=8, help="of 32 captures, in a round of one server")
    parser.add_argument("--binary", help="the server program; else the one copydesk finds")
    wanted = parser.parse_args()
    print(json.dumps(measured(wanted), indent=2))


def measured(wanted: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="cdb") as folder:
        benches = []
        try:
            for count in (wanted.small, wanted.large):
                benches.append(Bench.start(Path(folder, str(count)), count, wanted.binary))
            for bench in benches:
                bench.round(wanted.batches)  # scripts loaded, caches filled
            rounds = [[bench.round(wanted.batches) for bench in benches] for _ in range(wanted.rounds)]
            return told(benches, rounds)
        finally:
            for bench in benches:
                bench.stop()


def told(benches: Sequence[Bench], rounds: Sequence[Sequence[Cost]]) -> dict[str, Any]:
    report: dict[str, Any] = {"server": benches[0].server.version, "rounds": len(rounds)}
    for place, bench in enumerate(benches):
        costs, reads = zip(*[one[place] for one in rounds], strict=True)
        report[f"{bench.count}"] = {
            "server_us_a_claim": {"median": round(statistics.median(costs)), "least": round(min(costs))},
            "of_22_plain_reads": {"median": round(statistics.median(reads)), "least": round(min(reads))},
            "bytes_a_capture": round(bench.bytes / bench.count),
            "commands_a_claim": bench.commands_a_claim,
        }
    for what, name in enumerate(("ratio", "ratio_of_plain_reads")):
        ratios = [large[what] / small[what] for small, large in rounds]
        report[name] = {
            "median": round(statistics.median(ratios), 2),
            "of_least": round(min(r[1][what] for r in rounds) / min(r[0][what] for r in rounds), 2),
            "quartiles": [round(one, 2) for one in statistics.quantiles(ratios, n=4)],
        }
    return report


class Cost(NamedTuple):
    """Microseconds of server CPU a capture."""

    claim: float  # and its confirm
    reads: float  # of as many buckets as a text has anchors, drawn at random


# ARGV: the key of postings, how many buckets there are, how many to read, where to begin to draw.
READS = """
math.randomseed(tonumber(ARGV[4]))
local read = 0
for _ = 1, tonumber(ARGV[3]) do
  local bucket = struct.pack('<I3', math.random(0, ARGV[2] - 1))
  read = read + #(redis.call('HGET', ARGV[1], bucket) or '')
end
return read
"""


class Bench:
    """A server with a filled index."""

    def __init__(self, server: redis_server.RedisServer, count: int) -> None:
        self.server, self.count = server, count
        self.index = RedisStories(server.url, RULES, prefix="b:")
        self.redis = redis_server.connect(server.url)
        self.stream = Stream(seed=7)
        self.commands_a_claim: dict[str, float] = {}
        before = self.redis.info("memory")["used_memory"]
        fill(self.index, self.redis, count)
        self.bytes = self.redis.info("memory")["used_memory"] - before

    @classmethod
    def start(cls, folder: Path, count: int, binary: str | None) -> Bench:
        server = redis_server.start(folder, binary=binary, maxmemory_mb=4096)
        client = redis_server.connect(server.url)
        client.config_set("appendonly", "no")  # the disk is not what is asked about
        client.close()
        began = time.perf_counter()
        bench = cls(server, count)
        print(f"{count:,} captures written after {time.perf_counter() - began:.0f} s", file=sys.stderr)
        return bench

    def stop(self) -> None:
        self.index.close()
        self.redis.close()
        redis_server.stop(self.server, force=True)

    def round(self, batches: int) -> Cost:
        work = [self.stream.take(BATCH) for _ in range(batches)]
        self.redis.config_resetstat()
        before = self._cpu_s()
        for batch in work:
            verdicts = self.index.claim(batch)
            self.index.confirm(
                [Settled(one.capture_id, v.story_id, v.fence) for one, v in zip(batch, verdicts, strict=True)]
            )
        spent = self._cpu_s() - before
        count = batches * BATCH
        stats = self.redis.info("commandstats")
        self.commands_a_claim = {
            name.removeprefix("cmdstat_"): round(one["calls"] / count, 1)
            for name, one in sorted(stats.items(), key=lambda pair: -pair[1]["calls"])
            if one["calls"] > count / 2
        }
        return Cost(spent / count * 1e6, self._plain_reads(batches) / count * 1e6)

    def _plain_reads(self, batches: int) -> float:
        generation, _, _, level, _, split, _ = struct.unpack_from("<IIdBBII", self.redis.hget(self.index.key, "g"))
        where, buckets = f"{self.index.key}A{generation}", 2**level + split
        before = self._cpu_s()
        for _ in range(batches):
            self.redis.eval(READS, 0, where, buckets, BATCH * ANCHORS, self.stream.draw.getrandbits(30))
        return self._cpu_s() - before

    def _cpu_s(self) -> float:
        told = self.redis.info("cpu")
        return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


class Stream:
    """Captures as fingerprints: four of five new, one an exact copy of one just before."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.pool = pool_anchors()
        self.last: Fingerprint | None = None

    def take(self, count: int) -> list[Fingerprint]:
        return [self._one() for _ in range(count)]

    def _one(self) -> Fingerprint:
        draw = self.draw
        site = f"site{draw.randrange(SITES)}.example"
        identity, address = draw.randbytes(32).hex(), draw.randbytes(8).hex()
        if self.last is not None and draw.random() < 0.2:
            return self.last._replace(capture_id=identity, url_key=address, site=site)
        anchors = [
            self.pool[min(POOL - 1, int(draw.paretovariate(0.6)) - 1)]
            if draw.random() < COMMON
            else draw.getrandbits(48)
            for _ in range(ANCHORS)
        ]
        anchors = list(dict.fromkeys(anchors))
        self.last = Fingerprint(
            capture_id=identity,
            site=site,
            language="en",
            url_key=address,
            exact_hash=draw.randbytes(16).hex(),
            anchors=tuple(anchors),
            blocks=tuple(draw.randrange(PARAGRAPHS) for _ in anchors),
            numbers=tuple(sorted(draw.sample(range(2**16), NUMBERS))),
            numbers_total=NUMBERS,
            words=400,
            too_short=False,
            paragraphs=tuple(draw.getrandbits(48) for _ in range(PARAGRAPHS)),
            lengths=(30,) * PARAGRAPHS,
        )
        return self.last


@cache
def pool_anchors() -> list[int]:
    draw = random.Random(1)
    return [draw.getrandbits(48) for _ in range(POOL)]


class Writer:
    """Hashes written many at a time, in the protocol's own bytes: the client's packing would take ten times as long."""

    def __init__(self, client: Any) -> None:
        self._connection = client.connection_pool.get_connection()
        self._parts: list[bytes] = []
        self._commands = 0

    def hash(self, key: str, entries: Mapping[bytes, bytes], lives: int = 0) -> None:
        self._add(b"HSET", key.encode(), *(part for entry in entries.items() for part in entry))
        if lives:
            self._add(b"EXPIRE", key.encode(), b"%d" % lives)
        if self._commands > 1000:
            self.flush()

    def string(self, key: str, value: bytes, lives: int) -> None:
        self._add(b"SET", key.encode(), value, b"EX", b"%d" % lives)
        if self._commands > 1000:
            self.flush()

    def _add(self, *command: bytes) -> None:
        self._parts.append(b"*%d\r\n" % len(command))
        self._parts += [b"$%d\r\n%b\r\n" % (len(part), part) for part in command]
        self._commands += 1

    def flush(self) -> None:
        self._connection.send_packed_command([b"".join(self._parts)])
        for _ in range(self._commands):
            self._connection.read_response()
        self._parts, self._commands = [], 0


def fill(index: RedisStories, client: Any, count: int) -> None:
    """Write an index of `count` captures into its tables: four of five begin a story, the others are copies."""
    rng = np.random.default_rng(3)
    writer = Writer(client)
    stories = count * 4 // 5
    epoch = int(time.time() // (RULES.window_days * 86400 / 4))
    generation = epoch * 1024
    # Postings: anchors of one story each, and those of the pool.
    keys = rng.integers(0, 2**48, round(stories * ANCHORS * (1 - COMMON)), dtype=np.int64).tolist()
    values = [one.to_bytes(4, "little") for one in rng.integers(1, stories + 1, len(keys)).tolist()]
    drawn = (1 - rng.random(round(stories * ANCHORS * COMMON))) ** (-1 / 0.6)
    times = np.bincount(np.minimum(drawn.astype(np.int64) - 1, POOL - 1), minlength=POOL)
    for place in np.flatnonzero(times).tolist():
        dead = times[place] >= RULES.df_cap
        values += (
            [DEAD]
            if dead
            else [one.to_bytes(4, "little") for one in rng.integers(1, stories + 1, times[place]).tolist()]
        )
        keys += [pool_anchors()[place]] * (len(values) - len(keys))
    header = table(writer, index, f"A{generation}", keys, [one.to_bytes(6, "little")[1:4] for one in keys], values)
    # Captures, exact texts, addresses.
    rows = [struct.pack("<BI", 0, number) for number in range(1, stories + 1)] + [b"\x02" + bytes(39)] * (
        count - stories
    )
    texts = [struct.pack("<I", number) for number in range(1, stories + 1)]
    addresses = [struct.pack("<IHBH", 1 + at % stories, 1, 0, 0) + bytes(6) for at in range(count)]
    for kind, held in (("c", rows), ("x", texts), ("u", addresses)):
        digests = rng.integers(0, 2**63, len(held), dtype=np.int64).tolist()
        names = [one.to_bytes(8, "little") for one in digests]
        header += table(writer, index, f"{kind}{generation}", digests, names, held)
    # Stories of 16 to a key, each with its sketch, numbers and members (one of four has a second).
    row = struct.pack("<BHIHHHHHBHII", 1, 1, 0, ANCHORS, 400, NUMBERS, 0, 1, 31 * 8, epoch, 0, 1)
    for first in range(0, stories + 1, 16):
        entries: dict[bytes, bytes] = {}
        for number in range(max(first, 1), min(first + 16, stories + 1)):
            field = bytes([number % 16])
            entries |= {field: row, field + b"n": bytes(2 * NUMBERS)}
            entries |= {field + struct.pack("<H", at): bytes(45) for at in range(1 + (number % 4 == 0))}
        writer.hash(f"{index.key}s{first // 16}", entries, LIVES_S)
    furniture(writer, index, rng, count)
    writer.hash(
        index.key, {b"n": b"%d" % stories, b"s": b"%d" % SITES, b"g": struct.pack("<IId", generation, 1, 0) + header}
    )
    writer.flush()


def table(
    writer: Writer, index: RedisStories, name: str, low: Sequence[int], fields: Sequence[bytes], values: Sequence[bytes]
) -> bytes:
    """Write a table of linear hashing; what its header says of it. `low` holds the bits that choose a bucket."""
    least = LEAST[name[0]]
    count = max(2**least, -(-len(low) // (FILL_A if name[0] == "A" else FILL)))
    level = count.bit_length() - 1
    split = count - 2**level
    bits = np.array(low, np.int64)
    buckets = np.where(bits % 2**level < split, bits % 2 ** (level + 1), bits % 2**level)
    order = np.argsort(buckets, kind="stable")
    ends = np.searchsorted(buckets[order], np.arange(count), "right").tolist()
    places, begin = order.tolist(), 0
    for bucket, end in enumerate(ends):
        key = f"{index.key}{name}:{bucket}"
        if name[0] == "A":
            slots = b"".join([fields[at] + values[at] for at in places[begin:end]])
            writer.hash(f"{index.key}{name}", {bucket.to_bytes(3, "little"): slots}, LIVES_S if bucket == 0 else 0)
        else:
            writer.hash(key, {b"": b""} | {fields[at]: values[at] for at in places[begin:end]}, LIVES_S)
        begin = end
    return struct.pack("<BBII", level, least - least % 8 if name[0] == "A" else 0, split, len(low))


def furniture(writer: Writer, index: RedisStories, rng: Any, count: int) -> None:
    """What each site has shown: an older generation where it has shown so much, and a younger one."""
    shown = count * PARAGRAPHS // SITES
    entries = rng.bytes(2 * GENERATION * ENTRY)
    for number in range(SITES):
        site = f"site{number}.example"
        writer.hash(f"{index.key}i", {site.encode(): b"%d" % (number + 1)})
        writer.hash(f"{index.key}j", {b"%d" % (number + 1): site.encode()})
        writer.string(f"{index.key}p:{site}", entries[: min(shown, GENERATION // 2) * ENTRY], LIVES_S)
        if shown > GENERATION:
            writer.string(f"{index.key}q:{site}", entries[GENERATION * ENTRY :], LIVES_S)


if __name__ == "__main__":
    main()
