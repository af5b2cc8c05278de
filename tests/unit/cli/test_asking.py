"""What a person types becomes a query, or one sentence that helps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from worker.cli.asking import moment, query_of, region_codes, store_of, topic_codes
from worker.cli.search import passage, pattern_of
from worker.errors import ConfigError
from worker.query import Query, parse
from worker.rules import TopicRule, TopicRules
from worker.settings import Settings, SinkSpec

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    harbour = TopicRule(code="local:harbour", label="the harbour", words=("quay",))
    return Settings(config_dir=tmp_path, topics=TopicRules(topics=(harbour,)))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("7d", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("24h", datetime(2026, 3, 9, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 2, 24, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_times_are_so_long_ago_or_iso(given: str, meant: datetime) -> None:
    assert moment(given, "--since", NOW) == meant


def test_a_time_that_is_none_is_told_with_the_option() -> None:
    with pytest.raises(typer.BadParameter, match="7d"):
        moment("soon", "--since")


@pytest.mark.parametrize("given", ["VE", "ve", "venezuela", "Venezuela"])
def test_a_country_has_many_spellings(given: str) -> None:
    assert region_codes(given) == ("VE",)


@pytest.mark.parametrize("given", ["south-america", "region:south-america", "South America", "m49:005", "005"])
def test_a_world_region_is_its_countries(given: str) -> None:
    codes = region_codes(given)

    assert {"VE", "BR", "CL"} <= set(codes)
    assert "MX" not in codes


def test_subdivisions_keep_their_own_code_and_typos_are_guessed() -> None:
    assert region_codes("US-FL") == region_codes("us-fl") == ("US-FL",)
    with pytest.raises(typer.BadParameter, match="'venezuela'"):
        region_codes("venezuelan")


def test_topics_are_named_by_code_by_label_or_by_a_word_of_it(settings: Settings) -> None:
    assert topic_codes("medtop:11000000", settings) == topic_codes("11000000", settings) == ("medtop:11000000",)
    assert topic_codes("politics", settings) == ("medtop:11000000",)
    assert topic_codes("Politik", settings) == ("medtop:11000000",)
    assert topic_codes("business", settings) == ("medtop:04000000",)
    assert topic_codes("election", settings) == ("medtop:20000574",)
    assert topic_codes("the harbour", settings) == topic_codes("local:harbour", settings) == ("local:harbour",)


def test_a_topic_too_deep_is_lifted_and_that_is_said(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert topic_codes("medtop:20000823", settings) == ("medtop:20000822",)
    assert "medtop:20000822" in capsys.readouterr().err


def test_a_topic_that_is_none_or_several_is_told(settings: Settings) -> None:
    with pytest.raises(typer.BadParameter, match="did you mean 'politics'"):
        topic_codes("polittics", settings)
    with pytest.raises(typer.BadParameter, match="may mean"):
        topic_codes("political", settings)


def test_words_that_cannot_be_meant_are_a_wrong_parameter(settings: Settings) -> None:
    with pytest.raises(typer.BadParameter, match="no word"):
        query_of(settings, '"')
    assert query_of(settings, "  ") == Query()


def test_the_store_asked_is_the_first_that_can_be_read_back(tmp_path: Path) -> None:
    sinks = (
        SinkSpec(name="stream", kind="jsonl", options={"folder": str(tmp_path)}),
        SinkSpec(name="articles", kind="sqlite", options={"path": str(tmp_path / "a.sqlite")}),
    )
    settings = Settings(config_dir=tmp_path, sinks=sinks)

    assert store_of(settings, None)[0].name == "articles"
    with pytest.raises(ConfigError, match="cannot be read back"):
        store_of(settings, "stream")
    with pytest.raises(ConfigError, match="sqlite or postgres"):
        store_of(Settings(config_dir=tmp_path, sinks=sinks[:1]), None)


@pytest.mark.parametrize(
    ("typed", "text", "marked"),
    [
        ("bogota", "A long way to Bogotá was taken", "Bogotá"),
        ("sanction*", "The Sanctioned tanker", "Sanction"),
        ("制裁", "歐盟實施制裁措施", "制裁"),
        ('"price cap"', "a price — cap of", "price — cap"),
    ],
)
def test_a_passage_shows_the_words_where_they_stand(typed: str, text: str, marked: str) -> None:
    pattern = pattern_of(Query(*parse(typed)))
    assert pattern is not None

    shown = passage("Before. " * 100 + text + " After." * 100, pattern)

    assert marked in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 190
