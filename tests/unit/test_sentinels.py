"""A sentinel:// URL is taken apart once, and every client is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from kombu import Connection

from worker.app import create
from worker.errors import ConfigError
from worker.sentinels import Sentinels, for_celery, sentinels_in
from worker.settings import load
from worker.state.attempts import open_attempts
from worker.state.redis_server import connect
from worker.state.spool import open_spool

URL = "sentinel://desk:s3%20cret@a:26379,b,[::1]:7000/2?master=news"


def test_the_sentinels_are_asked_in_the_order_of_the_url() -> None:
    assert sentinels_in(URL) == Sentinels(
        nodes=(("a", 26379), ("b", 26379), ("::1", 7000)),
        master="news",
        database=2,
        username="desk",
        password="s3 cret",
    )
    assert sentinels_in("sentinel://a?master=m&sentinel_auth=true") == Sentinels((("a", 26379),), "m", same_login=True)


def test_celery_gets_the_url_of_each_sentinel_and_the_name_of_the_primary() -> None:
    url, options = for_celery(URL, timeout_s=5)

    each = (
        "sentinel://desk:s3%20cret@a:26379/2;sentinel://desk:s3%20cret@b:26379/2;sentinel://desk:s3%20cret@[::1]:7000/2"
    )
    assert url == each
    assert options["master_name"] == "news"
    connection = Connection(url, transport_options=options)
    assert (connection.userid, connection.password, connection.virtual_host) == ("desk", "s3 cret", "2")


def test_the_workers_app_asks_the_sentinels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_BROKER__URL", URL)

    conf = create(load("dev"), role="producer").conf

    assert conf.broker_url.count("sentinel://") == 3
    assert conf.broker_transport_options["master_name"] == "news"
    assert conf.broker_transport_options["socket_keepalive"] is True
    assert conf.broker_transport_options["sentinel_kwargs"] == {"socket_timeout": 5, "socket_connect_timeout": 5}


def test_our_own_clients_the_spool_and_the_attempts_ask_them_too() -> None:
    pool = connect(URL).connection_pool

    assert type(pool).__name__ == "SentinelConnectionPool"
    assert pool.connection_kwargs["db"] == 2
    assert type(open_spool(URL)).__name__ == "RedisSpool"
    assert type(open_attempts(URL)).__name__ == "RedisAttempts"  # 3.11.2 and 3.13 read no such address as a URL


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://:s3cret@a:26379",
        "sentinel://:s3cret@a:26379/0?master=",
        "sentinel://:s3cret@a/0?master=m&ssl=true",
        "sentinel://:s3cret@a:99999/0?master=m",
        "sentinel://:s3cret@a,,b/0?master=m",
        "sentinel://:s3cret@a:26379;sentinel://:s3cret@b:26379/0?master=m",
        "sentinel:a?master=m",
    ],
)
@pytest.mark.parametrize("name", ["BROKER", "STORIES", "SPOOL"])
def test_another_form_is_refused_at_the_start_with_the_right_one_and_without_its_password(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"COPYDESK_{name}__URL", url)

    with pytest.raises(ConfigError, match=rf"{name.lower()}\.url: a sentinel URL .*master=NAME") as told:
        load("dev")

    assert "s3cret" not in str(told.value)


def test_the_password_is_masked_where_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_BROKER__URL", URL)

    assert load("dev").masked()["broker"]["url"] == "sentinel://***@a:26379,b,[::1]:7000/2?master=news"
