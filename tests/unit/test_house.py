"""The house: imports point down only, each contract that says so is tried with a violation; tests stand as it does."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.places import ROOT

# What the house forbids: a room, the import put into it, and the modules that the linter must name.
VIOLATIONS = [
    ("weighing/ratio.py", "scanner.chains.evm.trie", "Families of chains are asked through the registry"),
    ("report/table.py", "scanner.chains.tron.accounts", "Families of chains are asked through the registry"),
    ("scanning/run.py", "scanner.chains.bitcoin.node.core", "A family's node is imported when one is opened"),
    ("chains/solana/family.py", "scanner.chains.evm.node.code", "A family's node is imported when one is opened"),
    ("chains/xrpl/accounts.py", "socket", "The pure part of the families of chains stays pure"),
    ("chains/registry.py", "scanner.weighing.claim", "Imports point down only"),
    ("proofs/witness.py", "scanner.chains.registry", "Imports point down only"),
    ("clients/rate.py", "scanner.chains.names", "Imports point down only"),
    ("weighing/claim.py", "scanner.attesting.statement", "Imports point down only"),
    ("attesting/verify.py", "scanner.scanning.run", "Imports point down only"),
    ("sources/nodes.py", "scanner.attesting.verify", "Imports point down only"),
    ("chains/interface.py", "scanner.sources.nodes", "Imports point down only"),
    ("report/table.py", "scanner.scanning.run", "Imports point down only"),
    ("report/site/build.py", "scanner.history.log", "Imports point down only"),
    ("history/log.py", "scanner.report.cells", "Imports point down only"),
    ("history/summary.py", "scanner.scanning.run", "Imports point down only"),
    ("scanning/run.py", "scanner.history.log", "Imports point down only"),
    ("errors.py", "scanner.core.ids", "Imports point down only"),
    ("scanning/run.py", "scanner.attesting.statement", "Scanning never signs"),
    ("weighing/ratio.py", "time", "What judges is pure"),
    ("weighing/quorum.py", "random", "What judges is pure"),
    ("proofs/witness.py", "socket", "What judges is pure"),
    ("attesting/verify.py", "os", "What judges is pure"),
    ("attesting/statement.py", "asyncio", "What judges is pure"),
    ("attesting/onchain.py", "web3", "What judges is pure"),
    ("scanning/run.py", "argparse", "Only the command line speaks"),
    ("clients/transport.py", "sys", "Only the command line speaks"),
    ("history/log.py", "sys", "Only the command line speaks"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    )
    return subprocess.run([sys.executable, "-c", linter], cwd=folder, capture_output=True, text=True, check=False)


def test_the_house_as_it_stands_keeps_its_contracts() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_violation_of_the_house_and_a_room_outside_its_plan_are_found_and_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scanner", tmp_path / "scanner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room, imported, _ in VIOLATIONS:
        path = tmp_path / "scanner" / room
        path.write_text(f"{path.read_text()}\nimport {imported}\n")
    (tmp_path / "scanner" / "utils.py").write_text("")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "scanner.utils" in done.stdout
    broken = done.stdout.partition("Broken contracts")[2]
    for room, imported, contract in VIOLATIONS:
        module = "scanner." + room.removesuffix(".py").replace("/", ".")
        assert f"{module} -> {imported} " in broken, (room, imported)
        assert contract in broken


def test_no_room_is_a_lumber_room() -> None:
    names = {path.stem for path in (ROOT / "scanner").rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def test_modules_stay_small_enough_to_read() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (ROOT / "scanner").rglob("*.py")}
    assert {str(path): length for path, length in lengths.items() if length > 300} == {}


# What is tested beside the package, each in a folder of its name.
BESIDE = {"bench", "deploy", "docs", "localnet"}


def test_each_folder_of_unit_tests_mirrors_one_of_the_package() -> None:
    tests = ROOT / "tests" / "unit"
    folders = {path.parent.relative_to(tests) for path in tests.rglob("*.py")}
    strange = {str(folder) for folder in folders if not (ROOT / "scanner" / folder).is_dir()}
    assert strange == BESIDE
    assert all((ROOT / folder).is_dir() for folder in BESIDE)
    assert [str(folder) for folder in folders if not (tests / folder / "__init__.py").is_file()] == []


def test_what_is_in_no_folder_is_about_the_whole_house() -> None:
    files = {path.name for path in (ROOT / "tests" / "unit").glob("*.py")}
    assert files == {
        "__init__.py",
        "conftest.py",
        *(f"test_{of}.py" for of in ("bounds", "face", "house", "namespaces", "testing")),
    }
    assert {path.name for path in (ROOT / "tests").glob("*.py")} == {"__init__.py", "conftest.py"}


IMPORTED_TEST = re.compile(
    r"^\s*(?:from|import)\s+tests\.[\w.]*\btest_|^\s*from\s+tests[\w.]*\s+import\s+(?:\([^)]*|.*)\btest_", re.MULTILINE
)


def test_no_test_file_is_imported() -> None:
    for line in (
        "from tests.unit.test_a import b",
        "import tests.test_a",
        "from tests.unit import (\n    a,\n    test_b,\n)",
    ):
        assert IMPORTED_TEST.search(line)
    files = [path for top in ("tests", "bench", "demo", "examples") for path in (ROOT / top).rglob("*.py")]
    assert len(files) > 300
    assert [str(path) for path in files if IMPORTED_TEST.search(path.read_text()) and path != Path(__file__)] == []


def test_how_hard_each_property_is_tried_follows_one_dial() -> None:
    """As it is in CI, and by `examples` and `cases` of tests.support.strength: a working day takes a part."""
    fixed = re.compile(r"max_examples=[0-9]")
    files = [path for path in (ROOT / "tests" / "unit").rglob("*.py") if path != Path(__file__)]
    assert [str(path) for path in files if fixed.search(path.read_text())] == []


# Names that two rooms give to the same thing, and what that is.
ONE_MEANING = {
    "NotUnderstood": "of a proof, of control as of what is owed: it cannot be judged",
    "Refuted": "of a proof, of control as of what is owed: it does not hold",
    "ProvenState": "what each family's prover opens, which is what `chains.state_proofs` calls so",
}


def test_no_class_name_has_two_meanings() -> None:
    """But among families of chains, each of which speaks of its own chain's accounts, blocks and errors."""
    homes: dict[str, list[str]] = {}
    for path in sorted((ROOT / "scanner").rglob("*.py")):
        room = path.relative_to(ROOT / "scanner").parts
        family = room[1] if room[0] == "chains" and len(room) > 2 else ""
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(family)
    doubled = {name for name, of in homes.items() if len(of) > 1 and ("" in of or len(set(of)) < len(of))}
    assert doubled == ONE_MEANING.keys()
