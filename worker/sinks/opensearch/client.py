"""The few requests the sink makes, over plain HTTP, so that one client serves OpenSearch and Elasticsearch."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any, NamedTuple, Self

import urllib3
from pydantic import Field, SecretStr, model_validator
from urllib3.util import Timeout, parse_url

from worker import __version__
from worker.errors import TransientError
from worker.plugins import Options


class OpenSearchOptions(Options):
    url: str  # https://host:9200; may have a path
    index: str = Field(default="copydesk-articles", pattern=r"^[a-z0-9][a-z0-9._-]{0,200}$")
    username: str | None = None
    password: SecretStr | None = None
    authorization: SecretStr | None = None  # instead: the header itself, as "ApiKey …"
    allow_http: bool = False
    ca_file: Path | None = None  # PEM; instead of the system's
    template: bool = True  # false: the owner keeps the index template
    shards: int = Field(default=1, ge=1)
    replicas: int = Field(default=1, ge=0)
    max_request_bytes: int = Field(default=8_000_000, ge=100_000)
    timeout_s: float = Field(default=60, gt=0)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        try:
            url = parse_url(self.url)
        except urllib3.exceptions.LocationParseError as exc:
            raise ValueError("`url` is no URL") from exc
        if url.scheme not in ("https", "http") or not url.host or url.query:
            raise ValueError("`url` is https://host:port")
        if url.auth:
            raise ValueError("no user or password in `url`; use `username` and `password_env`")
        if url.scheme == "http" and not self.allow_http:
            raise ValueError("`url` begins with https://, or set `allow_http`")
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` belong together")
        if self.authorization and self.username:
            raise ValueError("give `username` and `password`, or `authorization`")
        return self


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]


class Client:
    """One server. Redirects and proxies of the environment are not followed."""

    def __init__(self, options: OpenSearchOptions) -> None:
        url = parse_url(options.url)
        self.host = url.host or ""
        self._path = (url.path or "").rstrip("/")
        self._headers = {"accept": "application/json", "user-agent": f"copydesk/{__version__}"}
        if options.authorization:
            self._headers["authorization"] = options.authorization.get_secret_value()
        elif options.username is not None and options.password is not None:
            login = f"{options.username}:{options.password.get_secret_value()}"
            self._headers |= urllib3.make_headers(basic_auth=login)
        timeout = Timeout(connect=min(5.0, options.timeout_s), read=options.timeout_s)
        self._pool: urllib3.HTTPConnectionPool
        if url.scheme == "https":
            context = ssl.create_default_context(cafile=options.ca_file)
            self._pool = urllib3.HTTPSConnectionPool(
                url.host or "", url.port or 443, timeout=timeout, retries=False, ssl_context=context
            )
        else:
            self._pool = urllib3.HTTPConnectionPool(url.host or "", url.port or 80, timeout=timeout, retries=False)

    def ask(self, method: str, path: str, body: bytes | dict[str, Any]) -> Answer:
        """The answer to a request. Raises TransientError when there is none that helps: the server is away or busy,
        lets us not in, or answers with something else than JSON."""
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            answer = self._pool.urlopen(
                method, self._path + path, content, self._headers | {"content-type": kind}, redirect=False
            )
            told = answer.data
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            raise TransientError(f"{self.host} takes no articles: {exc}") from exc
        status = answer.status
        if status == 413:
            return Answer(status, {})
        if status >= 300:
            raise TransientError(f"{self.host} answers {status} to {method} {path.partition('?')[0]}{_why(told)}")
        try:
            found = json.loads(told)
        except ValueError as exc:
            raise TransientError(f"{self.host} answers with something else than JSON") from exc
        return Answer(status, found if isinstance(found, dict) else {})

    def close(self) -> None:
        self._pool.close()


def _why(told: bytes) -> str:
    """The kind of an error, as servers name it: never its reason, which may quote the article."""
    try:
        return f": {json.loads(told)['error']['type']}"
    except (ValueError, KeyError, TypeError):
        return ""
