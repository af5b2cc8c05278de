"""`copydesk story`: one story, its captures and publishers in order of time, and who copied whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, counted, out, print_json, settings_from
from worker.errors import CopydeskError
from worker.settings import Settings

if TYPE_CHECKING:
    from worker.state.ledger import Ledger, Standing
    from worker.state.stories import Member, Story

WIDE = 100  # columns; below this the table leaves out what it can


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk story 3f9a1c5d7e2b4a60  ·  copydesk story https://example.org/story")(story)


def story(
    named: Annotated[
        str, typer.Argument(help="A story id, or a capture id, article id or URL of it.", metavar="STORY_ID")
    ],
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show a story: who had it first, who copied whom, and which capture stands for it."""
    from worker.state.ledger import open_ledger

    settings = settings_from(config, profile)
    ledger = open_ledger(settings.ledger_url)
    try:
        found = _found(named, settings, ledger)
        standings = [_standing(member, ledger) for member in found.members]
    finally:
        ledger.close()
    if json:
        print_json(_record(found, standings))
    else:
        _show(found, standings)


def _found(named: str, settings: Settings, ledger: Ledger) -> Story:
    from worker.cli.embedded import attached
    from worker.state.stories import open_stories

    running = attached(settings)
    if running is None:
        raise CopydeskError("the story index lies in the embedded Redis, which is not running: copydesk up")
    index = open_stories(running.stories_url, running.deduplicate, prefix=running.broker.key_prefix)
    try:
        if (held := index.story(named)) is not None:
            return held
        trace = ledger.trace(named)
        if trace is None:
            raise CopydeskError(f"no story, capture, article or URL known as {named!r}; see: copydesk status")
        story_id = trace.standing.verdict.story_id
        if story_id is None:
            state = trace.standing.state + (f", {trace.standing.reason}" if trace.standing.reason else "")
            raise CopydeskError(f"{named!r} belongs to no story: it is {state}; see: copydesk trace {named}")
        if (held := index.story(story_id)) is None:
            window = counted(settings.deduplicate.window_days, "day")
            raise CopydeskError(f"story {story_id} is no longer held; the index remembers {window} (window_days)")
        return held
    finally:
        index.close()


def _standing(member: Member, ledger: Ledger) -> Standing | None:
    trace = ledger.trace(member.capture_id)
    return trace.standing if trace is not None else None


def first_of(members: Sequence[Member]) -> Member:
    """Who had it first: the earliest by the time it says it was published, else by the time it was captured."""
    return min(members, key=lambda member: member.published_at or member.seen_at)


def _record(story: Story, standings: Sequence[Standing | None]) -> dict[str, Any]:
    members = []
    for member, standing in zip(story.members, standings, strict=True):
        verdict = standing.verdict if standing else None
        members.append(
            member.model_dump(mode="json")
            | {
                "canonical": member.capture_id == story.canonical,
                "url": standing.url if standing else None,
                "headline": verdict.headline if verdict else None,
                "article_id": verdict.article_id if verdict else None,
                "of": verdict.of if verdict else None,
                "similarity": verdict.similarity if verdict else None,
            }
        )
    first = first_of(story.members) if story.members else None
    return {
        "story_id": story.story_id,
        "state": story.state,
        "canonical": story.canonical,
        "first": {"capture_id": first.capture_id, "site": first.site} if first else None,
        "publishers": list(dict.fromkeys(member.site for member in story.members)),
        "members": members,
    }


def _show(story: Story, standings: Sequence[Standing | None]) -> None:
    console, members = out(), story.members
    sites = dict.fromkeys(member.site for member in members)
    console.print(
        f"[bold]story {story.story_id}[/] · {counted(len(members), 'capture')} at "
        f"{counted(len(sites), 'publisher')} · {story.state}"
    )
    if not members:
        return
    first = first_of(members)
    said = f"published {first.published_at:%Y-%m-%d %H:%M}" if first.published_at else f"seen {_time(first)}"
    console.print(Text.assemble(("first      ", "dim"), f"{first.site}, {said} UTC"))
    number = {member.capture_id: place for place, member in enumerate(members, 1)}
    if story.canonical in number:
        site = members[number[story.canonical] - 1].site
        console.print(Text.assemble(("canonical  ", "dim"), f"{number[story.canonical]}: {site}, {story.canonical}"))
    wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False, expand=console.is_terminal)
    table.add_column("#", justify="right")
    table.add_column("seen", no_wrap=True)
    if wide:
        table.add_column("published", no_wrap=True)
    table.add_column("publisher", no_wrap=True, overflow="ellipsis", max_width=32 if wide else 20)
    table.add_column("is", no_wrap=True)
    table.add_column("of", justify="right")
    table.add_column("shared", justify="right")
    table.add_column("headline", ratio=1, no_wrap=True, overflow="ellipsis")
    for member, standing in sorted(zip(members, standings, strict=True), key=lambda pair: pair[0].seen_at):
        verdict = standing.verdict if standing else None
        own = member.capture_id == story.canonical
        row = [f"{number[member.capture_id]}", _time(member) if wide else f"{member.seen_at:%m-%d %H:%M}"]
        if wide:
            row.append(f"{member.published_at:%Y-%m-%d %H:%M}" if member.published_at else "–")
        row += [
            member.site,
            member.kind.replace("_", " "),
            f"{number[verdict.of]}" if verdict and verdict.of in number else "–",
            f"{verdict.similarity:.0%}" if verdict and verdict.similarity is not None else "–",
            (verdict.headline if verdict else None) or "–",
        ]
        table.add_row(*(Text(cell, style="bold" if own else "") for cell in row))
    console.print(table)


def _time(member: Member) -> str:
    return f"{member.seen_at:%Y-%m-%d %H:%M}"
