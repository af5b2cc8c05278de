"""The tables of the SQLite sink, made and migrated by us. `record` leaves out the text, which has its own column.

The search index is kept by the statements below, in the order of `id`, and not by triggers: FTS5 gathers a batch
in memory only while row ids rise and no savepoint comes between; else it writes a segment for each row (0.33 ms of
CPU an article instead of 0.12). `unspaced` is null but for scripts without spaces: see `worker.query`.
"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE articles (
            id INTEGER PRIMARY KEY,
            article_id TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL,
            delivery_id TEXT NOT NULL,
            retracted INTEGER NOT NULL DEFAULT 0,
            headline TEXT,
            text TEXT NOT NULL,
            unspaced TEXT,
            url TEXT,
            published_at TEXT,
            captured_at TEXT,
            language TEXT NOT NULL,
            publisher TEXT,
            domain TEXT,
            source TEXT NOT NULL,
            region TEXT,
            topic TEXT,
            regions TEXT NOT NULL,
            topics TEXT NOT NULL,
            duplicate TEXT NOT NULL,
            story_id TEXT NOT NULL,
            route TEXT NOT NULL,
            record TEXT NOT NULL
        )""",
        "CREATE INDEX articles_by_time ON articles (coalesce(published_at, captured_at))",
        "CREATE INDEX articles_by_story ON articles (story_id)",
        # marks belong to the letters of Hindi and Thai; accents of Latin letters are dropped all the same
        """CREATE VIRTUAL TABLE articles_search USING fts5 (
            headline, text, unspaced, content = 'articles', content_rowid = 'id',
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
        )""",
        "INSERT INTO articles_search (articles_search, rank) VALUES ('rank', 'bm25(5.0, 1.0, 1.0)')",
        # merge segments when 16 are there, not a little at each batch: 1.6 times the rate (630 words an article)
        "INSERT INTO articles_search (articles_search, rank) VALUES ('automerge', 0)",
    ),
)
COLUMNS = (
    *("article_id", "version", "delivery_id", "retracted", "headline", "text", "unspaced", "url", "published_at"),
    *("captured_at", "language", "publisher", "domain", "source", "region", "topic", "regions", "topics"),
    *("duplicate", "story_id", "route", "record"),
)

READABLE = f"SELECT {', '.join(COLUMNS)} FROM articles LIMIT 0"  # noqa: S608  # fails where the table is another
HELD = """
    SELECT article_id, version, retracted, delivery_id FROM articles
    WHERE article_id IN (SELECT value FROM json_each(:ids))
"""
UPSERT = (
    f"INSERT INTO articles ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (article_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
)
REPLACED = """
    INSERT INTO articles_search (articles_search, rowid, headline, text, unspaced)
    SELECT 'delete', id, headline, text, unspaced FROM articles
    WHERE article_id IN (SELECT value FROM json_each(:ids)) ORDER BY id
"""
INDEX = """
    INSERT INTO articles_search (rowid, headline, text, unspaced)
    SELECT id, headline, text, unspaced FROM articles
    WHERE article_id IN (SELECT value FROM json_each(:ids)) ORDER BY id
"""
