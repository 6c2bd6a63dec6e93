"""The page as text: every word from outside harmless, every figure marked with where it was signed, nothing let in."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.attesting.formats.v1.shape import SHAPE
from scanner.cli import commands
from scanner.core.control import Control
from scanner.core.shows import Shows
from scanner.errors import Why
from scanner.report import table
from scanner.report.element import el, escaped
from scanner.report.page import document
from scanner.report.page.bars import WIDTH, segments
from scanner.report.page.figures import KINDS
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import CONTROL, REASONS
from tests.support.attestations.attested import AUDITOR, STRANGER, attest, public_pem
from tests.support.documented import EXAMPLE
from tests.support.rendered_pages import KEYIDS, PREDICATE, render

HOSTILE = "</script><script>alert(1)</script>\u202e\r\0'\"&<img src=x onerror=alert(2)>]]>-->"


class Seen(HTMLParser):
    """The elements of a page with their attributes, and the text inside each that has a mark."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[tuple[str, str]] = []
        self._open: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in ("meta", "br", "input"):
            return
        mark = attributes.get("data-is")
        self._open.append(mark)
        if mark is not None:
            self.marked.append((mark, ""))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - HTMLParser's signature
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] is not None:
            mark, text = self.marked[-1]
            self.marked[-1] = (mark, text + data)


def hostile() -> dict[str, Any]:
    predicate: dict[str, Any] = copy.deepcopy(PREDICATE)
    finding, run = predicate["finding"], predicate["run"]
    finding["exchange"] = finding["challenge"] = run["scanner"] = HOSTILE
    for of, keys in {
        "reserves": ("unit",),
        "gaps": ("detail", "account", "asset"),
        "dissents": ("account", "asset"),
        "differences": ("account", "asset"),
        "coverage": ("label", "unit"),
        "files": ("name", "layout", "digest"),
        "snapshots": ("hash",),
    }.items():
        for each in finding[of]:
            each.update(dict.fromkeys(keys, HOSTILE))
    finding["files"][0]["refused"] = {HOSTILE: 2}
    finding["policy"]["require"] = {HOSTILE: "PROVEN"}
    finding["proving"]["layouts"] = dict.fromkeys(finding["proving"]["layouts"], HOSTILE)
    for causes in finding["proving"]["unproven"].values():
        causes[:] = [HOSTILE]
    finding["dissents"][0]["said"] = {HOSTILE: "3"}
    run["notes"] = [HOSTILE] * 3
    run["operators"] = {chain: [HOSTILE] for chain in run["operators"]}
    return predicate


def test_a_page_is_the_same_for_the_same_attestation() -> None:
    assert render() == render(copy.deepcopy(PREDICATE))


def test_hostile_texts_become_no_elements_and_are_all_shown() -> None:
    true, spoiled = Seen(render()), Seen(render(hostile()))
    assert {tag for tag, _ in spoiled.elements} == {tag for tag, _ in true.elements}
    assert sum(tag == "script" for tag, _ in spoiled.elements) == 2
    assert not any(name.startswith("on") for _, attributes in spoiled.elements for name in attributes)
    shown = [text for _, text in spoiled.marked if "alert(1)" in text]
    assert len(shown) > 25
    assert not any(character in text for text in shown for character in "\u202e\r\0")


def test_a_statement_that_nobody_signed_cannot_break_out_of_where_it_is_carried() -> None:
    page = document.render(PREDICATE, json.dumps({"_type": HOSTILE}).encode()).decode()
    assert sum(tag == "script" for tag, _ in Seen(page).elements) == 2


@given(st.text(), st.text())
def test_whatever_a_text_is_it_comes_back_as_text_but_for_what_no_document_may_hold(text: str, attribute: str) -> None:
    shown = ["".join(each if escaped(each) != "\ufffd" else "\ufffd" for each in part) for part in (text, attribute)]
    page = Seen(el("p", el("b", text, data_is="x"), title=attribute))
    assert [tag for tag, _ in page.elements] == ["p", "b"]
    assert page.elements[0][1] == {"title": shown[1]}
    assert page.marked == [("x", shown[0])]


def test_scripts_and_styles_are_no_elements() -> None:
    for name in ("script", "style"):
        with pytest.raises(ValueError, match=name):
            el(name, "x")


def test_every_mark_leads_to_what_is_shown() -> None:
    root = {**PREDICATE, "signatures": [{"keyid": keyid} for keyid in KEYIDS]}
    marked = [mark for mark in Seen(render()).marked if not mark[0].startswith("bar ")]
    assert len(marked) > 100
    for mark, text in marked:
        kind, _, pointer = mark.partition(" ")
        value: Any = SignedValue(root)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            value = SignedValue(value.value[int(key)]) if isinstance(value.value, list) else value[key]
        assert text == KINDS[kind](key if kind == "key" else value.value), mark


def test_a_pointer_says_where_a_name_with_a_slash_is() -> None:
    said = SignedValue({"a/b~c": {"d": [1, 2]}})
    assert [each.pointer for each in said["a/b~c"]["d"]] == ["/a~1b~0c/d/0", "/a~1b~0c/d/1"]
    assert said["a/b~c"].key == "a/b~c"


def test_the_policy_lets_in_one_script_and_one_style_sheet_by_digest_and_nothing_else() -> None:
    page = render()
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert policy is not None
    directives = dict(each.strip().split(" ", 1) for each in policy[1].split(";"))
    assert directives["default-src"] == "'none'"
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        (inside,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert directives.pop(directive) == f"'sha256-{digest}'"
        assert f"sha256-{digest}" in page.partition("Check it yourself")[2] or element == "style"
    assert {value for name, value in directives.items() if name != "require-trusted-types-for"} == {"'none'"}


def test_the_page_loads_nothing_from_outside_and_links_only_to_explorers_that_a_reader_may_open() -> None:
    elements = Seen(render()).elements
    assert not any(attributes.keys() & {"src", "srcset", "action", "data"} for _, attributes in elements)
    links = [attributes for name, attributes in elements if "href" in attributes and name == "a"]
    assert len(links) == sum("href" in attributes for _, attributes in elements)
    outward = [attributes for attributes in links if not str(attributes["href"]).startswith("#")]
    assert outward
    for attributes in outward:
        assert str(attributes["href"]).startswith(("https://etherscan.io/block/", "https://mempool.space/block/"))
        assert (attributes["rel"], attributes["target"]) == ("noopener noreferrer", "_blank")
    targets = [str(attributes["href"]) for attributes in links if attributes not in outward]
    assert targets
    identifiers = {attributes.get("id") for _, attributes in elements}
    assert {target.removeprefix("#") for target in targets} <= identifiers
    assert "url(" not in document.style()
    assert "@import" not in document.style()


def test_the_scripts_make_no_markup_of_text_and_no_floats_of_numbers() -> None:
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval", "Function(", "parseFloat",
                      "fetch(", "XMLHttpRequest", "WebSocket", "import(", "localStorage", "cookie"):  # fmt: skip
        assert forbidden not in document.script()
    assert "</script" not in document.script()
    assert "</style" not in document.style()


def test_the_script_is_the_same_whatever_is_attested() -> None:
    scripts = [re.findall(r"<script>(.*?)</script>", page, re.DOTALL) for page in (render(), render(hostile()))]
    assert scripts[0] == scripts[1] == [document.script()]


def test_every_reason_and_every_word_of_control_is_explained() -> None:
    assert set(REASONS) == set(Why)
    assert set(CONTROL) == set(Control)


decimals = st.from_regex(r"(0|[1-9][0-9]{0,99})(\.[0-9]{0,59}[1-9])?", fullmatch=True)
ratios = st.from_regex(r"(0|[1-9][0-9]{0,199})\.[0-9]{6}", fullmatch=True)
counts = st.integers(0, 2**53 - 1)
ids = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)
owed_bases = st.fixed_dictionaries(
    {
        "shows": st.sampled_from([each.value for each in Shows]),
        "scheme": st.none() | ids,
        "symbol": st.none() | st.from_regex(r"[!-~]{1,40}", fullmatch=True),
        "total": st.none() | decimals,
        "root": st.none() | st.from_regex(r"[!-~]{1,64}", fullmatch=True),
        "entries": st.none() | counts,
        "assumes": st.lists(ids, max_size=2),
        "remarks": st.lists(ids, max_size=2),
    }
)
reserves = st.fixed_dictionaries(
    {
        **dict.fromkeys(("held", "proven", "quorum", "own", "custody"), decimals),
        **dict.fromkeys(("owed", "claimed"), st.none() | decimals),
        **dict.fromkeys(("ratio", "ratioWithCustody"), st.none() | ratios),
        **dict.fromkeys(("holdings", "gaps", "lastingGaps", "dissents", "atLeast"), counts),
        "unit": st.text(),
        "provenShare": st.none() | ratios,
        "missed": st.dictionaries(st.sampled_from(["1%", "5%", "10%"]), ratios),
        "verdict": st.sampled_from(["COVERED", "SHORT", "UNKNOWN"]),
        "owedBasis": st.none() | owed_bases,
        "statedRatio": st.none() | st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,9})?%", fullmatch=True),
        "statedAgrees": st.none() | st.booleans(),
        "lasting": st.booleans(),
        "blocks": st.none() | st.just({"first": "2023-11-22T15:50:00Z", "last": "2023-11-22T15:59:59Z"}),
        "withheld": st.just([])
        | st.just([{"why": "MOMENTS_APART", "detail": "block 4 of eip155:1 is of another day"}]),
        "control": st.dictionaries(st.sampled_from([each.value for each in Control]), decimals),
        "controlByMovement": st.just("0") | decimals,
    }
)


@given(st.lists(reserves, max_size=3))
def test_whatever_a_well_formed_statement_says_it_can_be_shown(weighed: list[dict[str, Any]]) -> None:
    """Nothing of it has been checked: a hostile one contradicts itself, and has amounts of any length."""
    predicate = copy.deepcopy(PREDICATE)
    predicate["finding"]["reserves"] = weighed
    SHAPE(predicate, "predicate")
    assert "</html>" in render(predicate)
    assert table.render(predicate)


# Bars.

amounts = st.integers(0, 10**20).map(str)
READ = {"withheld": [], "holdings": 1, "gaps": 0}


@given(amounts, st.integers(1, 10**20).map(str), amounts, st.sampled_from(["1", "1.05", "0.5", "3"]))
def test_the_parts_of_a_bar_stay_inside_it(held: str, owed: str, custody: str, threshold: str) -> None:
    reserve = READ | {"ratio": "1.000000", "held": held, "owed": owed, "custody": custody}
    parts = {what: (at, width) for what, at, width in segments(reserve, threshold)}
    assert all(min(at, width) >= 0 and at + width <= WIDTH for at, width in parts.values())
    full = int(held) >= int(owed)
    assert (parts["held"][1] == 550) == full  # the line is reached if, and only if, what is owed is held
    assert parts["above"][1] == 0 or full


def test_a_unit_that_is_a_little_short_does_not_reach_the_line() -> None:
    reserve = READ | {"ratio": "0.999999", "held": "999999999999", "owed": "1000000000000", "custody": "0"}
    assert ("held", 0, 549) in list(segments(reserve, "1"))


@pytest.mark.parametrize(
    ("percent", "end"), [("0", 0), ("45", 125), ("90", 250), ("95", 400), ("100", 550), ("103", 640), ("115", 1000)]
)
def test_a_bar_begins_at_zero_and_is_drawn_wider_from_nine_tenths_on(percent: str, end: int) -> None:
    parts = list(segments(READ | {"ratio": "1.000000", "held": percent, "owed": "100", "custody": "0"}, "1"))
    assert sum(width for what, _, width in parts if what in ("held", "above")) == end
    assert ("break", 250, 0) in parts


def test_what_goes_beyond_the_bar_is_marked() -> None:
    def mark(held: str) -> int:
        parts = segments(READ | {"ratio": "1.000000", "held": held, "owed": "100", "custody": "0"}, "1")
        return next(width for what, _, width in parts if what == "beyond")

    assert (mark("115"), mark("115.1")) == (0, 16)


def test_a_unit_without_a_ratio_has_no_bar() -> None:
    assert list(segments({"ratio": None, "held": "1", "owed": None, "custody": "0"}, "1")) == []


# The command.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "attestation.dsse.json").write_bytes(EXAMPLE.envelope)
    (tmp_path / "evidence.csv.gz").write_bytes(EXAMPLE.evidence)
    (tmp_path / "other.csv.gz").write_bytes(attest().evidence)
    (tmp_path / "auditor.pub").write_text(public_pem(AUDITOR))
    (tmp_path / "stranger.pub").write_text(public_pem(STRANGER))
    return tmp_path


def test_show_writes_a_page_with_what_it_was_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = "show attestation.dsse.json --html new/page.html --key auditor.pub --evidence evidence.csv.gz"
    assert commands.main(argv.split()) == 0
    page = (folder / "new" / "page.html").read_text("utf-8")
    assert page == render(keys=[AUDITOR.public.spki], evidence=EXAMPLE.evidence)
    told = capsys.readouterr().out
    assert "new/page.html" in told
    assert AUDITOR.keyid in told


def test_show_tells_that_no_key_is_built_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["show", "attestation.dsse.json", "--html", "page.html"]) == 0
    assert (folder / "page.html").read_text("utf-8") == render()
    assert "no key is built in" in capsys.readouterr().out


def test_a_statement_that_nobody_signed_becomes_a_page_without_signers(folder: Path) -> None:
    payload = json.dumps(EXAMPLE.statement, sort_keys=True, separators=(",", ":"))
    (folder / "statement.json").write_text(payload)
    assert commands.main(["show", "statement.json", "--html", "page.html"]) == 0
    page = (folder / "page.html").read_text("utf-8")
    assert "<dt>Signed by</dt><dd>no key: this statement carries no signature</dd>" in page
    assert commands.main(["show", "statement.json", "--html", "page2.html", "--key", "auditor.pub"]) == 4


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        ("--html page.html --key stranger.pub", 4, "step 2"),
        ("--html page.html --evidence other.csv.gz", 4, "step 5"),
        ("--html page.html --evidence missing.csv.gz", 2, "missing.csv.gz"),
        ("--html page.html --key missing.pub", 2, "missing.pub"),
        ("--html page.html --json", 2, "--json"),
        ("--key auditor.pub", 2, "--html"),
        ("--evidence evidence.csv.gz", 2, "--html"),
    ],
)
def test_what_does_not_belong_into_a_page_is_refused_and_nothing_is_written(
    folder: Path, argv: str, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert commands.main(["show", "attestation.dsse.json", *argv.split()]) == code
    assert told in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_evidence_too_long_for_a_page_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "evidence.csv.gz").open("r+b") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    assert commands.main(["show", "attestation.dsse.json", "--html", "page.html", "--evidence", "evidence.csv.gz"]) == 2
    assert "too long to be part of a page" in capsys.readouterr().err


def in_finding(**changed: Any) -> str:
    predicate = copy.deepcopy(PREDICATE)
    predicate["finding"].update(changed)
    return render(predicate)


def test_a_threshold_below_all_stands_in_the_header() -> None:
    sentence = "The policy calls a coin covered from a ratio of 95% on, which is less than all that is owed."
    page = in_finding(policy=PREDICATE["finding"]["policy"] | {"threshold": "0.95"})
    assert sentence in page.partition("<header>")[2].partition("</header>")[0]
    assert "less than all that is owed" not in render()


def test_why_a_unit_is_not_covered_stands_beside_its_ratio() -> None:
    bitcoin = PREDICATE["finding"]["reserves"][0]
    undeclared = bitcoin | {"holdings": 0, "held": "0", "owed": "5000", "custody": "0", "verdict": "SHORT"}
    assert "Short: no account is declared for the 5,000 owed." in in_finding(reserves=[undeclared])
    part = bitcoin | {"verdict": "UNKNOWN", "owed": "5000"}
    assert "No verdict: the claim lists only a part of the exchange's accounts." in in_finding(
        reserves=[part], complete=False
    )
    assert "No verdict: third parties are said to hold more" in in_finding(reserves=[part], complete=True)
    assert "No verdict: the claim does not say what is owed." in in_finding(reserves=[part | {"owed": None}])
    assert "because" not in in_finding(reserves=[bitcoin]).partition("<main")[2]
