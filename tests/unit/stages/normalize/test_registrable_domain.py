"""The registrable domain, beside the package whose list it reads."""

from __future__ import annotations

from importlib.resources import files

import pytest
from tld import get_fld

from worker.stages.normalize.identity import registrable_domain


@pytest.mark.parametrize("before", ["", "www.", "a.b."])
def test_every_public_suffix_is_read_as_the_package_of_the_list_reads_it(before: str) -> None:
    text = files("tld").joinpath("res/effective_tld_names.dat.txt").read_text("utf-8")
    rules = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("//")]
    hosts = [before + rule.removeprefix("!").replace("*", "news") for rule in rules]

    told = {host: registrable_domain(f"https://{host}/") for host in hosts}

    assert told == {host: get_fld(host, fix_protocol=True, fail_silently=True) for host in hosts}
    assert len(hosts) > 9000


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("a.xn--55qx5d.cn", "a.xn--55qx5d.cn"),  # 公司.cn is a public suffix in either writing
        ("localhost", None),
        ("127.0.0.1", None),
        ("x..com", None),
    ],
)
def test_a_host_has_its_domain_or_none(host: str, domain: str | None) -> None:
    assert registrable_domain(f"https://{host}/story") == domain
