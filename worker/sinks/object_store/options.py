"""Where the objects go and who asks, in one set of words for all clouds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from obstore.store import ObjectStore, from_url
from pydantic import Field, SecretStr, model_validator

from worker.plugins import Options

SCHEMES = ("s3", "gs", "az", "file")
_ONLY_OF = {
    "access_key_id": "s3",
    "secret_access_key": "s3",
    "region": "s3",
    "virtual_hosted": "s3",
    "credentials_file": "gs",
    "account_name": "az",
    "account_key": "az",
}


class ObjectStoreOptions(Options):
    url: str  # s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or file:///folder
    endpoint: str | None = None  # of a server that speaks S3 or Azure
    allow_http: bool = False
    region: str | None = None  # S3
    access_key_id: SecretStr | None = None  # S3; keys that are not given come from the usual AWS_… or instance role
    secret_access_key: SecretStr | None = None
    virtual_hosted: bool = False  # S3: bucket.host/key instead of host/bucket/key
    credentials_file: Path | None = None  # Google: the JSON of a service account
    account_name: str | None = None  # Azure
    account_key: SecretStr | None = None
    parallel: int = Field(default=8, ge=1, le=64)  # requests at a time
    timeout_s: float = Field(default=30, gt=0)

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        place = self.url.partition("://")[2]
        if self.scheme not in SCHEMES or not place.strip("/"):
            raise ValueError("`url` is s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or file:///folder")
        if self.scheme != "file" and "@" in place:
            raise ValueError("no user or password in `url`")
        if self.scheme == "file" and not place.startswith("/"):
            raise ValueError("a folder is file:// and an absolute path: three slashes")
        for name in sorted(self.model_fields_set & set(_ONLY_OF)):
            if self.scheme != _ONLY_OF[name]:
                raise ValueError(f"`{name}` belongs to {_ONLY_OF[name]}://")
        if (self.endpoint or "").startswith("http://") and not self.allow_http:
            raise ValueError("`endpoint` begins with https://, or set `allow_http`")
        return self

    def open(self) -> ObjectStore:
        """The store; asks nothing of it yet."""
        if self.scheme == "file":
            return from_url(self.url, mkdir=True)
        return from_url(  # type: ignore[no-any-return, call-overload]  # one dictionary for three clouds
            self.url,
            config=self._config(),
            client_options={
                "allow_http": self.allow_http,
                "connect_timeout": timedelta(seconds=min(5.0, self.timeout_s)),
                "timeout": timedelta(seconds=self.timeout_s),
                "default_content_type": "application/json",
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=self.timeout_s)},
        )

    def _config(self) -> dict[str, Any]:
        given: dict[str, dict[str, Any]] = {
            "s3": {
                "endpoint": self.endpoint,
                "region": self.region,
                "access_key_id": _told(self.access_key_id),
                "secret_access_key": _told(self.secret_access_key),
                "virtual_hosted_style_request": self.virtual_hosted or None,
            },
            "gs": {"service_account": self.credentials_file and str(self.credentials_file)},
            "az": {
                "endpoint": self.endpoint,
                "account_name": self.account_name,
                "account_key": _told(self.account_key),
            },
        }
        return {name: value for name, value in given[self.scheme].items() if value is not None}


def _told(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
