"""`python -m worker.tasks …` is `celery -A worker.app worker …` without the commands that packages add to Celery's.

Flower's alone, with Tornado and prompt_toolkit, took a quarter of the start of a worker that never shows them.
"""

from __future__ import annotations

from worker.starting import uncollected

with uncollected():
    from celery.bin.base import CLIContext
    from celery.bin.worker import worker

    from worker.app import app


def main() -> None:
    """Run one worker until it is told to stop; the options are those of `celery worker`."""
    context = CLIContext(app=app, no_color=False, workdir=None)
    worker.main(obj=context, prog_name="celery worker", auto_envvar_prefix="CELERY_WORKER")


if __name__ == "__main__":
    main()
