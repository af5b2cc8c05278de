"""A capture's trace goes from the producer through all stages to every sink, over OTLP to a real collector's door."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytestmark = pytest.mark.integration
proto = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason="the extra `tracing`")

BOTH = '[[routes]]\nname = "all"\nsinks = ["articles", "stream"]\n'


class Collector:
    """Takes traces as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: dict[bytes, str] = {}  # by span
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                request = proto.ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    names = {one.key: one.value.string_value for one in resource.resource.attributes}
                    for scope in resource.scope_spans:
                        outer.spans.extend(scope.spans)
                        outer.services |= {span.span_id: names["service.name"] for span in scope.spans}
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_one_trace_goes_from_the_producer_to_every_sink(make_desk: Any, collector: Collector) -> None:
    desk = make_desk(worker="max_tasks_per_child = 1")  # each child is recycled after its batch: no span may be lost
    profile = desk.settings.config_dir / "profiles" / "test.toml"
    profile.write_text(profile.read_text() + f'\n[tracing]\nendpoint = "{collector.url}"\n')
    (desk.settings.config_dir / "routes.toml").write_text(BOTH)
    desk.reload()
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(3))).returncode == 0
        desk.wait_finished(3)
    finally:
        workers.stop()

    spans = {span.span_id: span for span in collector.spans}
    names = sorted(span.name.removeprefix("copydesk.") for span in spans.values())
    assert names == ["classify", "deduplicate", "deliver", "deliver", "enqueue", "normalize", "route"]
    assert len({span.trace_id for span in spans.values()}) == 1
    before = {"normalize": "enqueue", "deduplicate": "normalize", "classify": "deduplicate", "route": "classify"}
    for span in spans.values():
        name = span.name.removeprefix("copydesk.")
        if name == "enqueue":
            assert span.parent_span_id == b""
            assert collector.services[span.span_id] == "copydesk-producer"
        else:
            assert spans[span.parent_span_id].name == f"copydesk.{before.get(name, 'route')}"
            assert collector.services[span.span_id] == "copydesk-worker"
            facts = {one.key: one.value.int_value for one in span.attributes}
            assert facts["copydesk.items"] == 3
    assert "Council" not in str(collector.spans)
    (trace,) = {span.trace_id.hex() for span in spans.values()}
    assert f'"trace_id": "{trace}"' in (desk.folder / "worker.log").read_text()


def test_a_collector_that_is_away_holds_nothing_up(desk: Any) -> None:
    profile = desk.settings.config_dir / "profiles" / "test.toml"
    profile.write_text(profile.read_text() + '\n[tracing]\nendpoint = "http://127.0.0.1:1"\n')
    desk.reload()
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(3))).returncode == 0
        counts = desk.wait_finished(3)
    finally:
        workers.stop()

    assert counts.states == {"stored": 3}
