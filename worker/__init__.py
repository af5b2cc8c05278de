"""copydesk: raw captures of news pages in, clean, deduplicated, classified articles out.

A map of the package, from the words to the people:

- `models`, `rules`, `errors`: the words of the house.
- `stages/`: the verdicts. Pure functions: no clock, network, logger or environment.
- `artefacts/`: the versioned model files the stages read, and the builders that make them offline.
- `state/`: the worker's own memory: spool, story index, ledger, quarantine, embedded Redis.
- `sources/`, `sinks/`: the outside world: a location in, captures out; deliveries in, receipts out.
- `plugins`: what a source and a sink promise, and how one is opened by name.
- `settings`: the only reader of `config/` and of the environment.
- `pipeline`: the steps, once, in order; the whole way in one process.
- `observe/`: logs, metrics, traces.
- `app`, `tasks`: Celery: queues, acks, limits; the shells that carry batches from step to step.
- `producer`: source, spool, first queue; importable by other programs.
- `cli/`: the command line.
"""

__version__ = "0.1.0"
