"""Tables a person enjoys reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker.cli.words import counted, shortened
from worker.producer import Tally
from worker.settings import Settings
from worker.state.ledger import LedgerCounts, Standing

WIDE = 100  # columns; below this the table leaves out what it can


def show_demo(
    console: Console,
    standings: Sequence[Standing],
    counts: LedgerCounts,
    places: Mapping[str, str],
    tally: Tally,
    settings: Settings,
    took_s: float,
) -> None:
    """What came out of the demo: the articles, the copies, what was dropped and why, and where the outputs lie."""
    headlines = {s.capture_id: s.verdict.headline or "" for s in standings}
    delivered = [s for s in standings if s.state == "stored"]
    copies = [s for s in standings if s.state == "duplicate"]
    others = [s for s in standings if s.state in ("dropped", "quarantined")]
    wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, title="Delivered", title_justify="left", title_style="bold", expand=True)
    table.add_column("headline", ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column("region", width=6)
    table.add_column("topic", ratio=1, no_wrap=True, overflow="ellipsis", min_width=12)
    if wide:
        table.add_column("lang", width=4)
        table.add_column("as", width=10)
    table.add_column("routed to", ratio=1, no_wrap=True, overflow="ellipsis", min_width=10)
    for standing in delivered:
        verdict = standing.verdict
        row: list[str | Text] = [
            verdict.headline or Text("(no headline)", style="dim"),
            verdict.primary_region or Text("–", style="dim"),
            verdict.topic_label or Text("–", style="dim"),
        ]
        if wide:
            row += [verdict.language or "", (verdict.kind or "").replace("_", " ")]
        table.add_row(*row, ", ".join(verdict.sinks))
    console.print(table)
    table = Table(
        box=box.SIMPLE_HEAD, title="Copies, noted on their story", title_justify="left", title_style="bold", expand=True
    )
    table.add_column("headline", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("is", width=12)
    table.add_column("of", ratio=1, no_wrap=True, overflow="ellipsis")
    for standing in copies:
        kind = (standing.verdict.kind or standing.reason or "copy").replace("_", " ")
        table.add_row(standing.verdict.headline or "–", kind, headlines.get(standing.verdict.of or "", "") or "–")
    console.print(table)
    table = Table(box=box.SIMPLE_HEAD, title="No article here", title_justify="left", title_style="bold", expand=True)
    table.add_column("capture", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("outcome", width=12)
    table.add_column("why", ratio=2, overflow="fold")
    for standing in others:
        why = (standing.reason or "").replace("_", " ")
        if standing.detail:
            why += f": {standing.detail}"
        table.add_row(places.get(standing.capture_id) or standing.capture_id[:12], standing.state, why)
    for line in tally.problems:
        table.add_row(shortened(line.split(": ", 1)[0].rsplit("/", 1)[-1], 60), "quarantined", line.split(": ", 1)[-1])
    console.print(table)
    total = counted(tally.read, "record")
    console.print(
        f"[bold]{total}[/] in {took_s:.1f} s: {counted(len(delivered), 'article')} delivered, "
        f"{counted(len(copies), 'copy', 'copies')}, {counts.states.get('dropped', 0)} dropped, "
        f"{counts.states.get('quarantined', 0) + tally.broken} quarantined"
    )
    for sink in settings.sinks:
        where = sink.options.get("path") or sink.options.get("folder") or sink.kind
        console.print(f"  [dim]{sink.name:<9}[/] {where}", soft_wrap=True)
    console.print(f"  [dim]ledger   [/] {settings.ledger_url.removeprefix('sqlite:///')}", soft_wrap=True)
    found = f"copydesk search strike --data {settings.data_dir.name}"
    console.print(f"  Find them: [bold]{found}[/] · ask why: [bold]copydesk try FILE[/] · next: [bold]copydesk up[/]")
