"""`copydesk doctor`: whether all that copydesk needs is there and well, and what to do where it is not."""

from __future__ import annotations

from collections import Counter

import typer
from rich.table import Table
from rich.text import Text

from worker.cli.words import ConfigOption, JsonOption, ProfileOption, err, out, print_json, settings_from
from worker.errors import ConfigError

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk doctor --profile prod  ·  copydesk doctor --json | jq .state")(doctor)


def doctor(json: JsonOption = False, config: ConfigOption = None, profile: ProfileOption = None) -> None:
    """Check configuration, Redis, clocks, disk, ledger and sinks; say what to do. Changes nothing.

    Exit code 0: nothing fails (warnings may be there); 1: something does.
    """
    from worker.cli.checks import Finding, every_check

    try:
        settings = settings_from(config, profile)
    except ConfigError as exc:
        findings = [Finding("configuration", "fail", str(exc), "edit that file; copydesk check tells when it is well")]
    else:
        findings = list(every_check(settings))
    counts = Counter(finding.state for finding in findings)
    worst = "fail" if counts["fail"] else "warn" if counts["warn"] else "ok"
    if json:
        print_json({"state": worst, "findings": [finding._asdict() for finding in findings]})
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for _ in range(2):
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for finding in findings:
            said = Text(finding.said)
            if finding.todo:
                said.append(f"\n→ {finding.todo}", style="bold")
            table.add_row(Text(finding.state, style=STYLES[finding.state]), finding.name, said)
        out().print(table)
        err().print(f"{counts['ok']} ok, {counts['warn']} to look at, {counts['fail']} to mend", style=STYLES[worst])
    if worst == "fail":
        raise typer.Exit(1)
