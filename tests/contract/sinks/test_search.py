"""What stands in a store is found again: one suite, every sink that can be read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.errors import TransientError
from worker.formats.record import record
from worker.models import (
    Organisation,
    RegionScore,
    RegionVerdict,
    SinkItem,
    TopicLabel,
    TopicScore,
    TopicVerdict,
)
from worker.plugins import Searchable, open_sink
from worker.query import Query, parse

MakeItem = Callable[..., SinkItem]
SEARCHABLE = ("sqlite", "postgres")


@pytest.fixture(params=SEARCHABLE)
def store(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(f"{request.param}_store")


def told(sink: Any, typed: str = "", **filters: Any) -> list[str]:
    """The headlines found, in order."""
    assert isinstance(sink, Searchable)
    words, without = parse(typed) if typed else ((), ())
    return [found.record["article"]["headline"] for found in sink.search(Query(words, without, **filters))]


def changed(
    item: SinkItem, regions: RegionVerdict | None = None, topics: TopicVerdict | None = None, **article: Any
) -> SinkItem:
    clean = item.article
    clean = clean.model_copy(
        update={
            "article": clean.article.model_copy(update=article),
            "regions": regions or clean.regions,
            "topics": topics or clean.topics,
        }
    )
    return SinkItem(item.delivery, clean)


def test_words_phrases_endings_alternatives_and_exclusions(sink: Any, item: MakeItem) -> None:
    sink.write(
        [
            item(1, headline="Sanctions on oil", text="The price of crude rose."),
            item(2, headline="Oil spill", text="A sanctioned tanker leaked."),
            item(3, headline="Coal and gas", text="The crude price was the topic."),
        ]
    )

    assert told(sink, "sanctions oil") == ["Sanctions on oil"]
    assert set(told(sink, "sanction* oil")) == {"Sanctions on oil", "Oil spill"}
    assert told(sink, '"price of crude"') == ["Sanctions on oil"]
    assert set(told(sink, "spill OR coal")) == {"Oil spill", "Coal and gas"}
    assert told(sink, "crude -coal") == ["Sanctions on oil"]
    assert told(sink, "nothing of the kind") == []


def test_accents_and_case_do_not_matter(sink: Any, item: MakeItem) -> None:
    sink.write([item(1, headline="Bogotá Élections", text="El niño.")])

    assert told(sink, "bogota elections nino") == told(sink, "BOGOTÁ NIÑO") == ["Bogotá Élections"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("歐盟對俄羅斯石油實施新的制裁措施。", ["制裁", "石油", "俄羅斯", "裁"]),
        ("OPEC減產後油價上漲。", ["OPEC", "OPEC減產", "油價"]),
        ("รัฐบาลไทยประกาศมาตรการคว่ำบาตรน้ำมัน", ["คว่ำบาตร", "น้ำมัน", "ไทย"]),
        ("政府は石油の輸出を禁止した。ガソリン価格も上がった。", ["石油", "ガソリン", "禁止した"]),
        ("정부는 석유 제재를 발표했다.", ["제재", "석유", "발표"]),
        ("भारत ने तेल प्रतिबंध की घोषणा की", ["तेल", "प्रतिबंध"]),
        ("وأعلنت الحكومة عقوبات على النفط", ["عقوبات", "النفط"]),
    ],
)
def test_words_of_every_script_are_found(sink: Any, item: MakeItem, text: str, words: list[str]) -> None:
    sink.write([item(1, headline="this one", text=text), item(2, headline="another", text="天氣很好。 อากาศดี")])

    for word in words:
        assert told(sink, word) == ["this one"], word
    assert told(sink, "制石") == []


def test_filters_hold_together(sink: Any, item: MakeItem) -> None:
    florida = RegionVerdict(
        primary="US",
        about=(RegionScore(code="CA", score=0.9),),
        subdivisions=(RegionScore(code="US-FL", score=0.9),),
        gazetteer_version="1",
    )
    sport = TopicScore(
        code="medtop:15000000", label="sport", score=0.8,
        second_level=TopicLabel(code="medtop:20000822", label="competition discipline", score=0.7),
    )  # fmt: skip
    sports = TopicVerdict(primary=sport.code, all=(sport,), release="1", model_version="1")
    sink.write(
        [
            item(1, headline="Caracas"),
            changed(item(2, headline="Miami"), regions=florida, topics=sports, language="pt-BR"),
            changed(item(3, headline="Undated"), published_at=None, publisher=Organisation(domain="desk.example")),
            changed(item(4, headline="Old"), published_at=datetime(2020, 1, 1, tzinfo=UTC), publisher=None),
        ]
    )

    assert set(told(sink, regions=("VE", "CO"))) == {"Caracas", "Undated", "Old"}
    assert told(sink, regions=("US",)) == told(sink, regions=("US-FL",)) == ["Miami"]
    assert told(sink, topics=("medtop:20000822",)) == told(sink, topics=("medtop:15000000",)) == ["Miami"]
    assert told(sink, languages=("pt",)) == ["Miami"]
    assert told(sink, languages=("pt-PT",)) == []
    assert set(told(sink, publishers=("the daily example",))) == {"Caracas", "Miami"}
    assert told(sink, publishers=("DESK.example",)) == ["Undated"]
    assert set(told(sink, since=datetime(2026, 1, 1, tzinfo=UTC))) == {"Caracas", "Miami", "Undated"}
    assert told(sink, until=datetime(2026, 1, 1, tzinfo=UTC)) == ["Old"]
    assert told(sink, "paragraph", regions=("US",), languages=("pt-BR",)) == ["Miami"]


def test_the_best_match_or_the_newest_comes_first_and_limit_holds(sink: Any, item: MakeItem) -> None:
    days = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    sink.write(
        [
            changed(item(1, headline="Oil, oil", text="Oil and more oil."), published_at=days[0]),
            changed(item(2, headline="Weather", text="It rained. " * 30 + "A word of oil."), published_at=days[2]),
            changed(item(3, headline="Sport"), published_at=days[1]),
        ]
    )

    assert told(sink, "oil") == ["Oil, oil", "Weather"]
    assert told(sink, "oil", newest_first=True) == ["Weather", "Oil, oil"]
    assert told(sink) == ["Weather", "Sport", "Oil, oil"]
    assert told(sink, limit=2) == ["Weather", "Sport"]


def test_what_is_found_is_the_record_that_was_delivered(sink: Any, item: MakeItem) -> None:
    one = item(1, text="Ünï 漢字 \U0001f5de\n\nsecond")
    sink.write([one])

    (found,) = sink.search(Query())

    assert found.record == record(one.article, one.delivery)


def test_a_retracted_article_is_never_found_and_an_update_is_found_by_its_new_words(sink: Any, item: MakeItem) -> None:
    sink.write([item(1, text="An earthquake."), item(2, text="A flood.")])
    sink.write([item(1, action="retract"), item(2, version=2, text="A drought 乾旱.", headline="Changed")])

    assert told(sink, "earthquake") == told(sink, "flood") == []
    assert told(sink, "drought") == told(sink, "乾旱") == told(sink) == ["Changed"]


@pytest.mark.parametrize("typed", ['"', "*", "-", '""', "OR", "a OR", "-only", '"- * -"', "()", "\x00"])
def test_what_cannot_be_meant_is_told_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="word"):
        parse(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "oil AND",
        "NEAR(oil gas)",
        "headline:oil",
        "it's (oil",
        'a"b',
        "%",
        "oil^2 + \\",
        "{x}",
        "oil & !gas",
        "a:*b",
        "';--",
    ],
)
def test_no_question_is_an_error_of_the_store(sink: Any, item: MakeItem, typed: str) -> None:
    sink.write([item(1)])
    try:
        parse(typed)
    except ValueError:
        return

    assert told(sink, typed) == []


def test_a_store_that_is_not_there_yet_holds_nothing_and_is_not_made(store: Any) -> None:
    sink = open_sink("test", *store.spec())

    assert told(sink, "oil") == told(sink) == []
    sink.close()
    with pytest.raises(Exception, match=r"no such table|does not exist|unable to open"):
        store.read()


def test_a_store_that_is_away_says_so(sink: Any, store: Any, item: MakeItem) -> None:
    sink.write([item(1)])
    store.fail()
    try:
        if store.spec()[0] == "postgres":
            with pytest.raises(TransientError, match="cannot be searched"):
                told(sink)
    finally:
        store.mend()


def test_the_command_shows_what_it_found_fits_the_terminal_and_writes_every_form(
    tmp_path: Any, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from worker.cli import command_line

    writer = open_sink("articles", "sqlite", {"path": str(tmp_path / "articles.sqlite")})
    writer.write([item(number, headline=f"Sanctions on oil, part {number}") for number in range(3)])
    writer.close()

    def run(*arguments: str, columns: int = 80) -> Any:
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(command_line(), [*arguments, "--data", str(tmp_path)], catch_exceptions=False)

    for columns in (60, 80, 140):
        shown = run("search", "sanctions oil", "--region", "south-america", "--topic", "politics", columns=columns)
        assert shown.exit_code == 0
        assert "2026-01-05" in shown.stdout
        assert "VE" in shown.stdout
        assert max(map(len, shown.stdout.splitlines())) <= columns
        assert ("The Daily Exam" in shown.stdout) == (columns >= 100)
    assert "3 articles" in shown.stderr
    assert json.loads(run("search", "part", "--json", "-n", "1").stdout)["article"]["headline"].startswith("Sanctions")
    assert len(json.loads(run("search", "part", "--format", "feed").stdout)["items"]) == 3
    assert run("search", "part", "--format", "atom").stdout.count("<entry") == 3
    assert "fewer words" in run("search", "weather").stderr
    wrong = run("search", '"')
    assert (wrong.exit_code, "no word to find" in wrong.stderr) == (2, True)
    for form in ("jsonl", "ninjs", "jsonld", "jsonfeed", "atom", "csv"):
        file = tmp_path / f"out.{form}"
        done = run("export", "sanctions", "--format", form, "--out", str(file))
        assert (done.exit_code, done.stdout) == (0, "")
        assert "Sanctions on oil, part 2" in file.read_text(encoding="utf-8")
        assert run("export", "sanctions", "--format", form).stdout == file.read_bytes().decode().replace("\r\n", "\n")
