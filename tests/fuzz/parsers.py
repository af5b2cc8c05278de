"""Coverage-guided fuzzing of every parser of sources: whatever the bytes, captures, broken records or BadCapture.

    make fuzz                                    # each source for a minute
    python tests/fuzz/parsers.py --seconds 600 warc archive

Atheris (Apache-2.0, the extra `fuzz`) steers the bytes to where they reach code that was not reached before. It begins
with the pieces of the property tests. What breaks a parser is kept in fuzz-findings/ and said at the end; make it a
test in tests/unit/sources.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

FINDINGS = Path("fuzz-findings")
SLOW_S = 10  # an input that takes longer is a finding
MOST_MB = 2048


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help="all of them, unless named")
    parser.add_argument("--seconds", type=int, default=60, help="for each kind")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen, rest = parser.parse_known_args()
    if chosen.child:
        fuzz(chosen.kinds[0], rest)
    broken = [kind for kind in chosen.kinds or known_kinds() if not survives(kind, chosen.seconds)]
    if broken:
        sys.exit(f"broken: {', '.join(broken)}; see {FINDINGS}/")


def known_kinds() -> list[str]:
    from worker.plugins import SOURCES, known

    return known(SOURCES)


def survives(kind: str, seconds: int) -> bool:
    """Whether a parser stood `seconds` of bytes, in a process of its own."""
    FINDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, piece in enumerate(pieces()):
            (Path(corpus) / f"piece-{number}").write_bytes(piece)
        limits = [f"-max_total_time={seconds}", "-max_len=4096", f"-timeout={SLOW_S}", f"-rss_limit_mb={MOST_MB}"]
        # The longest limit is libFuzzer's own; should it not hold, this one does.
        command = [sys.executable, __file__, kind, "--child", *limits, f"-artifact_prefix={FINDINGS}/{kind}-", corpus]
        began = time.monotonic()
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds + 120)
    lines = ended.stderr.splitlines()
    done = next((line for line in reversed(lines) if line.startswith(("Done", "#"))), "")
    print(f"{kind}: {'stands' if ended.returncode == 0 else 'BREAKS'} after {time.monotonic() - began:.0f} s; {done}")
    if ended.returncode:
        print("\n".join(lines[-25:]))
    return ended.returncode == 0


def pieces() -> list[bytes]:
    """Where to begin: what the property tests are made of."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "property"))
    import test_sources

    return list(test_sources.PIECES)


def fuzz(kind: str, arguments: list[str]) -> None:
    """Give the parser bytes until its time is over; never returns."""
    import atheris

    with atheris.instrument_imports(include=["worker.sources"]):
        from worker.errors import BadCapture
        from worker.models import BrokenRecord, CaptureFacts, RawCapture, Reference
        from worker.plugins import open_source

        source = open_source(kind)

    def one(data: bytes) -> None:
        assert 0.0 <= source.recognizes(data, "x") <= 1.0
        with suppress(BadCapture):
            for item in source.read(io.BytesIO(data), location="x", defaults=CaptureFacts()):
                assert isinstance(item, RawCapture | BrokenRecord | Reference)
                item.model_dump_json(exclude={"body"})  # it can travel

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
