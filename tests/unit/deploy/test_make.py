"""Makefile, .ci/run and the lock: the commands people are told exist and say what they do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TARGETS = ("demo", "test", "fault", "soak", "fuzz", "bench", "lint", "audit", "sbom", "lock", "clean", "help")
NOT_LOCKED = ("train", "fuzz", "bench")  # tools of developers, not of users or tests


def make(root: Path, *args: str) -> str:
    done = subprocess.run(["make", "-C", str(root), *args], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def locked(root: Path) -> dict[str, set[str]]:
    return versions_of(root / "requirements.lock")


def versions_of(lock: Path) -> dict[str, set[str]]:
    text = lock.read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.M):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def test_help_names_every_target(root: Path) -> None:
    said = make(root)

    assert set(re.findall(r"make (\w+)\t", said)) == set(TARGETS)


def test_each_target_runs_its_command(root: Path) -> None:
    said = make(root, "--dry-run", "demo", "test", "fault", "soak", "fuzz", "bench", "lint")

    for command in (
        ".venv/bin/copydesk demo",
        '.venv/bin/pytest -m "not fault and not bench and not soak"',
        '.venv/bin/pytest -m "fault and not soak"',
        ".venv/bin/pytest -m soak",
        ".venv-bench/bin/python tests/bench/bench.py",
        ".venv/bin/python tests/fuzz/parsers.py",
        ".venv/bin/mypy",
    ):
        assert command in said


def test_an_audit_that_cannot_ask_says_so_and_fails_only_where_it_must(root: Path) -> None:
    command = ["make", "-C", str(root), "--assume-old=.venv/.test-stamp", "audit", "OSV=https://127.0.0.1:1/"]

    may = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    must = subprocess.run([*command, "AUDIT_MUST=1"], capture_output=True, text=True, timeout=60, check=False)

    assert (may.returncode, must.returncode) == (0, 2)
    assert "cannot be reached from here; nothing was audited" in may.stderr


def test_the_bill_of_materials_names_what_the_demo_runs_on_with_hashes(root: Path) -> None:
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed")

    make(root, "--assume-old=.venv/.test-stamp", "sbom")

    told = json.loads((root / "dist/copydesk.cdx.json").read_text(encoding="utf-8"))
    parts = {canonicalize_name(one["name"]): one for one in told["components"]}
    text = (root / "requirements-run.lock").read_text(encoding="utf-8")
    assert told["bomFormat"] == "CycloneDX"
    assert told["metadata"]["component"]["name"] == "copydesk"
    assert set(parts) == {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", text, re.M)}
    assert all(one["version"] and one["purl"].startswith("pkg:pypi/") for one in parts.values())
    assert any("hashes" in reference for reference in parts["celery"]["externalReferences"])


def test_every_mark_the_targets_name_is_registered(root: Path) -> None:
    text = (root / "Makefile").read_text(encoding="utf-8")
    named = {word for marks in re.findall(r'-m ("[^"]+"|\w+)', text) for word in re.findall(r"[a-z]+", marks)}
    known = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]

    marks = {mark.split(":")[0] for mark in known["markers"]}

    assert named - {"not", "and", "pip", "venv"} <= marks


def test_clean_keeps_the_data(root: Path) -> None:
    assert "copydesk-data" not in make(root, "--dry-run", "clean")


def test_ci_runs_lint_and_audit_and_then_the_tests_of_make(root: Path) -> None:
    script = root / ".ci/run"
    words = [line.split() for line in script.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]

    assert os.access(script, os.X_OK)
    assert [line[line.index("make") + 2] for line in words if "make" in line] == ["lint", "audit", "test"]
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=10)


def test_every_requirement_of_the_project_is_locked(root: Path, locked: dict[str, set[str]]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    peers = versions_of(root / "requirements-bench.lock")
    extras = {name: lines for name, lines in project["optional-dependencies"].items() if name not in NOT_LOCKED}
    wanted = [
        (line, locked) for line in [*project["dependencies"], *(one for lines in extras.values() for one in lines)]
    ]
    wanted += [(line, peers) for line in [*project["dependencies"], *project["optional-dependencies"]["bench"]]]

    for line, lock in wanted:
        requirement = Requirement(line)
        versions = lock.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not locked"
        assert any(requirement.specifier.contains(version, prereleases=True) for version in versions), line


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-run.lock", "requirements-bench.lock"])
def test_every_locked_package_has_hashes(lock: str, root: Path) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)

    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_the_demo_runs_on_the_versions_that_are_tested(root: Path, locked: dict[str, set[str]]) -> None:
    text = (root / "requirements-run.lock").read_text(encoding="utf-8")
    run = {(canonicalize_name(name), version) for name, version in re.findall(r"^([\w.-]+)==([^ ;\\]+)", text, re.M)}

    assert {"celery", "redis", "pydantic", "structlog", "packaging"} <= {name for name, _ in run}
    assert [name for name, version in run if version not in locked.get(name, set())] == []
