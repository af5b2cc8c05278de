"""OpenTelemetry traces: from the producer's message through every task that follows from it. Off unless configured.

A span is a batch, not an article: its attributes are counts and ids, never text. The context travels in the header
`traceparent` of a message (W3C Trace Context) and is taken only when it has exactly that form. The provider is made
after the fork, because its threads do not survive one.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from worker import __version__
from worker.errors import ConfigError
from worker.settings import Tracing

HEADER = "traceparent"
FLUSH_MS = 5000
_FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class _Process:
    """What this process has; `users` are those who started it and have not stopped it."""

    provider: Any = None
    tracer: Any = None
    users = 0


_lock = threading.Lock()


def check(settings: Tracing) -> None:
    """Raise ConfigError when traces are wanted and cannot be made."""
    if settings.endpoint and importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is None:
        raise ConfigError("tracing.endpoint needs OpenTelemetry; install it with: pip install 'copydesk[tracing]'")


def start(settings: Tracing, role: str, *, exporter: Any = None) -> None:
    """Begin to trace in this process, once however often it is called; `exporter` is for tests.

    Raises ConfigError where the extra is missing.
    """
    if not settings.endpoint and exporter is None:
        return
    with _lock:
        _Process.users += 1
        if _Process.provider is not None:
            return
        check(settings)
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        if exporter is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            # Headers that open the collector come from OTEL_EXPORTER_OTLP_HEADERS, as everywhere.
            exporter = OTLPSpanExporter(endpoint=settings.endpoint.rstrip("/") + "/v1/traces", timeout=5)
        _Process.provider = TracerProvider(
            resource=Resource.create({"service.name": f"copydesk-{role}", "service.version": __version__}),
            sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
            shutdown_on_exit=False,
        )
        _Process.provider.add_span_processor(BatchSpanProcessor(exporter))
        _Process.tracer = _Process.provider.get_tracer("copydesk", __version__)


def stop() -> None:
    """The last who started it sends what is left, and ends it. Does no harm where nothing was started."""
    with _lock:
        _Process.users = max(0, _Process.users - 1)
        if _Process.users or _Process.provider is None:
            return
        provider, _Process.provider, _Process.tracer = _Process.provider, None, None
    provider.force_flush(FLUSH_MS)
    provider.shutdown()


def forget() -> None:
    """A child does not use what its parent started."""
    _Process.provider = _Process.tracer = None
    _Process.users = 0


@contextmanager
def span(name: str, parent: Any = None, **facts: str | int | float) -> Iterator[str | None]:
    """A span around what is done inside; yields its trace id, or None when traces are off.

    `parent` is the header of the message that caused it; what has not its form is passed over, as is an absent one.
    """
    tracer = _Process.tracer
    if tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind, StatusCode, format_trace_id

    kind = SpanKind.PRODUCER if parent is None else SpanKind.CONSUMER
    attributes = {f"copydesk.{key}": value for key, value in facts.items()}
    with tracer.start_as_current_span(
        name,
        context=_context(parent),
        kind=kind,
        attributes=attributes,
        record_exception=False,  # an error's words may be the article's
        set_status_on_exception=False,
    ) as current:
        try:
            yield format_trace_id(current.get_span_context().trace_id)
        except BaseException as exc:
            current.set_status(StatusCode.ERROR, type(exc).__name__)
            raise


def note(facts: Mapping[str, int]) -> None:
    """Add counts to the span that is open."""
    if _Process.tracer is None:
        return
    from opentelemetry.trace import get_current_span

    get_current_span().set_attributes({f"copydesk.{key}": value for key, value in facts.items()})


def headers() -> dict[str, str]:
    """What a message must carry so that what follows belongs to the open span; nothing when traces are off."""
    if _Process.tracer is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return {HEADER: carrier[HEADER]} if HEADER in carrier else {}


def _context(parent: Any) -> Any:
    """The context a header names; None, which means the open span or a new trace, when it has not the form."""
    if not isinstance(parent, str) or not _FORM.fullmatch(parent):
        return None
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({HEADER: parent}, context=Context())
