"""The feeds to poll: the entries of sources.toml that name addresses."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, ValidationError

from worker.errors import ConfigError
from worker.plugins import Options
from worker.polling.fetch import Limits
from worker.settings import SourceSpec

KINDS = ("feed", "sitemap")
LEAST_EVERY_S = 60.0


class Polled(Options):
    """One named source that is polled: its addresses, how often, within what."""

    name: str
    kind: str  # how an answer is read: feed, sitemap
    urls: tuple[str, ...] = Field(min_length=1)
    every_s: float = Field(default=900.0, ge=LEAST_EVERY_S)
    host_pause_s: float = Field(default=1.0, ge=0)  # between two requests to one host
    timeout_s: float = Field(default=20.0, gt=0, le=120)
    max_bytes: int = Field(default=16 * 1024 * 1024, ge=1024)
    allow_private: bool = False
    language: str | None = None  # BCP 47, of items that do not say
    publisher_country: str | None = None  # ISO 3166-1 alpha-2

    @property
    def limits(self) -> Limits:
        return Limits(timeout_s=self.timeout_s, max_bytes=self.max_bytes, allow_private=self.allow_private)


def polled(sources: Sequence[SourceSpec]) -> list[Polled]:
    """The sources that are polled: those with `urls`. Raises ConfigError with a line that names source and key."""
    found = []
    for spec in sources:
        if "urls" not in spec.options:
            continue
        try:
            feed = Polled.model_validate({**spec.options, "name": spec.name, "kind": spec.kind})
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"sources.toml: source {spec.name!r}: {where}: {first['msg']}") from exc
        if spec.kind not in KINDS:
            raise ConfigError(
                f"sources.toml: source {spec.name!r}: only {', '.join(KINDS)} are polled, not {spec.kind}"
            )
        for url in feed.urls:
            if not url.startswith(("http://", "https://")):
                raise ConfigError(f"sources.toml: source {spec.name!r}: {url!r} is no http or https address")
        found.append(feed)
    return found
