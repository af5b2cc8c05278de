"""deploy/Dockerfile: two stages, locked, without root, in exec form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

Instructions = list[tuple[str, str]]


@pytest.fixture(scope="module")
def instructions(root: Path) -> Instructions:
    text = (root / "deploy/Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def last_stage(instructions: Instructions) -> Instructions:
    begins = max(i for i, (word, _) in enumerate(instructions) if word == "FROM")
    return instructions[begins:]


def test_two_stages_from_one_base_that_is_not_latest(instructions: Instructions) -> None:
    bases = [rest.split()[0] for word, rest in instructions if word == "FROM"]
    python = next(rest for word, rest in instructions if word == "ARG" and rest.startswith("PYTHON="))

    assert bases == ["python:${PYTHON}", "python:${PYTHON}"]
    assert re.fullmatch(r"PYTHON=3\.1[123](\.\d+)?-slim-\w+", python)


def test_it_runs_as_a_fixed_user_that_is_not_root(last_stage: Instructions) -> None:
    users = [rest for word, rest in last_stage if word == "USER"]

    assert users
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])


def test_commands_are_in_exec_form(instructions: Instructions) -> None:
    commands = [rest for word, rest in instructions if word in ("CMD", "ENTRYPOINT")]
    health = [rest for word, rest in instructions if word == "HEALTHCHECK"]

    assert commands
    assert all(rest.startswith("[") for rest in commands)
    assert len(health) == 1
    assert "CMD [" in health[0]


def test_every_install_is_pinned_or_locked(instructions: Instructions) -> None:
    for word, rest in instructions:
        if word != "RUN":
            continue
        for command in re.split(r"&&|;", rest):
            if "pip install" not in command:
                continue
            locked = "--constraints requirements.lock" in command
            assert locked or "--no-deps" in command or re.search(r"\w==\d", command), command


def test_the_tools_of_the_build_stay_behind(last_stage: Instructions) -> None:
    assert not any("pip" in rest for word, rest in last_stage if word == "RUN")
    assert ("COPY", "--from=build /opt/copydesk /opt/copydesk") in last_stage


def test_bytecode_is_compiled_and_a_stop_is_remapped(instructions: Instructions, last_stage: Instructions) -> None:
    build = " ".join(rest for word, rest in instructions if word == "ENV")
    run = " ".join(rest for word, rest in last_stage if word == "ENV")

    assert "UV_COMPILE_BYTECODE=1" in build
    assert "REMAP_SIGTERM=SIGQUIT" in run


def test_what_is_copied_is_in_the_context(root: Path, instructions: Instructions) -> None:
    let_in = {
        line[1:] for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    copied = {
        source
        for word, rest in instructions
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }

    assert copied == let_in
    assert all((root / source).exists() for source in copied)
    assert not any(word == "ADD" for word, _ in instructions)
