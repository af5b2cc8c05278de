"""Messages of every schema version ever released are still taken.

`tests/golden/messages/VERSION/` holds one of each kind as it was *written*, as a newer worker may write it (*extra*
fields everywhere) and as an older one did (the *least*: no optional field). Files are added, never changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from worker.app import TAKES
from worker.models import Batch, Message

KEPT = sorted((Path(__file__).parent / "messages").glob("*/*.json"))
MODELS: dict[str, type[Message]] = {**TAKES, "batch": Batch}


def model_of(path: Path) -> type[Message]:
    return MODELS[path.name.split(".")[0]]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_kept_message_is_taken_and_every_field_it_shares_with_today_keeps_its_value(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))

    taken = json.loads(model_of(path).model_validate(written).model_dump_json())

    assert_kept(without_tomorrow(written), taken)


@pytest.mark.parametrize("version", sorted({path.parent for path in KEPT}), ids=lambda path: path.name)
def test_a_version_keeps_one_message_of_each_kind_and_form(version: Path) -> None:
    names = {path.stem for path in version.glob("*.json")}

    assert names == {f"{kind}.{form}" for kind in MODELS for form in ("written", "extra", "least")}


def assert_kept(written: Any, taken: Any) -> None:
    if isinstance(written, dict):
        for name, value in written.items():
            assert_kept(value, taken[name])
    elif isinstance(written, list):
        assert len(written) == len(taken)
        for one, other in zip(written, taken, strict=True):
            assert_kept(one, other)
    else:
        assert taken == written


def without_tomorrow(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_tomorrow(inner) for name, inner in value.items() if name != "field_of_tomorrow"}
    return [without_tomorrow(inner) for inner in value] if isinstance(value, list) else value
