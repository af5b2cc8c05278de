"""Traces: off unless wanted; the context of a message is taken only when it has the form of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from worker.observe import tracing
from worker.settings import Tracing

export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter", reason="the extra `tracing`")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter() -> Iterator[Any]:
    made = export.InMemorySpanExporter()
    tracing.start(Tracing(), "test", exporter=made)
    yield made
    tracing.stop()


def finished(exporter: Any) -> list[Any]:
    tracing._Process.provider.force_flush()
    return list(exporter.get_finished_spans())


def test_without_an_endpoint_nothing_is_traced_and_no_message_carries_a_context() -> None:
    tracing.start(Tracing(), "test")
    with tracing.span("copydesk.normalize", PARENT) as trace_id:
        assert tracing.headers() == {}
    tracing.note({"items": 1})
    tracing.stop()

    assert trace_id is None


def test_a_span_belongs_to_the_message_that_caused_it_and_hands_on_its_own(exporter: Any) -> None:
    with tracing.span("copydesk.normalize", PARENT, stage="normalize") as trace_id:
        tracing.note({"items": 3, "dropped:too_short": 1})
        carried = tracing.headers()

    (span,) = finished(exporter)
    assert trace_id == PARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]
    assert carried["traceparent"] == f"00-{trace_id}-{span.context.span_id:016x}-01"
    assert dict(span.attributes) == {
        "copydesk.stage": "normalize",
        "copydesk.items": 3,
        "copydesk.dropped:too_short": 1,
    }


@pytest.mark.parametrize(
    "header",
    [
        "",
        7,
        {"a": 1},
        PARENT.upper(),
        PARENT + "-more",
        "01" + PARENT[2:],
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        PARENT + "\n",
        "x" * 10**6,
    ],
)
def test_what_has_not_the_form_of_a_context_begins_a_new_trace(exporter: Any, header: Any) -> None:
    with tracing.span("copydesk.normalize", header) as trace_id:
        pass

    (span,) = finished(exporter)
    assert span.parent is None
    assert trace_id != PARENT.split("-")[1]


def test_who_started_it_second_does_not_end_it_for_the_first(exporter: Any) -> None:
    tracing.start(Tracing(endpoint="http://127.0.0.1:1"), "producer")
    tracing.stop()

    with tracing.span("copydesk.enqueue") as trace_id:
        pass

    assert trace_id is not None
    assert [span.name for span in finished(exporter)] == ["copydesk.enqueue"]


def test_an_error_inside_is_told_by_its_kind_without_its_words(exporter: Any) -> None:
    with pytest.raises(ValueError, match="words"), tracing.span("copydesk.classify", ""):
        raise ValueError("words of the article")

    (span,) = finished(exporter)
    assert "words" not in span.to_json()
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "ValueError")
