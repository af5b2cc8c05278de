"""Ratios of one round, the bars that the project set itself, and the floors below which a ratio is a regression."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from stores import POSTGRES, SQLITE

CLAIMS_FROM = 10_000  # captures known: below, the index makes its tables
FLOORS = Path(__file__).with_name("floors.json")


def ratios(row: dict[str, Any]) -> dict[str, float]:
    """What is compared within a slice. A peer that was not measured has none."""
    stages, fused, staged = row["in_process"]["stages_ms"], row["fused"]["cpu_ms"], row["staged"]["cpu_ms"]
    told = {
        "own_share_fused": fused / stages - 1,
        "own_share_staged": staged / stages - 1,
        "own_ms_fused": fused - stages,
        "own_ms_staged": staged - stages,
    }
    if "missing" not in row["peer_a"]:
        told["peer_a_cpu"] = row["peer_a"]["cpu_ms"] / fused
    return told


class Bar(NamedTuple):
    says: str
    value: float | None
    least: float | None = None
    most: float | None = None

    @property
    def held(self) -> bool | None:
        if self.value is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


def bars(report: dict[str, Any]) -> list[Bar]:
    """The bars of the project, as measured."""
    html, text = report["html"]["ratios"], report["text"]["ratios"]
    real = report["pages"]["ratios"] if "pages" in report else {}
    flat, standing, kept = report["flat"], report["standing"], report["stores"]
    grown = f"{flat[0]['held']:,} to {flat[-1]['held']:,}"
    claims = [row["claim_ms"] for row in flat if row["held"] >= CLAIMS_FROM]
    dearer = sum(flat[-1][part] - flat[0][part] for part in ("claim_ms", "ledger_ms"))
    return [
        Bar("own cost beside the stages' time, pages, fused", html["own_share_fused"], most=0.10),
        Bar("own cost beside the stages' time, pages, staged", html["own_share_staged"], most=0.20),
        Bar("own cost beside the stages' time, real pages, fused", real.get("own_share_fused"), most=0.10),
        Bar("own cost beside the stages' time, real pages, staged", real.get("own_share_staged"), most=0.20),
        Bar("own cost a text capture in ms CPU, fused", text["own_ms_fused"], most=0.6),
        Bar(
            "text captures a second into SQLite on two cores",
            max(report["text"]["rates"][way]["quiet_per_s"] for way in ("fused_2", "fused_3")),
            least=1000,
        ),
        Bar("articles a second into SQLite with its search index", kept[SQLITE]["quiet_per_s"], least=4000),
        Bar("articles a second into PostgreSQL", kept.get(POSTGRES, {}).get("quiet_per_s"), least=2000),
        Bar("rate with two workers over one, pages", html["two_workers"], least=1.7),
        Bar("CPU of peer (a) over ours, text", text.get("peer_a_cpu"), least=5),
        Bar("CPU of peer (a) over ours, pages", html.get("peer_a_cpu"), least=2),
        Bar("CPU of peer (a) over ours, real pages", real.get("peer_a_cpu"), least=2),
        Bar(
            f"cost of a text capture, captures known: {grown}", 1 + dearer / report["text"]["fused"]["cpu_ms"], most=1.3
        ),
        Bar(f"cost of a page, captures known: {grown}", 1 + dearer / report["html"]["fused"]["cpu_ms"], most=1.3),
        Bar(
            f"cost of a claim, captures known: {CLAIMS_FROM:,} to {flat[-1]['held']:,}",
            claims[-1] / claims[0] if len(claims) > 1 else None,
            most=1.3,
        ),
        Bar("seconds to the first result of copydesk try, wall", standing["try_first_s"], most=1),
        Bar("the same as CPU seconds of a quiet core", standing["try_cpu_quiet_s"], most=1),
        Bar("seconds until a worker is ready, wall", standing["ready_s"], most=3),
        Bar(
            f"MB of its own of a child, after {report['captures']['html']:,} pages",
            report["html"]["rates"]["fused"]["child_unique_mb"],
            most=120,
        ),
        Bar("CPU share of an idle worker", standing["idle_cpu_share"], most=0.01),
    ]


def broken(report: dict[str, Any]) -> list[str]:
    """The ratios that fell out of what floors.json allows."""
    said = []
    for kind, floors in json.loads(FLOORS.read_text())["ratios"].items():
        for name, floor in floors.items():
            value = report[kind]["ratios"].get(name)
            if value is None:
                said.append(f"{kind}: {name} was not measured")
            elif value < floor.get("least", value) or value > floor.get("most", value):
                said.append(f"{kind}: {name} is {value:.2f}, allowed {floor}")
    return said
