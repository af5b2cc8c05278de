"""The tables of the worker's own memory, step by step. A step that was ever released is never changed.

While workers are upgraded one by one, older ones meet tables that newer ones have migrated. A step that only adds
(a table, an index, a column that may be null or has a default) does them no harm, so they go on. For any other step
raise `LEAST_STEPS` to its number: who knows fewer is refused from then on.
"""

# Ids are hashes, so each index on one scatters a batch over as many pages as it has rows. There are as few as can
# be; deliveries hang on `n`, which grows.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE captures (
            n INTEGER PRIMARY KEY,
            capture_id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            accepted_at REAL NOT NULL,
            sent_at REAL NOT NULL,
            settled_at REAL,
            url TEXT,
            external_id TEXT,
            article_id TEXT,
            kind TEXT,
            reason TEXT,
            detail TEXT,
            verdict TEXT,
            capture TEXT
        )""",
        "CREATE INDEX captures_by_state ON captures (state, kind, reason)",
        "CREATE INDEX captures_unfinished ON captures (sent_at) WHERE state = 'accepted'",
        "CREATE INDEX captures_settled ON captures (settled_at) WHERE settled_at IS NOT NULL",
        "CREATE INDEX captures_by_url ON captures (url)",
        "CREATE INDEX captures_by_article ON captures (article_id) WHERE article_id IS NOT NULL",
        "CREATE INDEX captures_by_external_id ON captures (external_id) WHERE external_id IS NOT NULL",
        """CREATE TABLE deliveries (
            delivery_id TEXT NOT NULL UNIQUE,
            n INTEGER NOT NULL REFERENCES captures,
            sink TEXT NOT NULL,
            state TEXT NOT NULL,
            status TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            waiting_until REAL,
            recorded_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            delivery TEXT NOT NULL
        )""",
        "CREATE INDEX deliveries_by_capture ON deliveries (n)",
        "CREATE INDEX deliveries_by_sink ON deliveries (sink, state)",
        "CREATE INDEX deliveries_waiting ON deliveries (updated_at) WHERE state = 'waiting'",
        "CREATE TABLE circuits (sink TEXT PRIMARY KEY, failures INTEGER NOT NULL, open_until REAL)",
        "CREATE TABLE tallies (name TEXT PRIMARY KEY, count INTEGER NOT NULL)",
        """CREATE TABLE quarantine (
            quarantine_id TEXT PRIMARY KEY,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            capture_id TEXT,
            quarantined_at REAL NOT NULL,
            item TEXT NOT NULL
        )""",
        "CREATE INDEX quarantine_by_time ON quarantine (quarantined_at)",
        "CREATE INDEX quarantine_by_capture ON quarantine (capture_id) WHERE capture_id IS NOT NULL",
    ),
    (
        """CREATE TABLE readings (
            reading TEXT PRIMARY KEY,
            "offset" INTEGER NOT NULL,
            taken INTEGER NOT NULL,
            done INTEGER NOT NULL,
            moved_at REAL NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE polls (
            url TEXT PRIMARY KEY,
            due_at REAL NOT NULL,
            etag TEXT,
            last_modified TEXT,
            failures INTEGER NOT NULL,
            reason TEXT
        ) WITHOUT ROWID""",
        "CREATE TABLE told (page TEXT PRIMARY KEY, reference TEXT NOT NULL, told_at REAL NOT NULL) WITHOUT ROWID",
        "CREATE INDEX told_by_time ON told (told_at)",
    ),
    ("CREATE TABLE least_steps (steps INTEGER NOT NULL)",),
)
LEAST_STEPS = 4  # how many steps a copydesk must know to work on these tables
LEAST = "SELECT max(steps) AS steps FROM least_steps"


def statements_after(done: int) -> list[str]:
    """What is left to do where so many steps were taken; nothing where all were, by us or by somebody newer."""
    left = [statement for step in MIGRATIONS[done:] for statement in step]
    return left and [*left, "DELETE FROM least_steps", f"INSERT INTO least_steps VALUES ({LEAST_STEPS})"]  # noqa: S608


def why_not(done: int, least: int | None) -> str | None:
    """Why this copydesk may not work where `done` steps were taken; None when it may.

    `least` is how many steps one must know, as the ledger says; None where it does not say.
    """
    known = len(MIGRATIONS)
    if done <= known or (least is not None and least <= known):
        return None
    return (
        f"the ledger was migrated by a newer copydesk (step {done}; this one knows {known}): upgrade this one, or "
        "put back the copy from before the upgrade (docs/runbook.md)"
    )
