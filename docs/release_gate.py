"""What must be true of the repository before a tag is published; the release workflow asks it first.

`python -m docs.release_gate vX.Y.Z` prints what is not, and ends with 1. Not here: tests, which CI has run before.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[1]
URLS: Final = ("Homepage", "Source", "Issues", "Changelog")

_NOWHERE: Final = (".example", ".invalid", ".test", "localhost", "example.com", "example.org")  # RFC 2606


def unfit(project: Mapping[str, Any], changelog: str, tag: str) -> Iterator[str]:
    """Why this must not be published under the tag; `project`: that table of pyproject.toml."""
    version = project["version"]
    if tag != f"v{version}":
        yield f"the tag is {tag}, and pyproject.toml has version {version}"
    if not re.search(rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)$", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no heading '## {version} (YYYY-MM-DD)'"
    urls = project.get("urls", {})
    for name in URLS:
        parts = urlsplit(urls.get(name, ""))
        if parts.scheme != "https" or not parts.hostname or parts.hostname.endswith(_NOWHERE):
            yield f"pyproject.toml has no project URL {name} that leads anywhere: {urls.get(name)!r}"


def main(tag: str) -> int:
    """Prints what is not as it must be; the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = list(unfit(project, (ROOT / "CHANGELOG.md").read_text(), tag))
    print(*found, sep="\n", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
