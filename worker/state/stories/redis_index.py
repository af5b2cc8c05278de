"""The story index in Redis (6.2 or later) or Valkey. Each claim decides inside the server, so it is atomic.

Keys begin with `<prefix>{dd}:v2.3:`, the versions of sketch and layout; the hash tag keeps them in one slot of a
cluster.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from importlib.resources import files
from itertools import chain
from typing import Any
from zlib import crc32

import redis

from worker.errors import TransientError
from worker.models import CaptureId, DuplicateVerdict
from worker.rules import DedupRules
from worker.stages.deduplicate import NOT_SHORTER, SKETCH_VERSION, Fingerprint, SiteParagraphs, rank_of
from worker.state.redis_server import connect
from worker.state.stories.contract import IndexSize, Member, Settled, Story, StoryState
from worker.state.stories.remembered import EPOCHS_A_WINDOW, GENERATION
from worker.state.stories.row import KINDS, Row

STATES: tuple[StoryState, ...] = ("pending", "stored", "free")
LAYOUT = 3  # of what the scripts write; postings were hashes in the first, and strings in the second
FURNITURE = ord("!")
EXACTLY = 128  # added to a member's kind when its time of publication is told to the minute
AT_ONCE = 32  # claims the server takes without a pause for others
_NOBODY = bytes(32)
_MEASURES = struct.Struct("<HHBBBBIII")
_LENGTH = struct.Struct("<H")
MAX_SITE, MAX_LABELS = 4096, 64  # bytes and labels of a host name; no real one comes near
_MEMBER = struct.Struct("<32sBIII")  # as written in claim.lua


class RedisStories:
    """A `StoryIndex` on a server. `clock` is for tests; otherwise the server's own time counts."""

    def __init__(
        self,
        url: str,
        rules: DedupRules,
        *,
        prefix: str = "copydesk:",
        clock: Callable[[], float] | None = None,
        client: redis.Redis | None = None,
    ) -> None:
        self._redis = client if client is not None else connect(url)
        self._clock = clock
        self.key = f"{prefix}{{dd}}:{SKETCH_VERSION}.{LAYOUT}:"
        self._epoch_s = rules.window_days * 86400 / EPOCHS_A_WINDOW
        extra = {"epoch_s": self._epoch_s, "window_s": rules.window_days * 86400, "generation": GENERATION}
        extra |= {"not_shorter": NOT_SHORTER, "budget_bytes": rules.budget_mb * 2**20}
        cfg = rules.model_dump(exclude={"publishers", "budget_mb"}) | extra
        self._publishers = rules.publishers
        self._budget_bytes = rules.budget_mb * 2**20
        self._furniture_script = _Script({}, "shown", "furniture")
        self._claim_script = _Script(
            cfg, "tables", "held", "judge", "shown", "paragraphs", "postings", "budget", "rate", "claim"
        )
        self._settle_script = _Script(cfg, "tables", "held", "settle")
        self._look_script = _Script(cfg, "tables", "held", "rate", "look")

    def known_furniture(self, asks: Sequence[SiteParagraphs]) -> list[frozenset[int]]:
        if not asks:
            return []
        arguments = [part for ask in asks for part in (ask.site, _packed(ask.paragraphs))]
        marks = self._call(self._furniture_script, [arguments])[0]
        return [
            frozenset(paragraph for paragraph, mark in zip(ask.paragraphs, each, strict=True) if mark == FURNITURE)
            for ask, each in zip(asks, marks, strict=True)
        ]

    def claim(self, fingerprints: Sequence[Fingerprint]) -> list[DuplicateVerdict]:
        parts = [fingerprints[at : at + AT_ONCE] for at in range(0, len(fingerprints), AT_ONCE)]
        arguments = [[self._now(), *(_packed_text(each, self._publishers) for each in part)] for part in parts]
        return [
            Row.unpack(answer[40:]).verdict(
                answer[:8].hex(), None if answer[8:40] == _NOBODY else answer[8:40].hex(), fp
            )
            for part, answers in zip(parts, self._call(self._claim_script, arguments), strict=True)
            for fp, answer in zip(part, answers, strict=True)
        ]

    def confirm(self, settled: Sequence[Settled]) -> list[bool]:
        return self._settle("confirm", settled)

    def abort(self, settled: Sequence[Settled]) -> list[bool]:
        return self._settle("abort", settled)

    def story(self, story_id: str) -> Story | None:
        try:
            name = bytes.fromhex(story_id)
        except ValueError:
            return None
        answer = self._call(self._look_script, [[self._now(), name]])[0]
        if answer is None:
            return None
        state, canonical, packed, sites = answer
        members = {
            int.from_bytes(one[:2], "little"): _member(one[2:], site.decode())
            for one, site in zip(packed, sites, strict=True)
        }
        return Story(
            story_id=story_id,
            state=STATES[state],
            canonical=members[canonical].capture_id if canonical in members else None,
            members=tuple(members.values()),
        )

    def size(self) -> IndexSize:
        answer = self._call(self._look_script, [[self._now()]])[0]
        sizes = dict(
            zip(("stories", "captures", "bytes", "last_minute", "last_hour", "forgotten"), answer, strict=True)
        )
        return IndexSize(**sizes, budget_bytes=self._budget_bytes)

    def forget(self, capture_id: CaptureId) -> bool:
        return self._settle("forget", [Settled(capture_id, "", 0)])[0]

    def close(self) -> None:
        self._redis.close()

    def _settle(self, what: str, settled: Sequence[Settled]) -> list[bool]:
        if not settled:
            return []
        each = [part for s in settled for part in (bytes.fromhex(s.capture_id), s.fence)]
        return [bool(done) for done in self._call(self._settle_script, [[self._now(), what, *each]])[0]]

    def _now(self) -> str:
        return repr(self._clock()) if self._clock is not None else ""

    def _call(self, script: _Script, arguments: Sequence[Sequence[Any]]) -> list[Any]:
        """The answers of `script` to each of `arguments`, in one round trip (two when the server must learn it)."""
        answers: list[Any] = [None] * len(arguments)
        left = list(range(len(arguments)))
        while left:
            pipe = self._redis.pipeline(transaction=False)
            for i in left:
                pipe.evalsha(script.digest, 1, self.key, *arguments[i])
            for i, answer in zip(left, self._run(pipe), strict=True):
                answers[i] = answer
            left = [i for i in left if isinstance(answers[i], redis.exceptions.NoScriptError)]
            if left:
                pipe = self._redis.pipeline(transaction=False)
                pipe.script_load(script.text)
                self._run(pipe)
        for answer in answers:
            if isinstance(answer, redis.exceptions.RedisError):
                raise TransientError(f"the story index at its Redis did not answer: {answer}") from answer
        return answers

    def _run(self, pipe: redis.client.Pipeline) -> list[Any]:
        try:
            return pipe.execute(raise_on_error=False)
        except (redis.exceptions.RedisError, OSError) as exc:
            raise TransientError(f"the story index at its Redis is away: {exc}") from exc


class _Script:
    """Lua files as one script, with the rules as its first line; the server knows it by its digest."""

    def __init__(self, cfg: Mapping[str, float], *names: str) -> None:
        folder = files("worker.state.stories")
        parts = ["local cfg = { " + ", ".join(f"{key} = {value!r}" for key, value in cfg.items()) + " }"]
        parts += (folder.joinpath(f"{name}.lua").read_text("utf-8") for name in names)
        self.text = "\n".join(parts)
        self.digest = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


def _member(packed: bytes, site: str) -> Member:
    capture, kind, seen, published, _ = _MEMBER.unpack(packed)
    return Member(
        capture_id=capture.hex(),
        kind=KINDS[kind % EXACTLY],
        site=site,
        seen_at=datetime.fromtimestamp(seen, UTC),
        published_at=datetime.fromtimestamp(published, UTC) if published else None,
        published_exactly=kind >= EXACTLY,
    )


def _packed_text(fp: Fingerprint, publishers: Sequence[str]) -> bytes:
    """A fingerprint as claim.lua reads it: one argument, since each costs the client 2 us."""
    parts = (
        bytes.fromhex(fp.url_key) if fp.url_key else b"",
        _packed(fp.anchors),
        bytes(fp.blocks),
        struct.pack(f"<{len(fp.numbers)}H", *fp.numbers),
        _packed(fp.paragraphs),
        bytes(fp.lengths),
        fp.site.encode("utf-8", "surrogatepass")[:MAX_SITE],
        _domains(fp.site),
    )
    measures = _MEASURES.pack(
        min(fp.words, 0xFFFF),
        min(fp.numbers_total, 0xFFFF),
        fp.too_short,
        fp.is_excerpt,
        fp.published_exactly,
        rank_of(fp.site, publishers),
        crc32(fp.origin.encode()) if fp.origin else 0,
        _seconds(fp.seen_at),
        _seconds(fp.published_at),
    )
    lengths = map(_LENGTH.pack, map(len, parts))
    ids = (bytes.fromhex(fp.capture_id), bytes.fromhex(fp.exact_hash))
    return b"".join((measures, *ids, *chain.from_iterable(zip(lengths, parts, strict=True))))


@lru_cache(maxsize=1024)
def _domains(site: str) -> bytes:
    """A site and the domains it is part of, as hashes."""
    labels = site.split(".")[-MAX_LABELS:]
    return b"".join(crc32(".".join(labels[at:]).encode()).to_bytes(4, "little") for at in range(len(labels)))


def _packed(hashes: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(hashes)}Q", *hashes)


def _seconds(value: int | None) -> int:
    return min(max(value or 0, 0), 0xFFFFFFFF)
