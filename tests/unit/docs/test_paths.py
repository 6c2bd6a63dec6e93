"""Every module and file of this repository that a document names is there, decisions of earlier days included."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.places import ROOT

# A path with a folder in it, as documents write one: from the repository's root, or from scanner/.
NAMED = re.compile(r"(?<![\w/.<-])((?:[a-z_0-9]+/)+[a-z_0-9]+\.(?:py|js|toml|md))(?![\w/])")
TOPS = {path.name for top in (ROOT, ROOT / "scanner") for path in top.iterdir() if path.is_dir()}


def missing(page: Path) -> list[str]:
    named = {match[1] for match in NAMED.finditer(page.read_text("utf-8")) if match[1].partition("/")[0] in TOPS}
    places = (ROOT, ROOT / "scanner", page.parent)
    return sorted(path for path in named if not any((place / path).is_file() for place in places))


def test_each_path_in_a_document_leads_somewhere() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    assert len(pages) > 50
    found = {page.name: absent for page in pages if page.name != "CHANGELOG.md" and (absent := missing(page))}
    examples = {  # what their reader is to write
        "adding-a-family.md": [path for path in found.get("adding-a-family.md", ()) if "pearl" in path],
        "adding-a-layout.md": ["scanner/sources/published/example.py"],
    }
    assert found == {page: paths for page, paths in examples.items() if paths}


def test_a_path_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("See `core/nowhere.py`, docs/claim.md, `weighing/ratio.py` and elsewhere/thing.py.")
    assert missing(page) == ["core/nowhere.py"]
