"""What the start of a verb loads."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parents[3] / "worker" / "samples" / "captures" / "01-valparaiso-strike.html"
TELLING = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
sys.argv = ["copydesk", "try", "--json", sys.argv[1]]
from worker.cli import main
main()
"""


# Each took a fiftieth of the start or more; `numpy.ma` comes with the first plain `np.unique`.
HEAVY = {"rich.console", "numpy.ma", "worker.query"}
WORKER = """
import sys
import celery.worker
import worker.tasks.__main__
print(*sorted(sys.modules))
"""


def test_try_loads_neither_celery_nor_redis_nor_other_verbs(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", TELLING, str(SAMPLE)], cwd=tmp_path, capture_output=True, check=True)

    loaded = set(ran.stderr.decode().split())
    assert json.loads(ran.stdout)["outcome"] == "article"
    assert {"worker.cli.trying", "worker.pipeline"} <= loaded
    assert not loaded & {"celery", "kombu", "redis", "worker.cli.run", "worker.cli.search", "psycopg", "pyarrow"}
    assert not loaded & HEAVY


def test_looking_for_garbage_begins_when_the_first_result_is_there(tmp_path: Path) -> None:
    telling = TELLING.replace("import atexit, sys", "import atexit, gc, sys").replace(
        "*sorted(sys.modules)",
        "gc.isenabled(), gc.get_freeze_count() > 10_000, sum(one['collections'] for one in gc.get_stats())",
    )
    ran = subprocess.run([sys.executable, "-c", telling, str(SAMPLE)], cwd=tmp_path, capture_output=True, check=True)

    enabled, frozen, collections = ran.stderr.decode().split()
    assert (enabled, frozen) == ("True", "True")
    assert int(collections) < 100  # 212 when it was looked for from the beginning


def test_a_worker_starts_without_the_commands_that_packages_add_to_celery(tmp_path: Path) -> None:
    assert importlib.util.find_spec("flower"), "the package whose command is not wanted here must be installed"
    ran = subprocess.run([sys.executable, "-c", WORKER], cwd=tmp_path, capture_output=True, check=True)

    loaded = set(ran.stdout.decode().split())
    assert {"celery.bin.worker", "worker.tasks.run"} <= loaded
    assert not loaded & {"flower", "tornado", "celery.bin.celery"}
