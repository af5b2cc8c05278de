"""Build `regions.npz` from the packages of the extra `train` and the files in `data/`:

python -m worker.artefacts.build_regions
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

from worker.artefacts import Array, write
from worker.artefacts.build_regions import sources
from worker.artefacts.build_regions.gather import gather
from worker.artefacts.build_regions.languages import LANGUAGES
from worker.stages.classify.regions.gazetteer import Place
from worker.stages.classify.regions.m49 import COUNTRIES

TARGET = Path(__file__).parents[1] / "regions.npz"


def build(target: Path) -> str:
    """Write the artefact and return its version."""
    places: dict[Place, int] = {}
    codes: dict[str, int] = {"": 0}
    arrays: dict[str, Array] = {}
    facts: dict[str, dict[str, object]] = {}
    for language, how in LANGUAGES.items():
        lexicon = gather(language)
        keys = sorted(key for key, found in lexicon.places.items() if found)
        refs = [[places.setdefault(place, len(places)) for place in lexicon.places[key]] for key in keys]
        arrays[language], padding = _packed(keys, refs, [lexicon.flags[key] for key in keys])
        facts[language] = {"writing": how.writing, "cased": how.cased, "names": len(keys), "padding": padding}
    numbers = [(p.kind, _number(codes, p.country), _number(codes, p.admin), p.population, p.since) for p in places]
    arrays["places"] = np.array(numbers, np.uint32)
    english = sources.territories("en")
    names = {code: english[code] for code in sorted(COUNTRIES) if code in english} | sources.subdivisions()
    meta = {
        "languages": facts,
        "same_as": {"nb": "no", "nn": "no", "bs": "hr", "sh": "hr", "be": "ru", "mk": "bg", "gl": "es", "ur": "fa"},
        "codes": list(codes),
        "names": names,
        "first_names": " ".join(sorted(sources.words("first_names"))),
        "last_names": " ".join(sorted(sources.words("last_names"))),
        "everyday": " ".join(sorted(sources.words("everyday"))),
    }
    return write(target, arrays, meta)


def _packed(keys: list[str], refs: list[list[int]], flags: list[int]) -> tuple[Array, int]:
    """A language as one compressed array, so that only those asked for are ever unpacked."""
    padding = -2 * len(keys) % 4
    flat = np.array([ref for listed in refs for ref in listed], "<u4")
    parts = (bytes(flags), bytes(map(len, refs)), bytes(padding), flat.tobytes(), "\n".join(keys).encode())
    return np.frombuffer(zlib.compress(b"".join(parts), 9), np.uint8), padding


def _number(codes: dict[str, int], code: str) -> int:
    return codes.setdefault(code, len(codes))


if __name__ == "__main__":
    sys.stdout.write(f"regions {build(TARGET)}, {TARGET.stat().st_size / 1e6:.2f} MB\n")
