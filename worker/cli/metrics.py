"""Serving: `metrics`, for Prometheus."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.words import ConfigOption, ProfileOption, err, settings_from
from worker.errors import ConfigError, CopydeskError
from worker.settings import secret

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: copydesk metrics --port 9464")(metrics)


def metrics(
    port: Annotated[int, typer.Option(help="Port of /metrics; 0 takes a free one.", min=0, max=65535)] = 9464,
    host: Annotated[str, typer.Option(help="Address to listen at; beyond this host a token is needed.")] = "127.0.0.1",
    config: ConfigOption = None,
    profile: ProfileOption = None,
) -> None:
    """Serve figures of queues, captures, deliveries, lag and index for Prometheus, until stopped.

    What $COPYDESK_METRICS_TOKEN holds (or the file $COPYDESK_METRICS_TOKEN_FILE) is then wanted as bearer token.
    """
    try:
        from worker.observe.metrics import Collector, Sight, serve
    except ModuleNotFoundError as exc:
        raise ConfigError("metrics need prometheus-client; install it with: pip install 'copydesk[monitor]'") from exc
    from worker.app import PRIORITY_STEPS
    from worker.cli.embedded import attached
    from worker.pipeline import load_models
    from worker.state.backlog import Backlog
    from worker.state.ledger import open_ledger
    from worker.state.quarantine import open_quarantine
    from worker.state.stories import open_stories
    from worker.state.tallies import Tallies

    token = secret("COPYDESK_METRICS_TOKEN") or ""
    if host not in LOOPBACK and not token:
        raise ConfigError(
            f"--host {host} is open to others: set COPYDESK_METRICS_TOKEN (…_FILE), or listen at 127.0.0.1"
        )
    settings = attached(settings_from(config, profile))
    if settings is None:
        raise CopydeskError("the embedded Redis is not running; start it with: copydesk up")
    prefix = settings.broker.key_prefix
    backlog = Backlog(settings.broker.url, settings.queues, prefix=prefix, steps=PRIORITY_STEPS)
    index = open_stories(settings.stories_url, settings.deduplicate, prefix=prefix)
    ledger = open_ledger(settings.ledger_url)
    tallies = Tallies(settings.broker.url, prefix=prefix)
    quarantine = open_quarantine(settings.ledger_url)
    sight = Sight(
        ledger=ledger,
        backlog=lambda: backlog.size(oldest=True),
        stories=index.size,
        tallies=tallies.read,
        quarantined=quarantine.count_by_stage,
        versions=load_models().versions,
    )
    try:
        server = serve(Collector(sight), host=host, port=port, token=token)
    except OSError as exc:
        raise CopydeskError(f"cannot listen at {host}:{port}: {exc.strerror}") from exc
    err().print(f"metrics at http://{host}:{server.server_port}/metrics", markup=False, soft_wrap=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        for held in (backlog, index, ledger, tallies, quarantine):
            held.close()
