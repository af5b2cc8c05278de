"""`copydesk story`: who had it first, who copied whom, by any name a person may have."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

pytestmark = pytest.mark.integration

PLACES = ("Nairobi", "Lyon", "Osaka", "Recife", "Gdansk", "Accra")
WORDS = """bridge budget ferry garden harbour hospital library market mayor museum orchard park pension quarry railway
river road school ship square station street teacher theatre tower tram tunnel union village warehouse water wharf
window winter workshop yard bread cattle cloth copper corn cotton fish fruit glass grain""".split()
_draw = random.Random(5)
PARAGRAPHS = [
    f"The council of {place} spoke on Monday about {' '.join(_draw.sample(WORDS, 40))} and about the harvest."
    for place in PLACES
]


def _capture(site: str, minute: int, paragraphs: list[str]) -> dict[str, Any]:
    return {
        "url": f"https://{site}/council",
        "title": f"Council speaks, says {site}",
        "text": "\n\n".join(paragraphs),
        "captured_at": f"2026-01-02T03:{minute:02}:00Z",
    }


def test_story_is_told_by_its_id_and_by_the_url_of_a_copy(desk: Any) -> None:
    path = desk.folder / "in.jsonl"
    captures = [
        _capture("first.example", 1, PARAGRAPHS),
        _capture("second.example", 2, [*PARAGRAPHS, "Our own reporter adds that it rained all day."]),
        _capture("third.example", 3, PARAGRAPHS[:2]),
    ]
    path.write_text("".join(json.dumps(capture) + "\n" for capture in captures))
    workers = desk.workers(processes=1)
    try:
        desk.run("enqueue", str(path))
        desk.wait_finished(3)
    finally:
        workers.stop()

    told = json.loads(desk.run("story", "https://third.example/council", "--json").stdout)
    by_id = json.loads(desk.run("story", told["story_id"], "--json").stdout)
    table = desk.run("story", told["story_id"], COLUMNS="80").stdout
    held = json.loads(desk.run("status", "--json").stdout)["stories"]
    unknown = desk.run("story", "nobody-knows-this")

    assert by_id == told
    assert (held["stories"], held["captures"]) == (1, 3)
    assert held["bytes"] > 0
    assert told["first"]["site"] == "first.example"
    assert told["publishers"] == ["first.example", "second.example", "third.example"]
    assert [member["kind"] for member in told["members"]] == ["new", "near_copy", "excerpt"]
    assert [member["of"] for member in told["members"][1:]] == [told["canonical"]] * 2
    assert told["members"][2]["similarity"] > 0.9
    assert "3 captures at 3 publishers" in table
    assert "near copy" in table
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "nobody-knows-this" in unknown.stderr


def test_trace_and_try_tell_why_a_text_is_a_copy(desk: Any) -> None:
    counted = "Of 1,204 members 33 spoke, and 18 voted against 15 for 4.5 million and"
    captures = [
        _capture("first.example", 1, [*PARAGRAPHS, f"{counted} 77 trees."]),
        _capture("second.example", 2, [*PARAGRAPHS, f"{counted} 78 trees."]),
    ]
    path = desk.folder / "in.jsonl"
    path.write_text("".join(json.dumps(capture) + "\n" for capture in captures))
    workers = desk.workers(processes=1)
    try:
        for number, capture in enumerate(captures, 1):  # one after the other: the copy must find the first
            single = desk.folder / f"{number}.jsonl"
            single.write_text(json.dumps(capture) + "\n")
            desk.run("enqueue", str(single))
            desk.wait_finished(number)
    finally:
        workers.stop()

    traced = desk.run("trace", "https://second.example/council").stdout
    tried = desk.run("try", "--explain", str(path), COLUMNS="300").stdout
    status = desk.run("status").stdout
    held = json.loads(desk.run("status", "--json").stdout)["stories"]

    for said in (" ".join(traced.split()), " ".join(tried.split())):
        assert "sampled passages are shared: “" in said
        assert "5 of 6 comparable numbers agree: " in said
        assert "1 differs; the other text lacks 78" in said
    assert "2 in the last hour" in " ".join(status.split())
    assert (held["last_hour"], held["budget_bytes"], held["forgotten"]) == (2, 0, 0)
