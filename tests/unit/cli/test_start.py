"""What the start of a verb loads."""

from __future__ import annotations

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


def test_try_loads_neither_celery_nor_redis_nor_other_verbs(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", TELLING, str(SAMPLE)], cwd=tmp_path, capture_output=True, check=True)

    loaded = set(ran.stderr.decode().split())
    assert json.loads(ran.stdout)["outcome"] == "article"
    assert {"worker.cli.trying", "worker.pipeline"} <= loaded
    assert not loaded & {"celery", "kombu", "redis", "worker.cli.run", "worker.cli.search", "psycopg", "pyarrow"}
