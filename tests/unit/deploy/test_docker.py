"""deploy/docker: an image that is pinned, small and unprivileged, made of what is here."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from itertools import pairwise

from tests.support.deployed import DEPLOY, PROGRAM, taken
from tests.support.places import ROOT


def dockerfile() -> list[tuple[str, str]]:
    text = (DEPLOY / "docker" / "Dockerfile").read_text()
    lines = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def test_the_image_is_slim_in_two_stages_and_does_not_run_as_root() -> None:
    lines = dockerfile()
    base = dict(lines)["ARG"]
    assert re.fullmatch(r"BASE=docker\.io/library/python:3\.13-slim@sha256:[0-9a-f]{64}", base)
    assert [rest for word, rest in lines if word == "FROM"] == ["${BASE} AS build", "${BASE}"]
    last = lines[[word for word, _ in lines].index("FROM", 1) :]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["10001:10001"]
    assert not any("apt-get" in rest for _, rest in last)
    assert dict(last)["ENTRYPOINT"] == f'["{PROGRAM}"]'


def test_each_line_that_the_image_runs_is_a_shells() -> None:
    runs = [rest for word, rest in dockerfile() if word == "RUN"]
    assert len(runs) == 2
    for run in runs:
        assert subprocess.run(["sh", "-n", "-c", run], capture_output=True, check=False).returncode == 0
        for install in re.findall(r"pip (?:install|wheel) [^&]*", run):
            assert "--no-cache-dir" in install
            assert ("--require-hashes" in install) is not ("--no-deps" in install), install


def test_what_the_image_copies_is_there_sent_along_and_all_that_an_installation_reads() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for word, rest in dockerfile():
        if word == "COPY" and not rest.startswith("--from"):
            copied.update(rest.split()[:-1])
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"pyproject.toml", project["readme"], *project["license-files"]} <= copied


def test_the_commands_that_run_the_image_mount_all_that_they_name_and_write_to_the_volume_alone() -> None:
    text = (DEPLOY / "docker" / "Dockerfile").read_text()
    runs = [shlex.split(line) for line in re.findall(r"^#   docker (run .*)$", text, re.MULTILINE)]
    assert len(runs) == 2
    for words in runs:
        at = words.index("reserve-scanner")
        mounts = {}
        for given, mount in pairwise(words[:at]):
            if given == "--mount":
                parts = dict(part.partition("=")[::2] for part in mount.split(","))
                mounts[parts["dst"]] = "readonly" in parts
        arguments = taken(words[at + 1 :])
        claims = arguments.claim if "claim" in arguments else arguments.claims
        read = [*claims, *arguments.key, *([arguments.nodes] if "nodes" in arguments else [arguments.attestation])]
        for path in read:
            assert any(path.is_relative_to(mount) for mount in mounts), path
        for path in [arguments.out, arguments.summary] if "out" in arguments else []:
            assert [mount for mount, only_read in mounts.items() if not only_read and path.is_relative_to(mount)]
