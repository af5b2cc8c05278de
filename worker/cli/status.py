"""`copydesk status`: what waits, what runs, where the captures stand; once, or again and again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Group
from rich.text import Text

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, out, print_json, settings_from
from worker.errors import CopydeskError, TransientError
from worker.models import TERMINAL_STATES
from worker.settings import Settings

if TYPE_CHECKING:
    from worker.state.backlog import BacklogSize
    from worker.state.ledger import Circuit, LedgerCounts
    from worker.state.stories import IndexSize


class Seen(NamedTuple):
    """One look. `size` and `held` are None while Redis is away; then `away` says why."""

    size: BacklogSize | None
    held: IndexSize | None
    away: str
    counts: LedgerCounts
    circuits: list[Circuit]

    @property
    def finished(self) -> int:
        return sum(n for state, n in self.counts.states.items() if state in TERMINAL_STATES)


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk status --json | jq .captures  ·  copydesk status --watch")(status)


def status(
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.2, max=3600)] = 2.0,
    json: JsonOption = False,
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Show what waits in the queues, what runs, and where the captures stand."""
    settings = settings_from(config, profile)
    if watch:
        _watch(settings, every, json)
        return
    seen = look(settings)
    if json:
        print_json(record(seen))
    else:
        out().print(rendered(seen))
    if seen.size is None and settings.broker.url:
        raise typer.Exit(1)


def _watch(settings: Settings, every: float, json: bool) -> None:
    """Until Ctrl-C: one picture that changes, or with `json` one line a look. A ledger that is away is waited for."""
    from rich.live import Live

    last: tuple[float, Seen] | None = None
    console = out()
    with Live(console=console, auto_refresh=False, screen=False) as live:
        while True:
            began = time.monotonic()
            try:
                seen = look(settings)
            except TransientError as exc:
                live.update(Text(f"{exc}; looking again", style="yellow"), refresh=True)
            else:
                rate = (seen.finished - last[1].finished) / (began - last[0]) if last else None
                last = began, seen
                if json:
                    print_json({"at": datetime.now(UTC).isoformat(timespec="seconds"), **record(seen)})
                else:
                    live.update(rendered(seen, at=datetime.now(UTC), rate=rate), refresh=True)
            time.sleep(max(0.0, every - (time.monotonic() - began)))


def look(settings: Settings) -> Seen:
    """What can be seen now; changes nothing. Raises TransientError when the ledger is away."""
    from worker.app import PRIORITY_STEPS
    from worker.cli.embedded import attached
    from worker.state.backlog import Backlog
    from worker.state.ledger import open_ledger
    from worker.state.stories import open_stories

    size: BacklogSize | None = None
    held: IndexSize | None = None
    away = ""
    try:
        running = attached(settings)
        if running is None:
            away = "the embedded Redis is not running; start it with: copydesk up"
        else:
            prefix = running.broker.key_prefix
            backlog = Backlog(running.broker.url, running.queues, prefix=prefix, steps=PRIORITY_STEPS)
            size = backlog.size(oldest=True)
            backlog.close()
            index = open_stories(running.stories_url, running.deduplicate, prefix=prefix)
            held = index.size()
            index.close()
    except CopydeskError as exc:
        away = str(exc)
    ledger = open_ledger(settings.ledger_url)
    try:
        return Seen(size, held, away, ledger.counts(), ledger.circuits())
    finally:
        ledger.close()


def record(seen: Seen) -> dict[str, Any]:
    """What was seen, for machines. These names are stable."""
    size, counts = seen.size, seen.counts
    return {
        "broker": {"answers": size is not None, "detail": seen.away or None},
        "queues": size.queues if size else None,
        "unacked": size.unacked if size else None,
        "stories": seen.held.model_dump() if seen.held else None,
        "captures": counts.states,
        "dropped": counts.drop_reasons,
        "duplicates": counts.duplicate_kinds,
        "deliveries": counts.deliveries,
        "ignored_redeliveries": counts.ignored_redeliveries,
        "circuits": [circuit.model_dump(mode="json") for circuit in seen.circuits],
    }


def rendered(seen: Seen, *, at: datetime | None = None, rate: float | None = None) -> Group:
    """What was seen, for people; `rate` is captures a second that found their end."""
    size, held, counts = seen.size, seen.held, seen.counts
    lines: list[Text] = []

    def say(label: str, words: str, style: str = "bold") -> None:
        lines.append(Text.assemble((f"{label:<8} ", style), words))

    if at is not None:
        speed = "" if rate is None else f" · {rate:,.1f} captures/s finished"
        lines.append(Text(f"{at:%Y-%m-%d %H:%M:%S} UTC{speed} · Ctrl-C ends", style="dim"))
    if size is None:
        say("broker", seen.away, "yellow")
    else:
        waiting = ", ".join(f"{queue} {n:,}" for queue, n in size.queues.items() if n) or "empty"
        say("queues", f"{waiting} · unacknowledged {size.unacked:,} (messages)")
        if size.oldest_sent_at is not None:
            age = max(0.0, time.time() - size.oldest_sent_at)
            say("oldest", f"sent {age:,.0f} s ago")
    if held is not None:
        say("stories", _index(held))
    say("captures", _pairs(counts.states) or "none yet")
    told = [("dropped", _pairs(counts.drop_reasons)), ("copies", _pairs(counts.duplicate_kinds))]
    told += [(sink, _pairs(states)) for sink, states in counts.deliveries.items()]
    if counts.ignored_redeliveries:
        told.append(("repeats", f"{counts.ignored_redeliveries:,} ignored"))
    wide = max(len(label) for label, _ in told)
    lines += [Text(f"  {label:<{wide}} {words}") for label, words in told if words]
    for circuit in seen.circuits:
        until = f" until {circuit.open_until:%H:%M:%S}" if circuit.open_until else ""
        parked = f"sink {circuit.sink} is parked{until} after {circuit.failures} failures in a row"
        lines.append(Text(parked, style="yellow"))
    return Group(*lines)


def _index(held: IndexSize) -> str:
    said = f"{held.stories:,} with {held.captures:,} captures remembered"
    if held.captures:
        said += f", {held.bytes / 2**20:,.1f} MiB"
    if held.budget_bytes:
        said += f" of {held.budget_bytes / 2**20:,.0f}"
    if held.forgotten:
        said += f", {held.forgotten:,} forgotten early to stay within it"
    return said + f" · {held.last_minute:,} in the last minute, {held.last_hour:,} in the last hour"


def _pairs(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in counts.items() if n)
