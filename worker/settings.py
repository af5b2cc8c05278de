"""The only reader of `config/` and of the environment. `load()` gives a frozen Settings, which is passed on."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worker.errors import ConfigError
from worker.models import Stage, digest_of
from worker.rules import DedupRules, NormalizeRules, RegionRules, Route, TopicRules
from worker.sentinels import is_sentinel, sentinels_in

STAGES: tuple[Stage, ...] = ("normalize", "deduplicate", "classify", "route")
PREFIX = "COPYDESK_"
FILE = "_FILE"  # at the end of a variable: the value lies in the file it names

Seconds = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A table of settings.toml; a typo must speak."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # once, as part of the whole


class Broker(Section):
    url: str = ""
    key_prefix: str = "copydesk:"
    visibility_timeout_s: int = 900
    unacked_restore_interval_s: int = 10
    socket_timeout_s: Seconds = 30
    socket_connect_timeout_s: Seconds = 5
    health_check_interval_s: int = 25
    server_binary: str = ""
    server_maxmemory_mb: int = Field(default=1024, ge=16)


class Place(Section):
    url: str = ""


class PipelineSettings(Section):
    segments: tuple[tuple[Stage, ...], ...] = tuple((stage,) for stage in STAGES)
    batch_items: int = Field(default=64, ge=1, le=1000)
    batch_max_bytes: int = Field(default=1048576, ge=1024, le=1024 * 1024)
    item_budget_s: Seconds = 3.5
    max_attempts: int = Field(default=3, ge=1)


class WorkerSettings(Section):
    processes: int = Field(default=0, ge=0)
    soft_time_limit_s: int = 240
    time_limit_s: int = 300
    soft_shutdown_s: Seconds = 20
    grace_s: int = 45
    max_tasks_per_child: int = 1000
    max_memory_per_child_mb: int = 1024


class Retry(Section):
    delay_s: Seconds = 5
    backoff_max_s: Seconds = 300
    max_retries: int = 5
    pending_s: Seconds = 1
    pending_max_s: Seconds = 60


class ProducerSettings(Section):
    high_water: int = Field(default=20000, ge=1)
    low_water: int = Field(default=10000, ge=0)
    min_free_mb: int = Field(default=512, ge=0)
    max_record_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)


class Reconcile(Section):
    every_s: Seconds = 60
    quiet_s: Seconds = 30


class Keep(Section):
    spool_days: Seconds = 14
    ledger_days: Seconds = 90
    quarantine_days: Seconds = 90


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class Tracing(Section):
    endpoint: str = Field(default="", pattern=r"^(https?://[^\s@]+)?$")
    sample_ratio: float = Field(default=1.0, ge=0, le=1)


class SinkSpec(Section):
    """A named sink: its kind and options, secrets filled in."""

    name: str
    kind: str
    options: dict[str, Any] = Field(default_factory=dict, repr=False)
    from_env: tuple[str, ...] = ()  # options that were read from the environment: never shown


class SourceSpec(Section):
    """A named source that is watched or polled."""

    name: str
    kind: str
    options: dict[str, Any] = Field(default_factory=dict)
    from_env: tuple[str, ...] = ()


class Settings(Section):
    """All of `config/`, merged and validated."""

    profile: str = ""
    config_dir: Path
    remap_sigterm: str = ""  # of the environment: what SIGTERM becomes in a worker
    data_dir: Path = Path("copydesk-data")
    health_dir: str = ""
    broker: Broker = Broker()
    stories: Place = Place()
    ledger: Place = Place()
    spool: Place = Place()
    pipeline: PipelineSettings = PipelineSettings()
    worker: WorkerSettings = WorkerSettings()
    retry: Retry = Retry()
    producer: ProducerSettings = ProducerSettings()
    reconcile: Reconcile = Reconcile()
    keep: Keep = Keep()
    log: Log = Log()
    tracing: Tracing = Tracing()
    normalize: NormalizeRules = NormalizeRules()
    deduplicate: DedupRules = DedupRules()
    regions: RegionRules = RegionRules()
    topics: TopicRules = TopicRules()
    routes: tuple[Route, ...] = ()
    sinks: tuple[SinkSpec, ...] = ()
    sources: tuple[SourceSpec, ...] = ()

    def sink(self, name: str) -> SinkSpec:
        """The sink of this name. Raises ConfigError when none is configured."""
        for spec in self.sinks:
            if spec.name == name:
                return spec
        raise ConfigError(f"no sink named {name!r}; configured: {', '.join(s.name for s in self.sinks) or 'none'}")

    def source_options(self, name: str) -> dict[str, dict[str, Any]]:
        """How captures of the source of this name are read, by kind; nothing when sources.toml does not say."""
        return {s.kind: s.options for s in self.sources if s.name == name and s.options and "urls" not in s.options}

    @property
    def ledger_url(self) -> str:
        return self.ledger.url or f"sqlite:///{self.data_dir / 'ledger.sqlite'}"

    @property
    def spool_url(self) -> str:
        return self.spool.url or f"file://{self.data_dir / 'spool'}"

    @property
    def stories_url(self) -> str:
        """The story index; the broker's server when none of its own is configured."""
        return self.stories.url or self.broker.url

    def health_folder(self, node: str) -> Path:
        """Where the worker of this node name shows that it is alive and ready."""
        return Path(self.health_dir) if self.health_dir else self.data_dir / "run" / node

    @property
    def redis_dir(self) -> Path:
        return self.data_dir / "redis"

    @cached_property
    def config_digest(self) -> str:
        """What decides a verdict, in 12 hex digits: the rules and routes, not where things run."""
        decided = self.model_dump(mode="json", include={"normalize", "deduplicate", "regions", "topics", "routes"})
        return digest_of("config", decided)[:12]

    def segment_from(self, stage: Stage) -> tuple[Stage, ...]:
        """The stages that a task which starts at `stage` performs, in order."""
        for segment in self.pipeline.segments:
            if stage in segment:
                return segment[segment.index(stage) :]
        raise ConfigError(f"settings.toml: pipeline.segments leaves out {stage!r}")

    @property
    def queues(self) -> list[str]:
        """Every queue a worker may consume, in the order of the way."""
        return [*STAGES, *(f"deliver.{sink.name}" for sink in self.sinks), "housekeeping"]

    def masked(self) -> dict[str, Any]:
        """The merged result for people: passwords and secret options masked."""
        shown: dict[str, Any] = _mask(self.model_dump(mode="json"))
        for spec in (*shown["sinks"], *shown["sources"]):
            spec["options"] |= dict.fromkeys(spec.pop("from_env"), "***")
        return shown


def config_dir(given: str | Path | None = None) -> Path:
    """The folder of configuration: the one given, else COPYDESK_CONFIG, else ./config, else the packaged one."""
    for candidate in (given, os.environ.get("COPYDESK_CONFIG")):
        if candidate:
            path = Path(candidate)
            if not (path / "settings.toml").is_file():
                raise ConfigError(f"{path}: no settings.toml there; `copydesk init {path}` writes a fresh copy")
            return path.resolve()
    here = Path("config")
    if (here / "settings.toml").is_file() and (here / "routes.toml").is_file():
        return here.resolve()
    return packaged_config()


def packaged_config() -> Path:
    """The configuration that comes with copydesk."""
    inside = Path(str(files("worker"))) / "_config"
    if (inside / "settings.toml").is_file():
        return inside
    return Path(__file__).resolve().parent.parent / "config"  # a checkout


def load(
    profile: str | None = None,
    *,
    config: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """The merged settings: settings.toml, the profile, the environment, `overrides`; each later one wins.

    `profile` None asks COPYDESK_PROFILE. Raises ConfigError with one line that names file and key.
    """
    folder = config_dir(config)
    name = profile if profile is not None else os.environ.get("COPYDESK_PROFILE", "")
    merged = _read(folder / "settings.toml")
    if name:
        path = folder / "profiles" / f"{name}.toml"
        if not path.is_file():
            there = ", ".join(sorted(p.stem for p in (folder / "profiles").glob("*.toml"))) or "none"
            raise ConfigError(f"no profile {name!r} in {folder / 'profiles'}; there: {there}")
        merged = _merge(merged, _read(path))
    merged = _merge(_merge(merged, _from_environment(os.environ)), dict(overrides or {}))
    data = Path(merged.get("data_dir") or "copydesk-data").resolve()
    merged |= {
        "profile": name,
        "remap_sigterm": os.environ.get("REMAP_SIGTERM", ""),
        "config_dir": folder,
        "data_dir": data,
        "regions": _read(folder / "regions.toml", missing_ok=True),
        "topics": _read(folder / "topics.toml", missing_ok=True),
        "routes": _read(folder / "routes.toml").get("routes", []),
        "sinks": _named(folder / "sinks.toml", "sinks", data),
        "sources": _named(folder / "sources.toml", "sources", data),
    }
    settings = _build(folder, merged)
    _check(settings)
    return settings


def _build(folder: Path, merged: dict[str, Any]) -> Settings:
    try:
        return Settings(**merged)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{_file_of(folder, str(first['loc'][0]))}: {where}: {_say(first)}") from exc


def _file_of(folder: Path, top: str) -> Path:
    name = top if top in ("regions", "topics", "routes", "sinks", "sources") else "settings"
    return folder / f"{name}.toml"


def _say(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "no such key"
    return str(error["msg"])


def _check(settings: Settings) -> None:
    """The invariants of Celery on Redis (V1 to V11) and of the routes that can be seen without a connection."""
    b, w, r, p = settings.broker, settings.worker, settings.retry, settings.pipeline
    flat = [stage for segment in p.segments for stage in segment]
    sinks = [sink.name for sink in settings.sinks]
    strict = settings.profile != "test"
    messages = settings.producer.high_water / p.batch_items
    longest = max(r.backoff_max_s, r.delay_s, r.pending_max_s)
    rules: list[tuple[bool, str]] = [
        (flat == list(STAGES), f"pipeline.segments must name {', '.join(STAGES)} once each, in this order"),
        (
            not strict or b.visibility_timeout_s > w.time_limit_s + longest + w.soft_shutdown_s + 60,
            "V1: broker.visibility_timeout_s must exceed worker.time_limit_s + the longest retry + "
            f"worker.soft_shutdown_s + 60 = {w.time_limit_s + longest + w.soft_shutdown_s + 60:.0f}",
        ),
        (w.soft_time_limit_s + 10 <= w.time_limit_s, "V3: worker.soft_time_limit_s + 10 must be ≤ worker.time_limit_s"),
        (
            p.batch_items * p.item_budget_s <= w.soft_time_limit_s,
            "V4: pipeline.batch_items × pipeline.item_budget_s must be ≤ worker.soft_time_limit_s",
        ),
        (w.soft_shutdown_s + 15 <= w.grace_s, "V5: worker.soft_shutdown_s + 15 must be ≤ worker.grace_s"),
        (
            not strict or 3 <= b.socket_timeout_s <= b.visibility_timeout_s / 4,
            "V6: broker.socket_timeout_s must be between 3 and a quarter of broker.visibility_timeout_s",
        ),
        (b.health_check_interval_s > 0, "V6: broker.health_check_interval_s must be above 0"),
        (
            not strict or b.unacked_restore_interval_s <= b.visibility_timeout_s / 10,
            "V7: broker.unacked_restore_interval_s must be ≤ a tenth of broker.visibility_timeout_s",
        ),
        (not strict or b.visibility_timeout_s >= 60, "V7: broker.visibility_timeout_s must be ≥ 60"),
        (
            settings.producer.low_water < settings.producer.high_water,
            "V11: producer.low_water must be below producer.high_water",
        ),
        (
            bool(b.url) or messages * p.batch_max_bytes <= b.server_maxmemory_mb * 2**20 / 2,
            "V11: producer.high_water ÷ pipeline.batch_items × pipeline.batch_max_bytes must be at most half of "
            "broker.server_maxmemory_mb",
        ),
        (
            settings.keep.quarantine_days <= settings.keep.ledger_days,
            "V13: keep.quarantine_days must be ≤ keep.ledger_days: what the ledger forgot cannot be replayed",
        ),
        (
            "cluster" not in b.url.split("://")[0],
            "V12: Celery does not run on a Redis Cluster; use one primary, or Sentinel (sentinel://)",
        ),
    ]
    for holds, says in rules:
        if not holds:
            raise ConfigError(f"{settings.config_dir / 'settings.toml'}: {says}")
    for name, url in (("broker", b.url), ("stories", settings.stories.url), ("spool", settings.spool.url)):
        if is_sentinel(url):
            try:
                sentinels_in(url)
            except ConfigError as exc:
                raise ConfigError(f"{settings.config_dir / 'settings.toml'}: {name}.url: {exc}") from exc
    for route in settings.routes:
        for sink in route.sinks:
            if sink not in sinks:
                raise ConfigError(
                    f"{settings.config_dir / 'routes.toml'}: route {route.name!r} names sink {sink!r}; "
                    f"configured: {', '.join(sorted(sinks)) or 'none'}"
                )
    names = [route.name for route in settings.routes]
    if len(set(names)) < len(names):
        raise ConfigError(f"{settings.config_dir / 'routes.toml'}: two routes have the same name")
    if settings.profile == "prod":
        empty = [n for n in ("broker", "ledger", "spool", "stories") if not getattr(settings, n).url]
        if empty:
            raise ConfigError(
                "profile prod wants a URL for: "
                + ", ".join(f"{n} (COPYDESK_{n.upper()}__URL)" for n in empty)
                + "; the embedded defaults serve one host"
            )


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """COPYDESK_BROKER__URL=… as {"broker": {"url": …}}; lists as JSON. Empty values and unknown first names are none.

    With `_FILE` at its end a name gives the file that holds the value: COPYDESK_BROKER__URL_FILE=/run/secrets/broker.

    By hand, because the library for it took a third of the start of `copydesk try` (0.45 of 1.5 s of CPU, loaded host).
    """
    found: dict[str, Any] = {}
    names = dict.fromkeys(name.removesuffix(FILE) for name in environ if name.startswith(PREFIX))
    for name in names:
        path = name.removeprefix(PREFIX).lower().split("__")
        value = secret_from(environ, name) if path[0] in Settings.model_fields else None
        if not value:
            continue
        inner = found
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        try:
            inner[path[-1]] = json.loads(value) if value[0] in "[{" else value
        except ValueError as exc:
            raise ConfigError(f"${name}: {exc}") from exc
    return found


def secret_from(environ: Mapping[str, str], name: str) -> str | None:
    """The value of a variable, or of the file that its neighbour NAME_FILE names; None when neither is set.

    Raises ConfigError for both at once, and for a file that cannot be read. The last line break is not part of it.
    """
    value, path = environ.get(name), environ.get(name + FILE)
    if not path:
        return value
    if value:
        raise ConfigError(f"${name} and ${name}{FILE} are both set; keep one")
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
        raise ConfigError(f"${name}{FILE} names {path}, which cannot be read: {why}") from exc


def secret(name: str) -> str | None:
    """The value of a variable of our environment, or of the file that NAME_FILE names; see `secret_from`."""
    return secret_from(os.environ, name)


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(out.get(key), dict):
            out[key] = _merge(out[key], value)
        else:
            out[key] = value
    return out


def _read(path: Path, *, missing_ok: bool = False) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        if missing_ok:
            return {}
        raise ConfigError(f"{path}: missing; `copydesk init FOLDER` writes a complete configuration") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc


_SINK_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,40}$")


def _named(path: Path, table: str, data: Path) -> list[dict[str, Any]]:
    """The named entries of sinks.toml or sources.toml, with `{data}` and `…_env` filled in."""
    content = _read(path, missing_ok=table == "sources")
    extra = set(content) - {table}
    if extra:
        raise ConfigError(f"{path}: {sorted(extra)[0]!r}: no such key; entries stand in [{table}.NAME]")
    out = []
    for name, entry in content.get(table, {}).items():
        if not _SINK_NAME.match(name):
            raise ConfigError(f"{path}: {name!r} is no name: lower-case letters, digits, - and _, at most 41")
        options = dict(entry)
        kind = options.pop("kind", None)
        if not isinstance(kind, str):
            raise ConfigError(f"{path}: [{table}.{name}] needs a `kind`")
        filled: dict[str, Any] = {}
        for key, value in options.items():
            if key.endswith("_env") and isinstance(value, str):
                secret = secret_from(os.environ, value)
                if secret is None:
                    told = f"[{table}.{name}] reads {key[:-4]} from ${value}, which is not set"
                    raise ConfigError(f"{path}: {told}; nor is ${value}{FILE}")
                filled[key[:-4]] = secret
            else:
                filled[key] = value.replace("{data}", str(data)) if isinstance(value, str) else value
        from_env = tuple(key[:-4] for key, value in options.items() if key.endswith("_env") and isinstance(value, str))
        out.append({"name": name, "kind": kind, "options": filled, "from_env": from_env})
    return out


_URL_PASSWORD = re.compile(r"(?<=://)([^/@\s]*)@")
_SECRET_KEY = re.compile(r"(password|secret|token|key_id|access_key|account_key|authorization|dsn)$", re.IGNORECASE)


def _mask(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _mask(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_mask(v, key) for v in value]
    if isinstance(value, str):
        if value and _SECRET_KEY.search(key):
            return "***"
        return _URL_PASSWORD.sub("***@", value)
    return value
