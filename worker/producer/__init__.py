"""Source, spool, first queue: how captures get in. Importable by other programs, without the stage libraries.

    from worker.producer import Producer
    from worker.settings import load

    with Producer.open(load()) as producer:
        producer.add_page("https://example.org/story", html_bytes)
        producer.take(["crawl/", "feed.xml"], defaults=CaptureFacts(source="crawler"))

A capture is in the ledger before it is in the queue, so what is published too early or never is found again by
`copydesk reconcile`. What was accepted before is a repeat: it is counted and not published.
"""

from worker.producer.producer import Producer
from worker.producer.tally import Tally

__all__ = ["Producer", "Tally"]
