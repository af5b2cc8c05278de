"""Prometheus metrics of the whole, from one exporter that looks at what all workers share.

Where captures and deliveries stand the ledger and the broker tell, so figures add up with `copydesk status`, survive
every kill and recycled child, and no multiprocess files can go stale. The price: these are of what is remembered
(gauges, which fall when the ledger forgets). What only workers see (outcomes and times of stages, queue waits, how late
news is) they sum in Redis, a round trip a batch: counters, which begin anew with that Redis.
"""

from __future__ import annotations

import hmac
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from socketserver import ThreadingMixIn
from typing import Any, NamedTuple, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from worker.errors import TransientError
from worker.state.backlog import BacklogSize
from worker.state.ledger import DeliveryStanding, Ledger
from worker.state.stories import IndexSize
from worker.state.tallies import LAG_BOUNDS_S as PUBLISHED_BOUNDS_S
from worker.state.tallies import WAIT_BOUNDS_S, histograms

LAG_SAMPLE = 1000  # the last deliveries made that the lag is taken from
LAG_BOUNDS_S = (1, 5, 15, 60, 300, 900, 3600, 21600, 86400)
REQUEST_TIMEOUT_S = 10
COUNTERS = (  # name, tally, what it counts, labels
    ("stage_items", "items", "Items that left a stage, by outcome.", ["stage", "outcome"]),
    ("stage_batches", "batches", "Batches worked on, by the stage they began at.", ["stage"]),
    ("stage_seconds", "seconds", "Seconds of work on batches, by the stage they began at.", ["stage"]),
    ("stage_cpu_seconds", "cpu_seconds", "Processor seconds of the steps, by the stage they began at.", ["stage"]),
)
HISTOGRAMS = (  # name, tally, what it observes, label, bounds
    ("queue_wait_seconds", "wait", "How long messages waited in their queue.", "stage", WAIT_BOUNDS_S),
    ("lag_from_published_seconds", "lag_published", "From publication to delivery.", "sink", PUBLISHED_BOUNDS_S),
)


class Sight(NamedTuple):
    """What the exporter looks at."""

    ledger: Ledger
    backlog: Callable[[], BacklogSize]
    stories: Callable[[], IndexSize]
    tallies: Callable[[], dict[tuple[str, ...], float]]
    quarantined: Callable[[], Mapping[tuple[str, str], int]]  # by stage and reason
    versions: Mapping[str, str]  # of pipeline and artefacts


class Collector:
    """Looks anew at each scrape. What does not answer is told by `copydesk_answers`, and its figures are absent."""

    def __init__(self, sight: Sight, *, clock: Callable[[], float] = time.time) -> None:
        self._sight = sight
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        return ()  # so that registering does not open anything

    def collect(self) -> Iterator[Metric]:
        answers = GaugeMetricFamily("copydesk_answers", "1 when this part answered the scrape.", labels=["part"])
        parts = {"ledger": self._ledger, "broker": self._broker, "stories": self._stories, "tallies": self._tallies}
        for part, look in parts.items():
            try:
                families = list(look())
            except TransientError:
                families = []
            answers.add_metric([part], float(bool(families)))
            yield from families
        yield answers
        versions = InfoMetricFamily("copydesk_model", "Versions of the model files.", labels=["model"])
        for name, version in self._sight.versions.items():
            versions.add_metric([name], {"version": version})
        yield versions

    def _ledger(self) -> Iterator[Metric]:
        counts = self._sight.ledger.counts()
        yield _gauge("captures", "Captures remembered, by state.", ["state"], counts.states)
        yield _gauge("dropped", "Captures dropped, by reason.", ["reason"], counts.drop_reasons)
        yield _gauge("duplicate_kinds", "Captures by kind of duplicate.", ["kind"], counts.duplicate_kinds)
        yield _gauge("ignored_redeliveries", "Repeats that were ignored.", [], {(): counts.ignored_redeliveries})
        by_sink = {(sink, state): n for sink, states in counts.deliveries.items() for state, n in states.items()}
        yield _gauge("deliveries", "Deliveries remembered, by sink and state.", ["sink", "state"], by_sink)
        quarantined = self._sight.quarantined()
        yield _gauge("quarantined", "Items in quarantine, by stage and reason.", ["stage", "reason"], quarantined)
        now = self._clock()
        failing = {circuit.sink: circuit for circuit in self._sight.ledger.circuits()}
        parked = {
            sink: float(bool(one.open_until and one.open_until.timestamp() > now)) for sink, one in failing.items()
        }
        yield _gauge("sink_parked", "1 while a failing sink's deliveries are parked.", ["sink"], parked)
        made = self._sight.ledger.deliveries(LAG_SAMPLE, state="done")
        yield _lag("routed", "recorded to done", made, lambda one: one.recorded_at.timestamp())
        # A delivery's version is its capture time in ms.
        yield _lag("captured", "captured to done", made, lambda one: one.delivery.version / 1000)

    def _broker(self) -> Iterator[Metric]:
        size = self._sight.backlog()
        yield _gauge("queue_messages", "Messages that wait, all priorities.", ["queue"], size.queues)
        yield _gauge("unacked_messages", "Messages handed out and not acknowledged.", [], {(): size.unacked})
        yield _gauge("backlog_messages", "Waiting and unacknowledged messages.", [], {(): size.messages})
        wait = max(0.0, self._clock() - size.oldest_sent_at) if size.oldest_sent_at else 0.0
        yield _gauge("oldest_message_age_seconds", "Age of the oldest message (0: none).", [], {(): wait})
        if size.memory_share is not None:
            yield _gauge("broker_memory_ratio", "Used memory of maxmemory.", [], {(): size.memory_share})

    def _tallies(self) -> Iterator[Metric]:
        held = self._sight.tallies()
        for name, tally, help_text, labels in COUNTERS:
            counter = CounterMetricFamily(f"copydesk_{name}", help_text, labels=labels)
            for parts, value in held.items():
                if parts[0] == tally:
                    counter.add_metric(parts[1:], value)
            yield counter
        for name, tally, help_text, label, bounds in HISTOGRAMS:
            family = HistogramMetricFamily(f"copydesk_{name}", help_text, labels=[label])
            for which, seen in histograms(held, tally, bounds).items():
                sums = list(accumulate(seen.buckets))
                places = [*(str(float(bound)) for bound in bounds), "+Inf"]
                family.add_metric(which, list(zip(places, sums, strict=True)), sum_value=seen.seconds)
            yield family

    def _stories(self) -> Iterator[Metric]:
        size = self._sight.stories()
        yield _gauge("index_stories", "Stories in the index.", [], {(): size.stories})
        yield _gauge("index_captures", "Captures in the index.", [], {(): size.captures})
        yield _gauge("index_bytes", "Size of the index, estimated.", [], {(): size.bytes})
        yield _gauge("index_budget_bytes", "Bound of the index (0: none).", [], {(): size.budget_bytes})
        yield _gauge("index_claims_last_minute", "Captures taken in within a minute.", [], {(): size.last_minute})
        yield _gauge("index_claims_last_hour", "Captures taken in within an hour.", [], {(): size.last_hour})
        yield _gauge("index_forgotten", "Captures forgotten early, to keep the bound.", [], {(): size.forgotten})


def _gauge(name: str, help_text: str, labels: list[str], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"copydesk_{name}", help_text, labels=labels)
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else list(key), value)
    return family


def _lag(name: str, what: str, made: Iterable[DeliveryStanding], since: Callable[[DeliveryStanding], float]) -> Metric:
    """A histogram a sink over the sample: each bucket counts what took at most so long."""
    lags: dict[str, list[float]] = defaultdict(list)
    for one in made:
        lags[one.delivery.sink].append(max(0.0, one.updated_at.timestamp() - since(one)))
    family = GaugeHistogramMetricFamily(
        f"copydesk_lag_from_{name}_seconds", f"From {what}, of the last {LAG_SAMPLE} deliveries.", labels=["sink"]
    )
    for sink, seconds in lags.items():
        buckets = [(str(float(bound)), float(sum(lag <= bound for lag in seconds))) for bound in LAG_BOUNDS_S]
        family.add_metric([sink], [*buckets, ("+Inf", float(len(seconds)))], gsum_value=sum(seconds))
    return family


class Server(Protocol):
    """An open door: serve until shut down."""

    @property
    def server_port(self) -> int: ...
    def serve_forever(self) -> None: ...
    def shutdown(self) -> None: ...
    def server_close(self) -> None: ...


def serve(collector: Collector, *, host: str, port: int, token: str = "") -> Server:
    """A bound HTTP server of `/metrics`; with `token`, only for `Authorization: Bearer` with it."""
    registry = CollectorRegistry()
    registry.register(collector)
    metrics: Any = make_wsgi_app(registry)
    wanted = f"Bearer {token}".encode()

    def door(environ: dict[str, Any], start_response: Any) -> Any:
        given = str(environ.get("HTTP_AUTHORIZATION", "")).encode("utf-8", "replace")
        if token and not hmac.compare_digest(given, wanted):
            start_response("401 Unauthorized", [("WWW-Authenticate", "Bearer"), ("Content-Length", "0")])
            return []
        if environ.get("PATH_INFO") != "/metrics":
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        return metrics(environ, start_response)

    return make_server(host, port, door, server_class=_Threaded, handler_class=_Quiet)


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a slow scraper holds up no other


class _Quiet(WSGIRequestHandler):
    timeout = REQUEST_TIMEOUT_S

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are not news."""
