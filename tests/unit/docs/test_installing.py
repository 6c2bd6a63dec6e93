"""No document names a command that installs what is not published: a checkout, or an extra of what is installed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.places import ROOT

EXTRAS = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
COMMAND = re.compile(r"(?:pip|pipx|uv tool|uv pip) install [^`\n\")]+|(?:uvx|pipx run|uv tool run) [^`\n\")]+")
FORMS = (
    r"(?:pip|pipx|uv tool) install \.",
    r"pip install --require-hashes --only-binary :all: -r requirements/\w+\.txt && pip install --no-deps \.",
)


def pages() -> list[Path]:
    beside = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md")]
    return [*beside, *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "scanner").rglob("*.py"))]


def misleading(text: str) -> list[str]:
    """The commands of other forms."""
    found = [each.strip() for each in COMMAND.findall(text)]
    extra = rf"pip install 'reserve-scanner\[(?:{'|'.join(EXTRAS)})\]'.*"
    return [each for each in found if not any(re.fullmatch(form, each) for form in (*FORMS, extra))]


def test_each_command_that_installs_the_scanner_is_one_that_works_before_it_is_published() -> None:
    texts = [path.read_text() for path in pages()]
    assert sum(len(COMMAND.findall(text)) for text in texts) > 8
    assert [each for text in texts for each in misleading(text)] == []


@pytest.mark.parametrize(
    "command",
    [
        "pip install reserve-scanner",
        "pip install 'reserve-scanner[nothing]'",
        "uvx reserve-scanner verify a",
        "pipx install reserve-scanner",
        "pip install ./elsewhere",
    ],
)
def test_any_other_is_found(command: str) -> None:
    assert misleading(f"First `{command}`, then go on.") == [command]
