"""One signed request a delivery, in order. The answer decides: done, refused for good, or later.

Answers about the endpoint (away, busy, wrong credentials, moved, gone) stop the batch: what was sent stays sent, the
rest waits. An answer about the item (any other 4xx) rejects this item alone.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import ClassVar, Literal, Self

import urllib3
from pydantic import Field, SecretStr, field_validator, model_validator
from urllib3.util import Timeout, parse_url

from worker import __version__
from worker.errors import ConfigError, TransientError
from worker.models import Receipt, SinkItem
from worker.plugins import Guarantee, Options
from worker.sinks.webhook.connection import is_public, open_pool
from worker.sinks.webhook.event import event, keys_of, message, signature

BATCH_S = 60.0  # then the rest of a batch goes back: a slow endpoint must not outlast the task
LONGEST_WAIT_S = 3600.0  # of what Retry-After may ask for
LONGEST_ANSWER = 65_536  # bytes read so that the connection can be kept
_OF_THE_ENDPOINT = {401, 402, 403, 404, 405, 407, 408, 410, 421, 425, 429, 502, 503, 504}


class WebhookOptions(Options):
    url: SecretStr  # may hold a token: it is never told
    secret: SecretStr | None = None  # whsec_…; several, separated by spaces, while one replaces another
    secret_file: Path | None = None  # … or read from this file
    authorization: SecretStr | None = None  # the header of that name, as "Bearer …"
    body: Literal["event", "text"] = "event"  # text: one line for a chat, which needs no signature
    allow_http: bool = False
    allow_private: bool = False  # loopback, 10.…, 192.168.… and the like
    ca_file: Path | None = None  # PEM; instead of the system's
    connect_timeout_s: float = Field(default=5, gt=0)
    read_timeout_s: float = Field(default=15, gt=0, le=120)

    @field_validator("secret")
    @classmethod
    def _has_keys(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            keys_of(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.secret and self.secret_file:
            raise ValueError("give `secret` or `secret_file`, not both")
        if self.body == "event" and not (self.secret or self.secret_file):
            raise ValueError("events are signed: give `secret` (secret_env = …) or `secret_file`")
        try:
            url = parse_url(self.url.get_secret_value())
        except urllib3.exceptions.LocationParseError as exc:
            raise ValueError("`url` is no URL") from exc
        if url.scheme not in ("https", "http") or not url.host:
            raise ValueError("`url` begins with https://")
        if url.auth:
            raise ValueError("no user or password in `url`; use `authorization`")
        if url.scheme == "http" and not self.allow_http:
            raise ValueError("`url` begins with https://, or set `allow_http`")
        if not self.allow_private and _is_private_literal(url.host):
            raise ValueError("`url` is a private address; set `allow_private` to permit it")
        return self


class WebhookSink:
    Options: ClassVar[type[Options]] = WebhookOptions
    guarantee: ClassVar[Guarantee] = "at_least_once"

    def __init__(self, options: WebhookOptions) -> None:
        self._options = options
        self._keys = _keys(options)
        url = parse_url(options.url.get_secret_value())
        self._host, self._target = url.host or "", url.request_uri
        self._pool = open_pool(
            url.scheme or "https",
            self._host,
            url.port,
            allow_private=options.allow_private,
            ca_file=options.ca_file,
            timeout=Timeout(connect=options.connect_timeout_s, read=options.read_timeout_s),
        )

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        receipts: list[Receipt] = []
        until = time.monotonic() + BATCH_S
        for place, item in enumerate(items):
            try:
                if time.monotonic() > until:
                    raise TransientError(f"{self._host} is slow", retry_after_s=1)
                receipts.append(self._send(item))
            except TransientError as exc:
                if all(receipt.status == "retry" for receipt in receipts):
                    raise
                return receipts + [_later(left, str(exc), exc.retry_after_s) for left in items[place:]]
        if items and all(receipt.status == "retry" for receipt in receipts):
            raise TransientError(receipts[0].detail, retry_after_s=receipts[0].retry_after_s)
        return receipts

    def reach(self) -> str:
        """Opens the connection, with TLS, and sends nothing: a request would be an event."""
        connection = self._pool._new_conn()
        try:
            connection.connect()
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            raise TransientError(f"{self._host} takes no connection: {exc}") from exc
        finally:
            connection.close()
        return f"{self._host} takes connections; no request was sent"

    def close(self) -> None:
        self._pool.close()

    def _send(self, item: SinkItem) -> Receipt:
        body = event(item) if self._options.body == "event" else message(item)
        try:
            answer = self._pool.urlopen(
                "POST", self._target, body, self._headers(item, body), redirect=False, preload_content=False
            )
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            raise TransientError(f"{self._host} takes no deliveries: {exc}") from exc
        _finish(answer, time.monotonic() + self._options.read_timeout_s)
        return self._receipt(item, answer.status, answer.headers)

    def _headers(self, item: SinkItem, body: bytes) -> dict[str, str]:
        delivery_id = item.delivery.delivery_id
        headers = {
            "content-type": "application/json",
            "user-agent": f"copydesk/{__version__}",
            "webhook-id": delivery_id,
            "idempotency-key": delivery_id,
        }
        if self._keys:
            sent_at = int(time.time())
            headers["webhook-timestamp"] = str(sent_at)
            headers["webhook-signature"] = signature(self._keys, delivery_id, sent_at, body)
        if self._options.authorization:
            headers["authorization"] = self._options.authorization.get_secret_value()
        return headers

    def _receipt(self, item: SinkItem, status: int, headers: Mapping[str, str]) -> Receipt:
        told = f"{self._host} answers {status}"
        if 200 <= status < 300:
            return Receipt(delivery_id=item.delivery.delivery_id, status="stored")
        if 300 <= status < 400:
            raise TransientError(f"{told}: redirects are not followed; give the final `url`")
        wait_s = retry_after_s(headers.get("retry-after"), datetime.now(UTC))
        if status in _OF_THE_ENDPOINT:
            raise TransientError(told, retry_after_s=wait_s)
        if status >= 500:
            return _later(item, told, wait_s)
        return Receipt(delivery_id=item.delivery.delivery_id, status="rejected", detail=told)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """The seconds a Retry-After header asks for (a number or a date), at most `LONGEST_WAIT_S`; None when unsaid."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT_S)


def _later(item: SinkItem, told: str, wait_s: float | None) -> Receipt:
    return Receipt(delivery_id=item.delivery.delivery_id, status="retry", detail=told, retry_after_s=wait_s)


def _finish(answer: urllib3.BaseHTTPResponse, until: float) -> None:
    """Read what is left of a short answer, so that the connection can be kept; let a long, slow or broken one go."""
    left = LONGEST_ANSWER
    with contextlib.suppress(urllib3.exceptions.HTTPError, OSError):  # its status has been told
        while left > 0 and time.monotonic() < until:
            piece = answer.read1(left)
            if not piece:
                answer.release_conn()
                return
            left -= len(piece)
    answer.close()


def _keys(options: WebhookOptions) -> list[bytes]:
    if options.secret:
        return keys_of(options.secret.get_secret_value())
    if options.secret_file is None:
        return []
    try:
        return keys_of(options.secret_file.read_text())
    except (OSError, UnicodeDecodeError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it holds no signing secret"
        raise ConfigError(f"webhook: secret_file {options.secret_file}: {why}") from exc


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(host.strip("[]"))
    except ValueError:
        return host == "localhost"
