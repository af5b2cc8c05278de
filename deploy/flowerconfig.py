"""Flower's options: `celery -A worker.app flower --conf=deploy/flowerconfig.py`.

People log in with what the file FLOWER_AUTH_FILE holds, one `name:password` a line; without it Flower does not start.
Its /metrics, which asks for no password, is taken away: `copydesk metrics` is the door for figures. /healthcheck, which
says no more than OK, stays open for probes.
"""

import os
from hashlib import sha256
from pathlib import Path

from flower import urls

urls.handlers[:] = [one for one in urls.handlers if not (isinstance(one, tuple) and one[0] == r"/metrics")]

_secret = Path(os.environ["FLOWER_AUTH_FILE"]).read_text(encoding="utf-8")

basic_auth = [line.strip() for line in _secret.splitlines() if ":" in line]
if not basic_auth:
    raise SystemExit("FLOWER_AUTH_FILE holds no line `name:password`")
cookie_secret = sha256(b"flower cookie" + _secret.encode()).hexdigest()  # the same after a restart, so logins last

read_only = True  # no revoke, no pool resize: it shows, it does not steer
max_tasks = 5000  # about 6 KB each; RSS 119 MB at 10,000 tasks
purge_offline_workers = 300  # seconds
persistent = True
db = os.environ.get("FLOWER_DB", "flower.db")
state_save_interval = 60_000  # ms
xheaders = True  # behind a proxy
