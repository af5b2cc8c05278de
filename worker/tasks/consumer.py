"""The worker's side of the broker: outlives every loss of its server; what it ends itself counts against nobody."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import Any, cast

from celery.utils.threads import bound_open_broker_sockets  # type: ignore[attr-defined]  # new in celery 5.7
from celery.worker import consumer, state
from kombu.transport import redis

from worker.app import App
from worker.errors import TransientError
from worker.models import Stage
from worker.observe import logs
from worker.state.attempts import open_attempts
from worker.tasks.desk import attempts_ttl_s

CLOSE_WAIT_S = 5.0  # for what a lost connection may still say; Celery's own
EVENTS_WAIT_S = 1.0
READ_S = 1.0  # seconds to read what a subscription is said to have
log = logs.get("worker.tasks")


def _receive_one(self: redis.Channel, subscription: Any) -> Any:
    """What kombu does, with a read that ends.

    kombu reads from its subscription without any time limit, as redis-py does for who may wait. On a connection that
    was cut, made again and silent, the worker's one loop then waited for ever: alive, and taking nothing.
    """
    if "parse_response" not in vars(subscription):
        subscription.parse_response = partial(subscription.parse_response, block=False, timeout=READ_S)
    return _receive_one_at_leisure(self, subscription)


_receive_one_at_leisure = redis.Channel._receive_one  # type: ignore[attr-defined]
redis.Channel._receive_one = _receive_one  # type: ignore[attr-defined]


class Consumer(consumer.Consumer):
    """Celery's consumer, with four changes that each answer a failure that was seen."""

    # Celery's own, of which its type stubs know nothing.
    connection: Any
    task_consumer: Any
    connection_errors: tuple[type[Exception], ...]
    channel_errors: tuple[type[Exception], ...]
    hub: Any

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close the tasks' channel while it still knows its server; then what Celery does.

        kombu reads the answer of a waiting BRPOP before it closes a channel. Lost with the connection, that read
        raises, and the channel is closed a second time when its connection has forgotten the server: giving back
        what is unacknowledged then ended the whole worker with an AttributeError (tests/fault/test_reconnect.py).
        """
        self._remember_what_is_ended()
        if self.task_consumer is not None and self.connection is not None:
            bound_open_broker_sockets(self.connection, CLOSE_WAIT_S)
            for _ in ("its waiting read", "the channel itself"):
                try:
                    self.task_consumer.channel.close()
                except self.connection_errors + self.channel_errors as lost:
                    log.debug("channel.lost", error=str(lost))
        super().on_connection_error_after_connected(exc)

    def call_soon_ack(self, p: Any, *args: Any, **kwargs: Any) -> Any:
        """Acknowledge at the loop's next turn, unless the connection was lost and closed by then.

        The message comes again, and its batch is known as done. The attempt to tell a closed channel ended the whole
        worker with an AttributeError (tests/fault/test_reconnect.py, one run of three on a busy machine).
        """

        def unless_lost(*given: Any, **named: Any) -> None:
            channel = getattr(getattr(p, "__self__", None), "channel", None)
            if channel is not None and channel.connection is None:
                log.debug("ack.lost")
            else:
                p(*given, **named)

        return super().call_soon_ack(unless_lost, *args, **kwargs)  # type: ignore[misc]

    def connect(self) -> Any:
        connection = super().connect()
        self._pardon()
        return connection

    def cancel_active_requests(self) -> None:
        """At shutdown. Pardoned before they are given back, so that who takes them next counts right."""
        self._remember_what_is_ended()
        self._pardon()
        super().cancel_active_requests()

    def _remember_what_is_ended(self) -> None:
        self._ended |= {(request.task_name, request.id) for request in state.active_requests}

    def _pardon(self) -> None:
        """A batch whose process we end, because the server went away or we stop, did not kill it: three outages or
        three restarts in the middle of a capture had put it into quarantine."""
        if not self._ended:
            return
        app = cast(App, self.app)
        try:
            with closing(open_attempts(app.settings.broker.url, ttl_s=attempts_ttl_s(app.settings))) as attempts:
                for task, batch_id in self._ended:
                    attempts.pardon(cast(Stage, task.removeprefix("worker.")), batch_id)
        except TransientError as exc:
            log.warning("attempts.not_pardoned", error=str(exc))  # counted once too often, at worst
        self._ended = set()

    def on_send_event_buffered(self) -> None:  # type: ignore[override]
        """Gather task events for a moment: published one by one, they took half of the parent's CPU (15 of 30 % of
        its samples). Flower shows them this much later."""
        if not self._gathering:
            self._gathering = True
            self.hub.call_later(EVENTS_WAIT_S, self._flush_events)

    def _flush_events(self) -> None:
        self._gathering = False
        super()._flush_events()  # type: ignore[misc]

    _gathering = False
    _ended: set[tuple[str, str]] = set()  # noqa: RUF012  # replaced, never changed
