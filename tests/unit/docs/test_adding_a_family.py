"""The family that docs/adding-a-family.md walks through, as it stands there: read, scanned, attested and verified."""

from __future__ import annotations

import ast
import asyncio
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import ModuleType
from typing import Any, Final

import pytest

import scanner
from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key, account_text
from scanner.chains.family import Family
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.registry import FAMILIES, UNKNOWN, family
from scanner.core.evidence import Balance, Batch, Gap, Snapshot
from scanner.core.ids import Chain, IdError
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.run import scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import Seal
from tests.support.places import ROOT

GUIDE: Final = (ROOT / "docs" / "adding-a-family.md").read_text()
_BLOCK: Final = re.compile(r"^```python\n# (scanner/chains/pearl/\S+\.py)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILES: Final = dict(_BLOCK.findall(GUIDE))
SEA: Final = Chain("pearl", "sea")
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
HELD: Final[Mapping[str, int]] = {f"p{number:040x}": number for number in (10**30, 10**30 + 7)}


@pytest.fixture(scope="module")
def pearl() -> Iterator[Mapping[str, ModuleType]]:
    """The guide's modules, in place of files, and its value in the registry."""
    made: dict[str, ModuleType] = {}
    packages = ("scanner.chains.pearl", "scanner.chains.pearl.node")
    for name in (*packages, *(path.removesuffix(".py").replace("/", ".") for path in FILES)):
        made[name] = sys.modules[name] = ModuleType(name)
    for package in packages:
        made[package].__path__ = []
    sys.modules["scanner.chains.pearl"].accounts = made["scanner.chains.pearl.accounts"]  # type: ignore[attr-defined]
    for path, text in FILES.items():
        exec(compile(text, path, "exec"), made[path.removesuffix(".py").replace("/", ".")].__dict__)  # noqa: S102
    FAMILIES["pearl"] = made["scanner.chains.pearl.family"].FAMILY
    yield made
    del FAMILIES["pearl"]
    for name in made:
        del sys.modules[name]


class PearlRpc:
    """The server of the guide's example: a block a minute, amounts that never change. To lie, change `spoil`."""

    def __init__(self, settings: NodeSettings) -> None:
        self.settings = settings
        self.spoil: dict[str, Any] = {}

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing is open."""

    async def call(self, method: str, params: Sequence[Any]) -> Any:
        answers: dict[str, Callable[..., Any]] = {
            "network": lambda: "sea",
            "final": lambda: 100,
            "block": self._block,
            "account": self._account,
        }
        answer = answers[method](*params)
        if method not in self.spoil:
            return answer
        return answer | self.spoil[method] if isinstance(self.spoil[method], dict) else self.spoil[method]

    def _block(self, height: int) -> dict[str, Any] | None:
        time = int((FIRST + timedelta(minutes=height)).timestamp())
        return {"height": height, "time": time, "hash": f"{height:064x}", "parent": f"{max(height - 1, 0):064x}"}

    def _account(self, name: str, block: str) -> dict[str, Any]:
        return {"account": name, "block": block, "amount": HELD.get(name, 0) % 2**40}


def node(pearl: Mapping[str, ModuleType], operator: str = "alpha", **spoil: Any) -> Any:
    settings = NodeSettings("pearl", f"http://{operator}.example", operator, SEA)
    rpc = PearlRpc(settings)
    rpc.spoil = spoil
    return pearl["scanner.chains.pearl.node.node"].PearlNode(settings, rpc)


def test_the_guides_accounts_have_one_key_and_one_text(pearl: Mapping[str, ModuleType]) -> None:
    assert parse_chain("pearl:sea") == SEA
    with pytest.raises(IdError):
        parse_chain("pearl:lake")
    upper = "p" + "AB" * 20
    assert account_key(SEA, upper) == account_key(SEA, upper.lower()) == b"\xab" * 20
    assert account_text(SEA, b"\xab" * 20) == upper.lower()
    for text in ("P" + "ab" * 20, "p" + "ab" * 19, "0x" + "ab" * 20, ""):
        with pytest.raises(AddressError):
            account_key(SEA, text)
    assert family(SEA).keyless(SEA, bytes(20)) is not None


@pytest.mark.usefixtures("pearl")
def test_the_guides_value_is_all_that_the_program_asks() -> None:
    assert isinstance(family(SEA), Family)
    assert family(SEA) is not UNKNOWN
    assert family(SEA).name(SEA) == "Pearl"


def asked(pearl: Mapping[str, ModuleType], question: str, *arguments: Any, **spoil: Any) -> Any:
    return asyncio.run(getattr(node(pearl, **spoil), question)(*arguments))


@pytest.mark.parametrize(
    ("question", "spoil", "why"),
    [
        (("open",), {"network": "lake"}, Why.WRONG_CHAIN),
        (("final_height",), {"final": "100"}, Why.MALFORMED),
        (("final_height",), {"final": True}, Why.MALFORMED),
        (("final_height",), {"final": -1}, Why.MALFORMED),
        (("block_at", 7), {"block": None}, Why.NOT_FINAL),
        (("block_at", 7), {"block": {"height": 8}}, Why.MALFORMED),
        (("block_at", 7), {"block": {"hash": 7}}, Why.MALFORMED),
        (("block_at", 7), {"block": []}, Why.MALFORMED),
    ],
)
def test_the_guides_node_checks_before_it_believes(
    pearl: Mapping[str, ModuleType], question: tuple[Any, ...], spoil: dict[str, Any], why: Why
) -> None:
    with pytest.raises(NodeError) as caught:
        asked(pearl, *question, **spoil)
    assert caught.value.why is why


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"block": "f" * 64}, Why.WRONG_BLOCK),
        ({"account": "p" + "0" * 40}, Why.WRONG_BLOCK),
        ({"amount": -1}, Why.MALFORMED),
        ({"amount": 2**64}, Why.MALFORMED),
        ({"amount": True}, Why.MALFORMED),
        ({"amount": "5"}, Why.MALFORMED),
        (None, Why.MALFORMED),
        ([], Why.MALFORMED),
    ],
)
def test_no_answer_of_another_kind_or_place_becomes_a_balance(
    pearl: Mapping[str, ModuleType], answer: object, why: Why
) -> None:
    block = Snapshot(SEA, 7, f"{7:064x}", f"{6:064x}", FIRST)
    batch = Batch(block, parse_asset("pearl:sea/slip44:99999"), (b"\xab" * 20,))
    (outcome,) = asked(pearl, "read", batch, account=answer)
    assert isinstance(outcome, Gap)
    assert outcome.why is why


def test_a_claim_on_the_guides_chain_is_scanned_attested_and_verified(pearl: Mapping[str, ModuleType]) -> None:
    coin = parse_asset("pearl:sea/slip44:99999")
    claim = Claim(
        exchange="X",
        as_of=FIRST + timedelta(minutes=50),
        assets={coin: Asset("PRL", coin, "PRL", 8)},
        liabilities={"PRL": Liability("PRL", Fraction(1))},
        holdings=Holdings.of(Holding(coin, account_key(SEA, text)) for text in sorted(HELD)),
        digest="00" * 32,
        snapshots={},
    )
    settings = tuple(NodeSettings("pearl", f"http://{name}.example", name, SEA) for name in ("alpha", "beta"))
    result = asyncio.run(scan(claim, Instrument(Policy(), settings), connect=lambda each: node(pearl, each.operator)))
    assert [row.outcome.atoms for row in result.rows if isinstance(row.outcome, Balance)] == [
        HELD[text] % 2**40 for text in sorted(HELD)
    ]
    made = scanner.attest(result, [Seal(b"x")])
    verified = scanner.verify(made.document, claim, [Seal(b"x")], io.BytesIO(made.evidence))
    assert verified.finding == result.finding


def test_every_field_and_capability_that_the_guide_names_is_there() -> None:
    from scanner.chains.interface import Capabilities, Node

    for name in set(re.findall(r"`Family\.([a-z_]+)", GUIDE)):
        assert hasattr(Family, name), name
    for name in set(re.findall(r"`Capabilities\.([a-z_]+)", GUIDE)):
        assert name in Capabilities.__dataclass_fields__, name
    for name in set(re.findall(r"`Node\.([a-z_]+)", GUIDE)):
        assert hasattr(Node, name), name
    assert set(Capabilities.__dataclass_fields__) == set(re.findall(r"`Capabilities\.([a-z_]+)", GUIDE))


def test_every_file_that_the_guide_names_is_there() -> None:
    root = ROOT
    for name in set(re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.[a-z]+)`", GUIDE)):
        if "pearl" not in name:
            assert any((root / base / name).exists() for base in ("", "scanner")), name


def test_the_guides_files_are_whole() -> None:
    assert len(FILES) == 3
    for text in FILES.values():
        assert ast.get_docstring(ast.parse(text))
