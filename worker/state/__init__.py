"""The worker's own memory: spool, story index, ledger, quarantine, the embedded Redis. Never the downstream's."""
