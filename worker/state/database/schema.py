"""The tables of the worker's own memory, step by step. A step that was ever released is never changed."""

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
)
