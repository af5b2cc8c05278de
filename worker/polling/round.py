"""One round of polling: hosts side by side, the feeds of one host one after the other."""

from __future__ import annotations

import io
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urlsplit

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference
from worker.plugins import open_source
from worker.polling.feeds import Polled
from worker.polling.fetch import Fetched, FetchError, fetch
from worker.producer import Producer
from worker.state.polls import Poll, Polls

HOSTS_AT_ONCE = 16
SPARE_S = 2.0  # after the budget and the longest timeout a round ends, whoever is still silent
LEASE_S = 300.0  # a feed that was claimed and never settled is due again after this
MOST_WAIT_S = 86_400.0
GONE_S = 7 * 86_400.0  # 410: the owner of the feed says that it will not come back
JITTER = 0.1  # of the time to the next poll, so that feeds do not stay in step


class Outcome(NamedTuple):
    """What a round brought."""

    asked: int = 0
    unchanged: int = 0
    failed: int = 0
    captures: int = 0
    references: int = 0  # pages that were not told of before
    broken: int = 0


class _Answer(NamedTuple):
    feed: Polled
    poll: Poll
    fetched: Fetched | FetchError


def poll(
    feeds: Sequence[Polled],
    polls: Polls,
    producer: Producer,
    *,
    budget_s: float = 60.0,
    clock: Callable[[], float] = time.time,
    note: Callable[[str, str, str], None] = lambda source, url, detail: None,
) -> Outcome:
    """Ask every feed that is due; what is not reached within the budget is due in the next round. A round ends at the
    latest with the budget, the longest `timeout_s` and two seconds.

    `note` is told of each feed that failed. Raises TransientError when the broker or the ledger is away: nothing that
    was fetched counts as polled then.
    """
    until = time.monotonic() + budget_s
    of = {url: feed for feed in feeds for url in feed.urls}
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in polls.due(of, clock()):
        by_host[urlsplit(url).hostname or ""].append(url)
    asked = unchanged = failed = references = 0
    before = (producer.tally.accepted, producer.tally.broken)
    settled: list[Poll] = []
    for feed, known, fetched in _answers(list(by_host.values()), of, polls, until, clock):
        asked += 1
        if isinstance(fetched, FetchError):
            failed += 1
            note(feed.name, known.url, str(fetched))
        elif fetched.body is None:
            unchanged += 1
        else:
            references += _take(feed, known.url, fetched.body, producer)
        settled.append(_after(feed, known, fetched, clock()))
    producer.flush()
    polls.put(settled)
    captures, broken = producer.tally.accepted - before[0], producer.tally.broken - before[1]
    return Outcome(asked, unchanged, failed, captures, references, broken)


def _answers(
    hosts: Sequence[Sequence[str]], of: Mapping[str, Polled], polls: Polls, until: float, clock: Callable[[], float]
) -> Iterator[_Answer]:
    """The answers of all hosts, as they come, until a moment after the budget.

    A name server that stays silent holds a thread for as long as the system waits, whatever the timeout of a fetch.
    The threads are therefore not waited for: a feed whose answer comes too late keeps its claim, and is due again
    when that ends.
    """
    came: SimpleQueue[_Answer | Exception | None] = SimpleQueue()
    over = threading.Event()
    waiting: SimpleQueue[Sequence[str]] = SimpleQueue()
    for urls in hosts:
        waiting.put(urls)

    def ask() -> None:
        try:
            with suppress(Empty):
                while not over.is_set():
                    for answer in _ask(waiting.get_nowait(), of, polls, until, clock, over):
                        came.put(answer)
        except Exception as exc:
            came.put(exc)
        finally:
            came.put(None)

    running = min(HOSTS_AT_ONCE, len(hosts))
    for number in range(running):
        threading.Thread(target=ask, name=f"poll-{number}", daemon=True).start()
    longest_s = max((feed.timeout_s for feed in of.values()), default=0.0)
    end = until + longest_s + SPARE_S
    try:
        while running:
            try:
                answer = came.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                return
            if isinstance(answer, Exception):
                raise answer
            if answer is None:
                running -= 1
            else:
                yield answer
    finally:
        over.set()


def _ask(
    urls: Sequence[str],
    of: Mapping[str, Polled],
    polls: Polls,
    until: float,
    clock: Callable[[], float],
    over: threading.Event,
) -> Iterator[_Answer]:
    """The answers of one host, one after the other."""
    for number, url in enumerate(urls):
        feed = of[url]
        if (number and over.wait(feed.host_pause_s)) or over.is_set() or time.monotonic() >= until:
            return
        now = clock()
        known = polls.claim(url, now, now + LEASE_S)
        if known is None:
            continue  # another worker has it
        try:
            yield _Answer(feed, known, fetch(url, feed.limits, etag=known.etag, last_modified=known.last_modified))
        except FetchError as exc:
            yield _Answer(feed, known, exc)


def _take(feed: Polled, url: str, body: bytes, producer: Producer) -> int:
    """Put the full items on their way, and remember the others; returns how many of these are new."""
    facts = CaptureFacts(source=feed.name, language=feed.language, publisher_country=feed.publisher_country)
    told: list[Reference] = []
    try:
        for item in open_source(feed.kind).read(io.BytesIO(body), location=url, defaults=facts):
            if isinstance(item, Reference):
                told.append(item)
            elif isinstance(item, RawCapture) or item.lost:
                producer.add(item)
    except BadCapture as exc:
        producer.add(BrokenRecord(origin=Origin(location=url), reason="unreadable", detail=str(exc)))
    return producer.remember(told)


def _after(feed: Polled, known: Poll, fetched: Fetched | FetchError, now: float) -> Poll:
    """Where a feed stands after a poll: due again in its time, ever later while it fails."""
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # jitter, not a secret
    if isinstance(fetched, FetchError):
        failures = known.failures + 1
        wait_s = min(MOST_WAIT_S, feed.every_s * 2 ** min(failures, 10))
        if fetched.reason == "http_410":
            wait_s = GONE_S
        wait_s = max(wait_s * spread, min(MOST_WAIT_S, fetched.retry_after_s or 0.0))
        return known._replace(due_at=now + wait_s, failures=failures, reason=fetched.reason)
    return Poll(
        known.url,
        due_at=now + feed.every_s * spread,
        etag=fetched.etag or (known.etag if fetched.body is None else None),
        last_modified=fetched.last_modified or (known.last_modified if fetched.body is None else None),
    )
