"""The report as a page for the docs. What people wrote below TRIED stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring import QUIET_S
from plots import stacked, told
from stores import POSTGRES
from verdicts import bars

TRIED = "## Tried and did not pay"
KINDS = {"text": "text captures", "html": "pages"}
WAYS = (
    ("in_process", "in process, real stores"),
    ("staged", "Celery, a task a stage"),
    ("fused", "Celery, fused"),
    ("fused_2", "Celery, fused, 2 workers"),
)
RATED = (*WAYS[1:], ("fused_3", "Celery, fused, 3 workers"), ("staged_2", "Celery, a task a stage, 2 workers"))


def write(report: dict[str, Any], folder: Path) -> None:
    """Write `bench.md` and its plots into `folder`."""
    path = folder / "bench.md"
    kept = path.read_text() if path.exists() else ""
    tail = kept[kept.index(TRIED) :] if TRIED in kept else f"{TRIED}\n"
    (folder / "bench").mkdir(parents=True, exist_ok=True)
    for name, drawn in plots(report).items():
        (folder / "bench" / f"{name}.svg").write_text(drawn)
    path.write_text("\n".join(lines(report)) + "\n" + tail)


def plots(report: dict[str, Any]) -> dict[str, str]:
    drawn = {}
    for kind, name in KINDS.items():
        rows = report[kind]
        parts = [
            (stage, [rows["alone"][stage]["cpu_ms"]]) for stage in ("normalize", "deduplicate", "classify", "route")
        ]
        parts += [(f"floor: {what}", [row["cpu_ms"]]) for what, row in rows["floors"].items() if isinstance(row, dict)]
        drawn[f"stages-{kind}"] = stacked(f"Each stage alone, {name}", "CPU ms an article, a quiet core", parts)
        stages = rows["in_process"]["stages_ms"]
        whole = [(said, [stages, max(rows[way]["cpu_ms"] - stages, 0)]) for way, said in WAYS]
        for peer, said in (
            ("peer_a", "peer (a): a day's Celery"),
            ("peer_b", "peer (b): datatrove"),
            ("peer_c", "peer (c): news-please"),
        ):
            if "missing" not in rows[peer]:
                whole.append((said, [rows[peer]["cpu_ms"]]))
        unit = "CPU ms a capture, a quiet core: workers, producer and Redis"
        drawn[f"way-{kind}"] = stacked(f"The whole way, {name}", unit, whole, ("stages", "own cost"))
    return drawn


def lines(report: dict[str, Any]) -> list[str]:
    out = [
        "# What it costs, measured",
        "",
        "Written by `make bench`; the figures are of one run and one machine, the ratios are what to read. Run it again on yours.",
        "",
        f"Run of {report['at']}, {report['cores']} shared cores, Python {report['python']}, {report['took_s']} s. Text captures of "
        f"{report['bytes']['text']:,} bytes and pages of {report['bytes']['html']:,} bytes, generated from our own sentences. "
        f"CPU and its ratios: all ways took the same {report['slices']} slices of {report['slice']['text']} texts and "
        f"{report['slice']['html']} pages in turn; medians. Rates: {report['captures']['text']:,} texts and "
        f"{report['captures']['html']:,} pages in one go, {report['rounds']} round{'s' if report['rounds'] > 1 else ''}, medians.",
        f"Load of the machine when it began: {report['load']:.1f} processes waiting for {report['cores']} cores; ten million additions "
        f"in Python took {report['yardstick_s']:.2f} s. CPU is user and system time as the system charged it, of worker processes from "
        f"readiness on. CPU and rates *of quiet cores* are told for a core that takes {QUIET_S} s for them, the least that was seen here.",
        "`make bench ARGS=--quick` is a first look with 600 captures and two slices: no verdict.",
        "",
    ]
    if report["quick"]:
        out += ["**A quick look: too few captures for a verdict; start-up and first use weigh in every row.**", ""]
    out += ["## The bars", "", *bar_table(report), ""]
    out += [
        "An own cost below zero is less than what one slice differs from the next by: the stages are timed in the bench's process, the "
        "ways in workers.",
        "",
    ]
    for kind, name in KINDS.items():
        out += kind_lines(report, kind, name)
    out += [*peer_lines(report), *page_lines(report), *store_lines(report), *growth_lines(report)]
    out += ["## Where the time goes", ""]
    for kind, name in KINDS.items():
        for stage, functions in report[kind]["profiles"].items():
            out += [
                f"**{stage}, {name}**: functions by time of their own (cProfile, which weighs calls too heavily)",
                "",
            ]
            out += table(
                ("function", "share", "calls a capture"),
                [(f"`{f['function']}`", f"{f['share']:.0%}", f"{f['calls_an_item']:.1f}") for f in functions],
            )
            out.append("")
    return out


def bar_table(report: dict[str, Any]) -> list[str]:
    rows = []
    for bar in bars(report):
        asked = f"≥ {bar.least:g}" if bar.least is not None else f"≤ {bar.most:g}"
        held = {True: "held", False: "**missed**", None: "not measured"}[bar.held]
        rows.append((bar.says, asked, "—" if bar.value is None else told(bar.value), held))
    return table(("bar", "asked", "measured", ""), rows)


def kind_lines(report: dict[str, Any], kind: str, name: str) -> list[str]:
    rows = report[kind]
    out = [
        f"## {name.capitalize()}",
        "",
        f"![stages](bench/stages-{kind}.svg)",
        "",
        f"![whole way](bench/way-{kind}.svg)",
        "",
    ]
    stage_rows = [
        (what, told(row["cpu_ms"]), told(1000 / row["cpu_ms"]) if row["cpu_ms"] else "")
        for group in ("alone", "floors")
        for what, row in ((w if group == "alone" else f"floor: {w}", r) for w, r in rows[group].items())
        if isinstance(row, dict)
    ]
    stages = rows["in_process"]["stages_ms"]
    at_redis = rows["in_process"]["deduplicate_ms"] + rows["in_process"]["redis_ms"]
    stage_rows.insert(2, ("deduplicate, its index on Redis", told(at_redis), told(1000 / at_redis)))
    out += [*table(("one process, in memory", "CPU ms a capture", "captures a CPU second"), stage_rows), ""]
    out += table(
        ("whole way, slice by slice", "CPU ms", "of it workers", "producer", "Redis", "own cost ms"),
        [
            (
                said,
                told(row["cpu_ms"]),
                *(told(row[part]) if part in row else "" for part in ("worker_ms", "producer_ms", "redis_ms")),
                told(row["cpu_ms"] - stages),
            )
            for way, said in WAYS
            for row in [rows[way]]
        ],
    )
    steps = ("accept", "normalize", "deduplicate", "classify", "route", "deliver")
    each = ", ".join(f"{step} {told(rows['in_process'][f'{step}_ms'])}" for step in steps)
    out += [
        "",
        f"*Own cost* is all but the stages' own work, {told(stages)} ms: queue, spool, ledger and delivery to SQLite. The stages' work is that "
        "of their functions, timed where the whole way in process calls them, and of the story index with its Redis, which is deduplicate's; "
        f"alone, with the index in memory, they take {told(rows['alone']['all']['cpu_ms'])} ms. In process on real stores, by step: {each}, Redis {told(rows['in_process']['redis_ms'])}.",
    ]
    columns = {
        "wall_per_s": "captures/s, wall",
        "quiet_per_s": "of quiet cores",
        "producer_per_s": "producer/s",
        "redis_round_trips": "round trips",
        "redis_bytes_kept": "Redis bytes kept",
        "redis_bytes_at_most": "at most",
        "child_rss_mb": "child RSS MB",
        "child_unique_mb": "of its own",
    }
    gone = [(said, *(told(rows["rates"][way][key]) for key in columns)) for way, said in RATED]
    out += ["", *table(("all in one go", *columns.values()), gone), ""]
    late = rows["latency"]
    return [
        *out,
        f"From `add` at the producer, which holds a capture back for a second at most while others come, to stored at half load ({late['per_s']:.0f} captures a second, one worker, fused, {late['articles']:,} articles): "
        f"p50 {late['p50_s']:.2f} s, p95 {late['p95_s']:.2f} s, p99 {late['p99_s']:.2f} s.",
        "",
    ]


def peer_lines(report: dict[str, Any]) -> list[str]:
    versions = " · ".join(f"{name} {number}" for name, number in report["versions"].items())
    said = {
        "peer_a": "(a) a day's work: Celery one task a page, trafilatura, datasketch on Redis, geotext, word lists, SQLite",
        "peer_b": "(b) datatrove: trafilatura reader and MinHash signatures, no broker, no store",
        "peer_c": "(c) news-please `from_html`: extraction with metadata alone",
    }
    rows = []
    for kind, name in KINDS.items():
        rows.append(
            (
                f"copydesk, fused, {name}",
                told(report[kind]["fused"]["cpu_ms"]),
                told(report[kind]["rates"]["fused"]["wall_per_s"]),
                "",
            )
        )
        for peer, what in said.items():
            rows.append(peer_row(f"{what}, {name}", report[kind][peer], report[kind]["ratios"].get(f"{peer}_cpu")))
        for what, row in report[kind]["libraries"].items():
            if isinstance(row, dict):
                rows.append(peer_row(f"(d) {what}, {name}", row, None))
    head = ("peer", "CPU ms a capture", "captures/s, wall", "CPU over ours")
    out = ["## Peers", "", f"The same captures in the same run. {versions}.", "", *table(head, rows), ""]
    return [*out, *quality_lines(report["quality"])]


def quality_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    if not rows:
        return [
            "How right they are was not measured: it takes labelled data (COPYDESK_DATA) and `make bench` whole.",
            "",
        ]
    said = [(f"{row['stage']}: {row['what']}", f"{row['ours']:.3f}", f"{row['peer']:.3f}") for row in rows]
    head = "How right the stages are beside what peer (a) takes for each, on labelled data that is not shipped:"
    return [head, "", *table(("score", "copydesk", "peer (a)"), said), ""]


def peer_row(what: str, row: dict[str, Any], ratio: float | None) -> tuple[str, ...]:
    if "missing" in row:
        return (what, f"not measured: {row['missing']}", "", "")
    return (what, told(row["cpu_ms"]), told(row["wall_per_s"]), "" if ratio is None else f"{ratio:.1f}×")


def page_lines(report: dict[str, Any]) -> list[str]:
    if "pages" not in report:
        return ["## Real pages", "", "Not measured: COPYDESK_DATA is not set.", ""]
    rows = report["pages"]
    those = [(what, told(row["cpu_ms"])) for what, row in rows["alone"].items() if isinstance(row, dict)]
    those += [(f"floor: {what}", told(row["cpu_ms"])) for what, row in rows["floors"].items() if isinstance(row, dict)]
    those += [(f"the whole way: {said}", told(rows[way]["cpu_ms"])) for way, said in WAYS]
    those.append(peer_row("(a) a day's work, the whole way", rows["peer_a"], None)[:2])
    those += [peer_row(f"(d) {w}", row, None)[:2] for w, row in rows["libraries"].items() if isinstance(row, dict)]
    those.append(peer_row("(c) news-please `from_html`", rows["peer_c"], None)[:2])
    head = (
        f"## Real pages\n\n{rows['count']:,} labelled news pages of {rows['bytes']:,} bytes on average; {rows['slices']} slices of "
        f"{rows['slice']} that all ways took in turn, the libraries on the first 300."
    )
    return [head, "", *table(("what", "CPU ms a page"), those), ""]


def store_lines(report: dict[str, Any]) -> list[str]:
    kept = report["stores"]
    rows = [
        (what, f"{row['per_s']:,.0f}", f"{row['quiet_per_s']:,.0f}", told(row["cpu_ms"]))
        for what, row in kept.items()
        if isinstance(row, dict)
    ]
    head = f"{kept['articles']:,} articles in batches of {kept['batch']}, each batch synced to the disk."
    head += "" if POSTGRES in kept else " PostgreSQL was not measured: name a database with `--postgres URL`."
    columns = ("store", "articles/s, wall", "of quiet cores", "client CPU ms")
    return ["## Stores", "", head, "", *table(columns, rows), ""]


def growth_lines(report: dict[str, Any]) -> list[str]:
    standing = report["standing"]
    return [
        "## As it grows",
        "",
        "Synthetic captures, each a new story, in the story index (Redis) and the ledger (SQLite):",
        "",
        *table(
            ("captures known", "claim, CPU ms", "ledger entry, CPU ms", "Redis bytes a capture"),
            [
                (f"{row['held']:,}", told(row["claim_ms"]), told(row["ledger_ms"]), told(row["redis_bytes_a_story"]))
                for row in report["flat"]
            ],
        ),
        "",
        "## Start and rest",
        "",
        f"First result of `copydesk try`: {standing['try_first_s']:.2f} s by the clock, {standing['try_cpu_s']:.2f} s of CPU "
        f"({standing['try_cpu_quiet_s']:.2f} s of a quiet core). Worker ready after {standing['ready_s']:.1f} s. "
        f"Idle: {standing['idle_cpu_share']:.2%} of a core, Redis {standing['idle_redis_share']:.2%}. "
        f"A fresh child holds {standing['fresh_child_unique_mb']:.0f} MB of its own. "
        f"Producer alone, from a file: {report['enqueue']['cpu_per_s']:,.0f} captures a CPU second, "
        f"{report['enqueue']['cpu_of_yardstick']:.2f} of a program that only reads, hashes and pushes.",
        "",
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    marks = ["---", *("--:" for _ in head[1:])]
    return [f"| {' | '.join(row)} |" for row in (head, marks, *rows)]
