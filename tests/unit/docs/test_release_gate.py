"""A tag is published only for the version, the changelog and the addresses that the package states."""

from __future__ import annotations

from typing import Any

import pytest

from docs.release_gate import URLS, unfit

PROJECT: dict[str, Any] = {"version": "1.2.3", "urls": {name: f"https://reserves.dev/{name}" for name in URLS}}
CHANGELOG = "# Changelog\n\n## Unreleased\n\n## 1.2.3 (2026-12-01)\n"


def test_what_agrees_is_published() -> None:
    assert list(unfit(PROJECT, CHANGELOG, "v1.2.3")) == []


@pytest.mark.parametrize(
    ("project", "changelog", "tag", "why"),
    [
        (PROJECT, CHANGELOG, "v1.2.4", "the tag is v1.2.4, and pyproject.toml has version 1.2.3"),
        (PROJECT, CHANGELOG, "1.2.3", "the tag is 1.2.3"),
        (PROJECT, "## Unreleased\n", "v1.2.3", "CHANGELOG.md has no heading '## 1.2.3 (YYYY-MM-DD)'"),
        (PROJECT, "## 1x2.3 (2026-12-01)\n", "v1.2.3", "CHANGELOG.md has no heading"),
        ({"version": "1.2.3"}, CHANGELOG, "v1.2.3", "no project URL Homepage"),
        *(
            (PROJECT | {"urls": PROJECT["urls"] | {name: wrong}}, CHANGELOG, "v1.2.3", f"no project URL {name} ")
            for name in URLS
            for wrong in ("", "http://reserves.dev/a", "https://", "https://reserves.example/a")
        ),
    ],
)
def test_what_does_not_agree_is_named(project: dict[str, Any], changelog: str, tag: str, why: str) -> None:
    assert any(why in each for each in unfit(project, changelog, tag))
