"""Build `vocabulary.npz` from the IPTC Media Topics table (CC BY 4.0).

    python -m worker.artefacts.build_vocabulary DATA/iptc/mediatopics.jsonl.gz

The table holds one concept a line: `code`, `broader`, `labels` by language, `retired`, `live_ancestor`, `release`.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from worker.artefacts import Array, write

HERE = Path(__file__).parent
LANGUAGES = ("ar", "da", "de", "en-GB", "en-US", "es", "fr", "nb", "nn", "pt-BR", "pt-PT", "sv", "zh-Hans")


def concepts(path: Path) -> list[dict[str, Any]]:
    """The rows of the table, parents before children."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return sorted(rows, key=lambda row: (row["level"], row["code"]))


def build(path: Path, target: Path = HERE / "vocabulary.npz") -> str:
    """Write the artefact; returns its version."""
    rows = concepts(path)
    number = {row["code"]: index for index, row in enumerate(rows)}
    arrays: dict[str, Array] = {
        "codes": np.array([int(row["code"].removeprefix("medtop:")) for row in rows], np.int32),
        "parents": np.array([number.get(row["broader"], -1) for row in rows], np.int16),
        "live_ancestors": np.array([number.get(row["live_ancestor"], -1) for row in rows], np.int16),
        "retired": np.array([row["retired"] for row in rows], np.uint8),
    }
    for language in LANGUAGES:
        # A retired concept is never shown, so its label is needed in English only (warnings name it).
        labels = [row["labels"].get(language, "") if not row["retired"] or language == "en-GB" else "" for row in rows]
        packed = "\n".join(label.replace("\n", " ").strip() for label in labels)
        arrays[f"labels_{language}"] = np.frombuffer(packed.encode(), np.uint8)
    releases = {row["release"] for row in rows}
    if len(releases) != 1:
        raise SystemExit(f"the table mixes releases: {', '.join(sorted(releases))}")
    meta = {"release": releases.pop(), "languages": LANGUAGES, "licence": "CC BY 4.0", "source": "IPTC Media Topics"}
    return write(target, arrays, meta)


if __name__ == "__main__":
    sys.stdout.write(build(Path(sys.argv[1])) + "\n")
