"""The index of the documents: each of its links leads to something, and the README leads to it."""

from __future__ import annotations

import re

from tests.support.places import ROOT

DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#:]+)\)")


def test_each_link_of_the_index_leads_to_a_document() -> None:
    links = LINK.findall((DOCS / "README.md").read_text())
    assert len(links) > 15
    assert [link for link in links if not (DOCS / link).exists()] == []


def test_the_readme_leads_to_the_index_and_the_tutorial() -> None:
    assert {"docs/README.md", "docs/tutorial.md"} <= set(LINK.findall((ROOT / "README.md").read_text()))
