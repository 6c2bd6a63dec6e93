"""README's path from a published file to an attestation, command by command as it is printed, on OKX's own files.

The public endpoints that `init` writes are played by servers of the tests' own: no test asks anybody else. Where there
is none for a chain, its node refuses.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.cli import commands
from scanner.cli.chosen_nodes import ANYTHING
from scanner.cli.finding_code import LASTING
from scanner.sources.addresses import load_claim
from scanner.sources.nodes import load_instrument
from tests.support.places import ROOT
from tests.support.simulated.endpoints import Endpoints

OURS = ROOT / "tests" / "vectors" / "published"
OKX = ROOT.parent / "shared" / "data" / "okx"
AS_OF = datetime(2022, 11, 22, 16, 0, 0, tzinfo=UTC)
KEYS = {"INFURA_KEY": "sesamesesame", "ALCHEMY_KEY": "x", "CHAINNODES_KEY": "x"}

SAMPLES = [
    *(OKX / name for name in ("okx_por_2022.csv", "okx_por_example.csv", "okx_por_staking_example.csv", "test.csv")),
    *(OURS / name for name in ("okx_7.csv", "okx_12.csv")),
]


def printed() -> list[str]:
    """The commands of the path, in order."""
    readme = (ROOT / "README.md").read_text()
    block = next(each for each in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "scanner import" in each)
    return [line.partition("  #")[0].strip() for line in block.splitlines() if line.strip()]


@pytest.fixture
def endpoints() -> Iterator[Endpoints]:
    endpoints = Endpoints()
    yield endpoints
    endpoints.close()


Run = Callable[[str], tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)

    def run(line: str) -> tuple[int, str]:
        if not line.startswith("scanner "):
            subprocess.run(line, shell=True, check=True, capture_output=True)  # noqa: S602 - what README prints
            return 0, ""
        code = commands.main(shlex.split(line)[1:])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_path_from_a_published_file_to_an_attestation_works_as_it_is_printed(
    tmp_path: Path, run: Run, endpoints: Endpoints, sample: Path
) -> None:
    if not sample.exists():
        pytest.skip("the exchange's own files are not at hand")
    openssl, imported, init, check, scan, verify, show = printed()
    shutil.copyfile(sample, tmp_path / "okx_por.csv")
    run(openssl)
    code, told = run(imported)
    assert (code, "wrote claim.yaml; fill in what is owed" in told) == (0, True)
    code, told = run(init)
    assert (code, "wrote nodes.yaml" in told) == (0, True)
    nodes = (tmp_path / "nodes.yaml").read_text()
    asked = {node.chain for node in load_instrument(tmp_path / "nodes.yaml", ANYTHING).nodes}
    assert asked <= {*load_claim(tmp_path / "claim.yaml").chains}

    endpoints.play(tmp_path / "claim.yaml", AS_OF)
    (tmp_path / "nodes.yaml").write_text(endpoints.stand_in(nodes))
    code, told = run(check)
    assert code == LASTING, told  # as the scan's
    assert "what a scan will ask" in told
    code, told = run(scan)
    assert code == LASTING, told  # what is owed was not filled in, so no unit is judged
    assert "sesamesesame" not in told
    code, told = run(verify)
    assert code == 0, told
    assert "The attestation holds" in told
    code, told = run(f"{verify} --json")
    ether = next((each for each in json.loads(told)["finding"]["reserves"] if each["unit"] == "ETH"), None)
    if sample.name == "okx_por_2022.csv":
        assert ether is not None
        assert (ether["holdings"], ether["gaps"], ether["held"], ether["quorum"]) == (16, 0, *2 * [ether["claimed"]])
    code, told = run(show)
    assert code == 0, told
    assert "sesamesesame" not in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_without_any_key_init_writes_a_file_that_loads_as_it_is(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, sample: Path
) -> None:
    if not sample.exists():
        pytest.skip("the exchange's own files are not at hand")
    for name in KEYS:
        monkeypatch.delenv(name)
    shutil.copyfile(sample, tmp_path / "okx_por.csv")
    _, imported, init, *_ = printed()
    assert (run(imported)[0], run(init)[0]) == (0, 0)
    text = (tmp_path / "nodes.yaml").read_text()
    chosen = [line for line in text.splitlines() if line.startswith("  - url:")]
    if chosen:  # of the staking file's validators no public endpoint is known
        assert len(load_instrument(tmp_path / "nodes.yaml", {}).nodes) == len(chosen)
    assert not any("${" in line for line in chosen)


def test_what_a_file_does_not_say_is_asked_for_once_and_all_at_once_with_the_form_that_is_taken(
    tmp_path: Path, run: Run
) -> None:
    shutil.copyfile(OURS / "plain.csv", tmp_path / "rows.csv")
    code, told = run("scanner import rows.csv --out claim.yaml")
    assert code == 2
    assert told.splitlines() == [
        "scanner: --exchange: missing; the file's layout does not say whose it is: give a name, such as OKX",
        "scanner: --as-of: missing; the file's name does not give one day: give a time such as"
        " 2023-11-22T16:00:00Z, 2023-11-22 16:00+08:00 or 2023-11-22 (its start in UTC)",
    ]
    assert not (tmp_path / "claim.yaml").exists()
