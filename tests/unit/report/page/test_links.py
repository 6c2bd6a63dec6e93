"""Where a page leads: to the exchange's report, to the files and to the key, as its maker names them; it loads none."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from scanner.cli import commands
from scanner.report.page.links import Links, beside, is_url
from tests.support.places import VECTORS
from tests.support.rendered_pages import render

CUSTODY = VECTORS / "attestations" / "v1" / "custody"
HOSTILE = 'https://a@evil.example/"><img src=x>'
ALL = (
    *("--claim", "claim.yaml", "--files-url", "https://reserves.example/2023/"),
    *("--key-url", "https://auditor.example/keys"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for path in CUSTODY.iterdir():
        shutil.copyfile(path, tmp_path / path.name)
    return tmp_path


def show(*argv: str) -> int:
    return commands.main(["show", "attestation.dsse.json", "--html", "page.html", *argv])


def links_in(page: str) -> dict[str, str]:
    """Those that lead out of the page, by what they say."""
    return {
        re.sub("<[^>]*>", "", text): unescape(url)
        for url, text in re.findall(r'<a (?:class="added" )?href="(http[^"]*)"[^>]*>(.*?)</a>', page)
    }


def test_a_page_leads_to_report_files_and_key_where_they_are_named(folder: Path) -> None:
    assert show(*ALL) == 0
    page = (folder / "page.html").read_text()
    found = links_in(page)
    assert found["A report"] == "https://example.com/report"
    assert "The exchange&#x27;s own report" in page or "The exchange's own report" in page
    assert "(example.com)" in page
    assert found["the attestation"] == "https://reserves.example/2023/attestation.dsse.json"
    assert found["the evidence"] == "https://reserves.example/2023/evidence.csv.gz"
    assert found["the claim"] == "https://reserves.example/2023/claim.yaml"
    assert ("the witness" in found) == (folder / "witness.bin").exists()
    assert found["https://auditor.example/keys"] == "https://auditor.example/keys"
    assert "The auditor is said to publish the key at" in page


def test_every_link_that_leads_out_opens_elsewhere_and_says_nothing_of_where_it_was(folder: Path) -> None:
    assert show(*ALL) == 0
    out = re.findall(r'<a [^>]*href="http[^>]*>', (folder / "page.html").read_text())
    assert len(out) >= 5
    assert all('rel="noopener noreferrer"' in link and 'target="_blank"' in link for link in out)


def test_a_page_that_is_made_without_them_leads_to_explorers_alone(folder: Path) -> None:
    assert show() == 0
    page = (folder / "page.html").read_text()
    assert set(links_in(page)) <= {"Look it up"}
    assert "The auditor is said" not in page
    assert "Download" not in page


def test_another_claim_than_the_signed_one_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "claim.yaml").open("a") as file:
        file.write("# changed\n")
    assert show("--claim", "claim.yaml") == 4
    assert "and the statement names sha256:" in capsys.readouterr().err
    assert not (folder / "page.html").exists()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--files-url", "javascript:alert(1)", "--key-url", "ftp://x"), "--key-url: expected a URL"),
        (("--key-url", "https://x y"), "--key-url: expected a URL"),
        (("--claim", "missing.yaml"), "missing.yaml: cannot be read"),
    ],
)
def test_what_is_no_place_to_lead_to_is_refused(
    folder: Path, argv: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(*argv) == 2
    assert told in capsys.readouterr().err
    assert not (folder / "page.html").exists()


@pytest.mark.parametrize("name", ["--claim", "--files-url", "--key-url"])
def test_links_go_with_a_page(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["show", "attestation.dsse.json", name, "claim.yaml"]) == 2
    assert f"{name}: is put into a page" in capsys.readouterr().err
    assert not (folder / "page.html").exists()


def test_the_claim_is_not_written_over(folder: Path) -> None:
    before = (folder / "claim.yaml").read_bytes()
    assert commands.main(["show", "attestation.dsse.json", "--html", "claim.yaml", "--claim", "claim.yaml"]) == 2
    assert (folder / "claim.yaml").read_bytes() == before


def test_titles_and_urls_from_outside_are_harmless_and_a_host_is_shown_for_what_it_is() -> None:
    page = render(links=Links(report_url=HOSTILE, report_title="</a><img src=x>\u202e", key_url=HOSTILE))
    main = page.partition("<main")[2].partition("</main>")[0]
    assert "<img" not in main
    assert "\u202e" not in main
    assert "(evil.example)" in main


def test_names_of_files_are_quoted_in_urls() -> None:
    assert beside("https://x/y", {"the claim": "a b?.yaml"}) == {"the claim": "https://x/y/a%20b%3F.yaml"}


def test_only_what_a_browser_opens_as_a_page_is_a_url() -> None:
    assert is_url("https://example.com/a?b#c")
    assert not any(
        map(
            is_url,
            (
                "",
                "https://",
                "javascript:alert(1)",
                "data:text/html,x",
                "//x",
                "https://x\n",
                "file:///x",
                "https://a@b/",
            ),
        )
    )
