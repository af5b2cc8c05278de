"""The SQL of the ledger, as SQLite and PostgreSQL both read it. `ids` is always a JSON array, so that one text serves
any number of them."""
# ruff: noqa: S608 - only constants of this file are put together

ENDED = "('stored', 'dropped', 'duplicate', 'quarantined')"  # worker.models.TERMINAL_STATES
GIVEN = "(SELECT value FROM json_each(:ids))"
GIVEN_N = "(SELECT CAST(value AS BIGINT) FROM json_each(:ids))"

# All columns by name: after a newer copydesk has added one, PostgreSQL refuses the plan it keeps of a `SELECT *`.
CAPTURE = (
    "n, capture_id, state, accepted_at, sent_at, settled_at, url, external_id, article_id, kind, reason, detail, "
    "verdict, capture"
)
DELIVERY = "delivery_id, n, sink, state, status, attempts, waiting_until, recorded_at, updated_at, detail, delivery"

HELD = f"SELECT capture_id, n, state FROM captures WHERE capture_id IN {GIVEN}"

ACCEPT = """
    INSERT INTO captures (capture_id, state, accepted_at, sent_at, url, external_id, capture)
    VALUES (:capture_id, 'accepted', :accepted_at, :now, :url, :external_id, :capture)
"""
IGNORE = """
    INSERT INTO tallies (name, count) VALUES ('ignored_redeliveries', :count)
    ON CONFLICT (name) DO UPDATE SET count = tallies.count + excluded.count
"""
SETTLE = f"""
    INSERT INTO captures
        (capture_id, state, accepted_at, sent_at, settled_at, article_id, kind, reason, detail, verdict)
    VALUES (:capture_id, :state, :now, :now, :settled_at, :article_id, :kind, :reason, :detail, :verdict)
    ON CONFLICT (capture_id) DO UPDATE SET
        state = excluded.state, settled_at = excluded.settled_at, reason = excluded.reason, detail = excluded.detail,
        article_id = coalesce(excluded.article_id, captures.article_id), kind = coalesce(excluded.kind, captures.kind),
        verdict = coalesce(excluded.verdict, captures.verdict)
    WHERE captures.state NOT IN {ENDED}
"""
SETTLE_DELIVERED = f"""
    UPDATE captures SET state = 'stored', settled_at = :now
    WHERE state = 'routed' AND n IN {GIVEN_N}
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.n = captures.n AND d.state != 'done')
"""
SETTLE_REJECTED = f"""
    UPDATE captures SET state = 'quarantined', reason = 'sink_rejected', settled_at = :now
    WHERE state = 'routed' AND n IN
        (SELECT n FROM deliveries WHERE state = 'rejected' AND delivery_id IN {GIVEN})
"""

RECORD = """
    INSERT INTO deliveries (delivery_id, n, sink, state, recorded_at, updated_at, delivery)
    VALUES (:delivery_id, :n, :sink, 'waiting', :now, :now, :delivery)
    ON CONFLICT (delivery_id) DO UPDATE SET state = 'waiting', updated_at = excluded.updated_at
    WHERE deliveries.state = 'rejected'
"""
WAITING = f"SELECT delivery_id FROM deliveries WHERE state = 'waiting' AND delivery_id IN {GIVEN}"
ARE_DONE = f"SELECT delivery_id FROM deliveries WHERE state = 'done' AND delivery_id IN {GIVEN}"
OWNERS = f"SELECT DISTINCT n FROM deliveries WHERE delivery_id IN {GIVEN}"
DONE = """
    UPDATE deliveries SET state = 'done', status = :status, detail = :detail, updated_at = :now, waiting_until = NULL
    WHERE delivery_id = :delivery_id AND state != 'done'
"""
REJECTED = """
    UPDATE deliveries SET state = 'rejected', status = :status, detail = :detail, updated_at = :now,
        waiting_until = NULL
    WHERE delivery_id = :delivery_id AND state = 'waiting'
"""
_DOUBLED = (
    "CAST(:delay_s AS DOUBLE PRECISION) * (1 << CAST(CASE WHEN attempts < 16 THEN attempts ELSE 16 END AS INTEGER))"
)
_MOST = "CAST(:backoff_max_s AS DOUBLE PRECISION)"
BACKOFF = f"CASE WHEN {_DOUBLED} < {_MOST} THEN {_DOUBLED} ELSE {_MOST} END"
AGAIN = f"""
    UPDATE deliveries SET attempts = attempts + 1, status = :status, detail = :detail, updated_at = :now,
        waiting_until = CAST(:now AS DOUBLE PRECISION) + coalesce(CAST(:retry_after_s AS DOUBLE PRECISION), {BACKOFF})
    WHERE delivery_id = :delivery_id AND state = 'waiting'
"""
PARK = f"""
    UPDATE deliveries SET waiting_until = :until, updated_at = :now WHERE state = 'waiting' AND delivery_id IN {GIVEN}
"""

UNFINISHED = """
    SELECT n, capture FROM captures
    WHERE state = 'accepted' AND sent_at < :before AND capture IS NOT NULL ORDER BY sent_at LIMIT :limit
"""
SENT = f"UPDATE captures SET sent_at = :now WHERE n IN {GIVEN_N}"
DUE = """
    SELECT delivery_id, delivery FROM deliveries
    WHERE state = 'waiting'
    AND CASE WHEN waiting_until IS NULL THEN updated_at <= :older_than ELSE waiting_until <= :now END
    AND sink NOT IN (SELECT sink FROM circuits WHERE open_until > :now)
    ORDER BY updated_at LIMIT :limit
"""
PUBLISHED = f"UPDATE deliveries SET updated_at = :now, waiting_until = NULL WHERE delivery_id IN {GIVEN}"

_REOPENABLE = f"WHERE state = 'quarantined' AND capture IS NOT NULL AND capture_id IN {GIVEN}"
REOPENABLE = f"SELECT capture FROM captures {_REOPENABLE}"
REOPEN = f"""
    UPDATE captures SET state = 'accepted', reason = NULL, detail = NULL, settled_at = NULL, sent_at = :now
    {_REOPENABLE}
"""
_RETRIABLE = f"WHERE state != 'done' AND delivery_id IN {GIVEN}"
RETRIABLE = f"SELECT delivery FROM deliveries {_RETRIABLE}"
RETRY = f"UPDATE deliveries SET state = 'waiting', waiting_until = NULL, updated_at = :now {_RETRIABLE}"
RETRY_CAPTURES = f"""
    UPDATE captures SET state = 'routed', reason = NULL, detail = NULL, settled_at = NULL
    WHERE state = 'quarantined' AND n IN
        (SELECT n FROM deliveries WHERE state = 'waiting' AND delivery_id IN {GIVEN})
"""

HOLDING = f"""
    SELECT d.delivery_id, d.state, d.delivery, c.n, c.capture, c.verdict
    FROM captures c JOIN deliveries d ON d.n = c.n
    WHERE (c.capture_id IN {GIVEN} OR c.article_id IN {GIVEN}) AND d.state != 'rejected'
    ORDER BY d.rowid
"""
GIVE_UP = f"""
    UPDATE deliveries SET state = 'done', status = 'superseded', detail = 'retracted before it was made',
        updated_at = :now, waiting_until = NULL
    WHERE state = 'waiting' AND delivery_id IN {GIVEN}
"""

STRIKE = """
    INSERT INTO circuits (sink, failures, open_until)
    VALUES (:sink, 1, CASE WHEN CAST(:threshold AS BIGINT) <= 1 THEN CAST(:until AS DOUBLE PRECISION) END)
    ON CONFLICT (sink) DO UPDATE SET
        failures = circuits.failures + 1,
        open_until =
            CASE WHEN circuits.failures + 1 >= CAST(:threshold AS BIGINT) THEN CAST(:until AS DOUBLE PRECISION) END
    RETURNING open_until
"""
HEAL = "DELETE FROM circuits WHERE sink = :sink"
CIRCUITS = "SELECT sink, failures, open_until FROM circuits ORDER BY sink"

COUNT_CAPTURES = "SELECT state, kind, reason, count(*) AS count FROM captures GROUP BY state, kind, reason"
COUNT_DELIVERIES = "SELECT sink, state, count(*) AS count FROM deliveries GROUP BY sink, state"
COUNT_IGNORED = "SELECT count FROM tallies WHERE name = 'ignored_redeliveries'"

NAMED = tuple(
    f"SELECT {CAPTURE} FROM captures WHERE {column} = :named ORDER BY n DESC LIMIT 1"
    for column in ("capture_id", "article_id", "url", "external_id")
)
NAMED_BY_PREFIX = tuple(
    f"SELECT {CAPTURE} FROM captures WHERE {column} BETWEEN :named AND CAST(:named AS TEXT) || 'g' "
    "ORDER BY n DESC LIMIT 1"
    for column in ("capture_id", "article_id")  # g comes after all hex digits
)
KNOWN_AS = f"""
    SELECT {CAPTURE} FROM captures WHERE capture_id = :named OR article_id = :named OR url IN (:named, :digest)
    OR external_id IN (:named, :digest)
"""
KNOWN_BY_PREFIX = f"""
    SELECT {CAPTURE} FROM captures WHERE capture_id BETWEEN :named AND CAST(:named AS TEXT) || 'g'
    OR article_id BETWEEN :named AND CAST(:named AS TEXT) || 'g'
"""
OF_ARTICLES = f"SELECT {CAPTURE} FROM captures WHERE article_id IN {GIVEN} ORDER BY n"
NAMES = f"SELECT n, url, external_id, reason FROM captures WHERE capture_id IN {GIVEN}"
FORGET = """
    UPDATE captures SET state = 'dropped', reason = 'forgotten', detail = NULL, verdict = NULL, capture = NULL,
        kind = NULL, url = :url, external_id = :external_id, settled_at = :now
    WHERE n = :n
"""
DELIVERIES_OF = f"SELECT {DELIVERY} FROM deliveries WHERE n = :n ORDER BY rowid"
RECENT = f"""
    SELECT {CAPTURE} FROM captures WHERE CAST(:states AS TEXT) = '[]' OR state IN (SELECT value FROM json_each(:states))
    ORDER BY n DESC LIMIT :limit
"""
DELIVERIES = f"""
    SELECT {DELIVERY} FROM deliveries
    WHERE (CAST(:sink AS TEXT) IS NULL OR sink = :sink) AND (CAST(:state AS TEXT) IS NULL OR state = :state)
    ORDER BY rowid DESC LIMIT :limit
"""

# a retraction may wait for a sink long after its article was settled
EXPIRED = """
    SELECT n FROM captures WHERE settled_at < :before
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.n = captures.n AND d.state = 'waiting') LIMIT :limit
"""
FORGET_DELIVERIES = f"DELETE FROM deliveries WHERE n IN {GIVEN_N}"
FORGET_CAPTURES = f"DELETE FROM captures WHERE n IN {GIVEN_N}"
