"""Records made of the bundled captures, the whole way in this process."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

import pytest

from worker.formats.record import record
from worker.intake import read
from worker.models import BrokenRecord, CleanArticle, RawCapture
from worker.pipeline import Pipeline, whole_way
from worker.settings import load, packaged_config


@pytest.fixture(scope="session")
def sample_articles() -> list[CleanArticle]:
    pipeline = Pipeline.in_memory(load("test", config=packaged_config()))
    with as_file(files("worker") / "samples" / "captures") as folder:
        raws = [one for one in read([str(folder)]) if isinstance(one, RawCapture | BrokenRecord)]
    return [result.clean for result in whole_way(pipeline, raws) if result.clean is not None]


@pytest.fixture(scope="session")
def sample_records(sample_articles: list[CleanArticle]) -> list[dict[str, Any]]:
    return [record(clean) for clean in sample_articles]
