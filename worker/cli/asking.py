"""From what a person types to a `Query`, and the sink that answers it: shared by `search` and `export`."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.words import err
from worker.errors import ConfigError
from worker.plugins import Searchable, is_searchable, open_sink
from worker.query import Query, parse
from worker.settings import Settings, SinkSpec

RegionOption = Annotated[
    list[str] | None,
    typer.Option("--region", "-r", help="VE, US-FL, venezuela, south-america, m49:005; again for any of them."),
]
TopicOption = Annotated[
    list[str] | None, typer.Option("--topic", "-t", help="politics, medtop:11000000; with its children.")
]
SinceOption = Annotated[str | None, typer.Option("--since", help="7d, 24h, 2w or 2026-01-31: published since then.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="The same: published before then.")]
LanguageOption = Annotated[list[str] | None, typer.Option("--language", "-l", help="en, pt-BR, …")]
PublisherOption = Annotated[list[str] | None, typer.Option("--publisher", "-p", help="A name or a domain.")]
SinkOption = Annotated[str | None, typer.Option("--sink", help="Of sinks.toml; default: the first that can be read.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data_dir to look in, such as copydesk-demo.", show_default=False)
]
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})\s*([mhdw])")
STORED_LEVELS = 2  # an article carries topics of the first two levels


def query_of(
    settings: Settings,
    words: str | None = None,
    *,
    regions: list[str] | None = None,
    topics: list[str] | None = None,
    languages: list[str] | None = None,
    publishers: list[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
    newest_first: bool = False,
) -> Query:
    """The question. Raises typer.BadParameter with a sentence for what cannot be meant."""
    try:
        groups, without = parse(words) if words and words.strip() else ((), ())
    except ValueError as exc:
        raise typer.BadParameter(str(exc), param_hint="WORDS") from exc
    return Query(
        words=groups,
        without=without,
        regions=tuple(code for given in regions or [] for code in region_codes(given)),
        topics=tuple(code for given in topics or [] for code in topic_codes(given, settings)),
        languages=tuple(languages or ()),
        publishers=tuple(publishers or ()),
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        limit=limit,
        newest_first=newest_first,
    )


def moment(given: str | None, option: str, now: datetime | None = None) -> datetime | None:
    """The time that was meant: so long ago, or an ISO 8601 date or time (UTC unless it says otherwise)."""
    if given is None:
        return None
    if ago := _AGO.fullmatch(given.strip().lower()):
        return (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        told = datetime.fromisoformat(given.strip())
    except ValueError:
        raise typer.BadParameter(
            f"{given!r} is neither 7d, 24h, 2w nor a date such as 2026-01-31", param_hint=option
        ) from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def region_codes(given: str) -> tuple[str, ...]:
    """The codes that articles of a region carry: a country's or a subdivision's own, a world region's countries."""
    from worker.stages.classify.regions.m49 import BY_SLUG, PREFIX, is_known, m49_code, region_members, slug

    name = given.strip().removeprefix("region:")
    for code in (given.strip(), name.upper(), PREFIX + name, f"region:{slug(name)}"):
        if m49_code(code) is not None:
            return tuple(sorted(region_members(code)))
        if is_known(code):
            return (code,)
    from worker import artefacts

    names: dict[str, set[str]] = {}
    for code, told in artefacts.read("regions").meta["names"].items():
        if is_known(code):
            names.setdefault(told.casefold(), set()).add(code)
    found = names.get(name.casefold().replace("-", " "), set())
    countries = [code for code in found if len(code) == 2]
    if len(countries or found) == 1:
        return tuple(countries or found)
    if found:
        raise typer.BadParameter(f"{given!r} may mean {' or '.join(sorted(found))}; name one", param_hint="--region")
    close = difflib.get_close_matches(name.casefold(), [*names, *BY_SLUG], n=1)
    meant = f"; did you mean {close[0]!r}?" if close else "; regions are such as VE, US-FL, venezuela, south-america"
    raise typer.BadParameter(f"no region {given!r}{meant}", param_hint="--region")


def topic_codes(given: str, settings: Settings) -> tuple[str, ...]:
    """The codes that articles of a topic carry. A child of the second level is lifted there, and that is said."""
    from worker import artefacts
    from worker.stages.classify.topics.vocabulary import Vocabulary

    own = {rule.code for rule in settings.topics.topics} | {r.label for r in settings.topics.topics if r.label}
    if given in own:
        return tuple(rule.code for rule in settings.topics.topics if given in {rule.code, rule.label})
    artefact = artefacts.read("vocabulary")
    topics = Vocabulary(artefact.arrays, artefact.meta)
    if given in topics and (live := topics.live(given)) is not None:
        code = topics.path(live)[:STORED_LEVELS][-1]
        if code != live:
            err().print(
                f"copydesk: articles carry no topic below {code} ({topics.label(code)}); that is searched", markup=False
            )
        return (code,)
    levels = [code for code in topics if len(topics.path(code)) <= STORED_LEVELS]
    labels = {topics.label(code, language).casefold(): code for language in topics.languages for code in levels[::-1]}
    wanted = given.strip().casefold()
    if wanted in labels:
        return (labels[wanted],)
    word = re.compile(rf"\b{re.escape(wanted)}\b")
    fitting = [code for code in levels if word.search(topics.label(code).casefold())]
    first = [code for code in fitting if len(topics.path(code)) == 1] or fitting
    if len(first) == 1:
        return (first[0],)
    if first:
        named = ", ".join(f"{topics.label(code)!r}" for code in first[:6])
        raise typer.BadParameter(f"{given!r} may mean {named}; name one", param_hint="--topic")
    english = [topics.label(code) for code in levels]
    close = difflib.get_close_matches(wanted, english, n=1) or difflib.get_close_matches(wanted, labels, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else "; topics are such as politics, sport, medtop:11000000"
    raise typer.BadParameter(f"no topic {given!r}{meant}", param_hint="--topic")


def store_of(settings: Settings, name: str | None) -> tuple[SinkSpec, Searchable]:
    """The sink to ask: the one named, else the first configured one that can be read back."""
    specs = [settings.sink(name)] if name else list(settings.sinks)
    for spec in specs:
        if is_searchable(spec.kind):
            sink = open_sink(spec.name, spec.kind, spec.options)
            assert isinstance(sink, Searchable)
            return spec, sink
    if name:
        raise ConfigError(f"sink {name!r} ({specs[0].kind}) cannot be read back; a sqlite or postgres sink can")
    raise ConfigError("no configured sink can be read back; add one of kind sqlite or postgres to sinks.toml")


def place_of(spec: SinkSpec) -> str:
    """Where a sink keeps its articles, for people; never a secret."""
    return str(spec.options["path"]) if "path" in spec.options else spec.kind
