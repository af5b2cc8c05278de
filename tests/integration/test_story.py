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
