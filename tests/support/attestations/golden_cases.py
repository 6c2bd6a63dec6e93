"""What the golden attestations are about: for each the claim's file, and what was established of its holdings.

How a folder is made of one stands in `golden_attestations.py`. Holdings, and so outcomes, stand in the order of the
evidence: by asset as text, then by account as bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count

from scanner.attesting.signers import Ed25519Signer
from scanner.attesting.workers import Workers
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.columns import Words
from scanner.core.control import ChainsWord, ContractOwners, Control
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.sampling import Draw, Sample, draw
from scanner.core.two_passes import Between, TwoPasses
from scanner.errors import Why
from scanner.proofs.control import Proof
from scanner.proofs.witness import Witness
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Proving
from tests.support import proof_signing as sign
from tests.support.attestations.attested import AUDITOR, EXCHANGE
from tests.support.attestations.attested_proofs import LAYOUT
from tests.support.liabilities.liability_trees import okx_tree, records, strip
from tests.support.simulated.built_state import BuiltState

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
ETHEREUM = parse_chain("eip155:1")
POLYGON = parse_chain("eip155:137")
USDT = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
BITCOIN_BLOCK = Snapshot(
    BITCOIN, 817_900, "00" * 8 + "5a" * 24, "00" * 8 + "59" * 24, datetime(2023, 11, 22, 15, 50, tzinfo=UTC)
)
ETHEREUM_BLOCK = Snapshot(
    ETHEREUM, 18_600_000, "0x" + "1f" * 32, "0x" + "1e" * 32, datetime(2023, 11, 22, 15, 59, 59, tzinfo=UTC)
)
EARLIER_BLOCK = Snapshot(
    ETHEREUM, 18_599_000, "0x" + "0f" * 32, "0x" + "0e" * 32, datetime(2023, 11, 22, 12, 30, 11, tzinfo=UTC)
)
POLYGON_BLOCK = Snapshot(
    POLYGON, 50_220_000, "0x" + "3f" * 32, "0x" + "3e" * 32, datetime(2023, 11, 22, 15, 59, 58, tzinfo=UTC)
)
NOTHING_TO_PROVE = Proving(sample=Sample(0))


@dataclass(frozen=True, slots=True)
class Golden:
    """One attestation: a claim's file, and what was established of each of its holdings."""

    claim: str
    outcomes: Sequence[Outcome]
    snapshots: Sequence[Snapshot]
    files: Mapping[str, bytes] = field(default_factory=dict)  # beside the claim
    policy: Policy = field(default_factory=Policy)
    proving: Proving = field(default_factory=lambda: NOTHING_TO_PROVE)
    witness: Witness = field(default_factory=Witness)
    operators: tuple[str, ...] = ("alpha", "beta")
    own: tuple[str, ...] = ()
    controls: Mapping[int, Control] = field(default_factory=dict)  # by number of the holding
    owners: Mapping[int, ChainsWord] = field(default_factory=dict)
    found: Mapping[int, int] = field(default_factory=dict)  # atoms where amounts of other heights are claimed
    signers: tuple[Ed25519Signer, ...] = (EXCHANGE,)
    notes: tuple[str, ...] = ()
    workers: Workers | None = None  # of a cluster, where one asked the nodes
    passes: Mapping[int, TwoPasses] = field(default_factory=dict)  # by number of the holding
    between: Mapping[Chain, Between] = field(default_factory=dict)  # of chains that were read in two passes
    at: datetime | None = None  # the moment at which the claim is weighed, where that is not its own


def agreed(atoms: int, *operators: str, at_least: bool = False, **dissent: Word) -> Balance:
    """What a quorum said."""
    others = tuple(sorted(dissent.items(), key=lambda each: each[0]))
    return Balance(atoms, Basis.QUORUM, operators or ("alpha", "beta"), others, at_least=at_least)


def proven(atoms: int, *operators: str) -> Balance:
    return Balance(atoms, Basis.PROVEN, operators)


_ASSETS = {
    "BTC": '{id: "bip122:000000000019d6689c085ae165831e93/slip44:0", backs: BTC, decimals: 8}',
    "ETH": '{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}',
    "USDT": '{id: "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7", backs: USDT, decimals: 6}',
}


def claim(units: str, body: str, *, assets: str = "", more: str = "") -> str:
    """A claim of 2023-11-22 with the assets of these units, on Bitcoin and Ethereum."""
    listed = "".join(f"  {unit}: {_ASSETS[unit]}\n" for unit in units.split())
    head = "version: 1\nexchange: Example Exchange\nas_of: 2023-11-22T16:00:00Z\n"
    return f"{head}{more}assets:\n{listed}{assets}{body}"


_BTC = (
    "3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd",
    "3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca",
)
_EVM = tuple(f"0x{digit * 20}" for digit in ("0a", "0b", "0c", "0d"))

PLAIN = Golden(
    claim(
        "BTC",
        f"""\
liabilities: {{BTC: {{amount: "100", stated_ratio: 103%}}}}
holdings:
  - {{asset: BTC, account: {_BTC[0]}, amount: "43.1234"}}
  - {{asset: BTC, account: {_BTC[1]}}}
""",
        more='snapshots: {"bip122:000000000019d6689c085ae165831e93": 817900}\n',
    ),
    [agreed(43_12345678), agreed(60_00000000)],
    [BITCOIN_BLOCK],
)

_ALICE, _BOB = (bytes([digit]) * 20 for digit in (0x0A, 0x0B))
_CONTRACT = bytes.fromhex("dac17f958d2ee523a2206206994597c13d831ec7")
_STATE = BuiltState(
    ETHEREUM,
    {_ALICE: 1, _BOB: 7_730_000_000_000_000_000},
    {_CONTRACT: {LAYOUT.key(_ALICE): 1_020_000_000_000}},  # nothing is written down for Bob
)
_PROOFS = (
    _STATE.header,
    *(node for account in (_ALICE, _BOB, _CONTRACT) for node in _STATE.account_proof(account)),
    *(node for holder in (_ALICE, _BOB) for node in _STATE.storage_proof(_CONTRACT, LAYOUT.key(holder))),
)

PROVEN = Golden(
    claim(
        "ETH USDT",
        f"""\
liabilities: {{ETH: "7.5", USDT: "1000000"}}
holdings:
  - {{asset: [ETH, USDT], accounts: ["{_EVM[0]}", "{_EVM[1]}"]}}
""",
    ),
    [
        proven(1_020_000_000_000, "alpha", "beta"),
        proven(0, "alpha"),
        proven(1, "alpha", "beta"),
        proven(7_730_000_000_000_000_000, "beta"),
    ],
    [_STATE.snapshot],
    proving=Proving({USDT: LAYOUT.name}),
    witness=Witness(dict.fromkeys(_PROOFS)),
)

GAPS = Golden(
    claim(
        "BTC ETH USDT",
        f"""\
liabilities: {{BTC: "100", ETH: null, USDT: "5", DAI: "1"}}
holdings:
  - {{asset: BTC, accounts: [{_BTC[0]}, {_BTC[1]}]}}
  - {{asset: ETH, accounts: ["0x{"00" * 19}01", "{_EVM[0]}", "{_EVM[1]}", "{_EVM[2]}"]}}
  - {{asset: USDT, accounts: ["{_EVM[0]}", "0xdAC17F958D2ee523a2206206994597C13D831ec7"]}}
  - {{asset: XDAI, account: "{_EVM[0]}"}}
""",
        assets=f'  XDAI: {{id: "eip155:1/erc20:0x{"cd" * 20}", backs: DAI, decimals: 18}}\n',
    ),
    [
        Gap(Why.NO_STATE, "0 of 2 operators answered; alpha: NO_STATE; beta: NO_STATE"),  # no block was pinned
        Gap(Why.NO_STATE, "0 of 2 operators answered; alpha: NO_STATE; beta: NO_STATE"),
        agreed(10**18),  # which only the claim says are DAI
        Balance(7_000_000, Basis.OWN, ("alpha",)),  # weaker than the policy requires
        Gap(Why.OWN_CONTRACT, "the contract of USDT itself"),
        Gap(Why.NO_KEY, "an address of the protocol's own: a precompile, a system contract or a burn address"),
        agreed(5),
        Gap(Why.DISAGREEMENT, "alpha says 7; beta says 8", (("alpha", 7), ("beta", 8))),
        Gap(Why.UNREACHABLE, '1 of 2 operators answered; beta: UNREACHABLE, timed out, "again"'),
    ],
    [ETHEREUM_BLOCK],
    policy=Policy(require={"USDT": Basis.QUORUM}),
    own=("alpha",),
)

DISSENT = Golden(
    claim(
        "ETH USDT",
        f"""\
liabilities: {{ETH: "2", USDT: "1"}}
holdings:
  - {{asset: [ETH, USDT], accounts: ["{_EVM[0]}", "{_EVM[1]}"]}}
""",
    ),
    [
        agreed(2_000_000, "alpha", "beta", gamma=1_999_999),
        agreed(0, "alpha", "beta", "gamma"),
        agreed(2 * 10**18, "alpha", "gamma", beta=0, delta=1),
        Gap(
            Why.DISAGREEMENT,
            "alpha says 1; beta says 1; delta says 2; gamma says 2",
            (("alpha", 1), ("beta", 1), ("delta", 2), ("gamma", 2)),
        ),
    ],
    [ETHEREUM_BLOCK],
    policy=Policy(dissent=Dissent.RECORD),
    operators=("alpha", "beta", "delta", "gamma"),
    signers=(EXCHANGE, AUDITOR),
)

_SAFE = ContractOwners(tuple(sorted((sign.evm_address(1), sign.evm_address(2)))), 2)
_SAFE_PROOF = Proof(
    "okx-evm",
    ETHEREUM,
    _BOB,
    sign.MESSAGE,
    tuple(sign.hexed(sign.rsv(number, sign.okx_evm_digest(sign.MESSAGE))) for number in (1, 2)),
    owners=tuple(sign.hexed(sign.evm_address(number)) for number in (1, 2)),
)


def _published(account: str, proof: Proof, scheme: str | None = None) -> str:
    """A holding of ether with its proof."""
    signatures = ", ".join(f'"{each}"' for each in proof.signatures)
    owners = ", ".join(f'"{each}"' for each in proof.owners)
    return (
        f'  - asset: ETH\n    account: "{account}"\n    ownership: {{scheme: {scheme or proof.scheme}, message:'
        f' "{proof.message}", signatures: [{signatures}]{f", owners: [{owners}]" if owners else ""}}}\n'
    )


_ONE, _TWO, _THREE, _FOUR = (sign.hexed(sign.evm_address(number)) for number in (1, 2, 3, 4))
_CONTROLLED = sorted(
    [
        (_ONE, _published(_ONE, sign.eip191(1)), Control.SHOWN, None),
        (_TWO, _published(_TWO, sign.okx_evm(2, "an older message")), Control.REPLAYABLE, None),
        (_THREE, _published(_THREE, sign.eip191(9)), Control.UNSHOWN, None),
        (_FOUR, f'  - {{asset: ETH, account: "{_FOUR}"}}\n', Control.ABSENT, None),
        (_EVM[1], _published(_EVM[1], _SAFE_PROOF), Control.SHOWN, _SAFE),
        (_EVM[2], _published(_EVM[2], sign.eip191(1), "secret-handshake"), Control.UNVERIFIABLE, None),
    ]
)

CONTROL = Golden(
    claim(
        "ETH",
        'liabilities: {ETH: "3"}\nholdings:\n' + "".join(holding for _, holding, _, _ in _CONTROLLED),
        more=f'challenge: "{sign.MESSAGE}"\n',
    ),
    [agreed(10**18 + at) for at in range(len(_CONTROLLED))],
    [ETHEREUM_BLOCK],
    policy=Policy(require_ownership=Control.REPLAYABLE),
    controls={at: word for at, (_, _, word, _) in enumerate(_CONTROLLED)},
    owners={at: owners for at, (_, _, _, owners) in enumerate(_CONTROLLED) if owners},
)

_ROWS = f"""\
coin,Network,Snapshot Height,address,amount,message,signature1
ETH,ETH,18600000,{_EVM[0]},1.25,we made this,
ETH,ETH,18600000,{_EVM[0]},1.25,we made this,
ETH,ETH,18599000,{_EVM[1]},2.5,we made this,
ETH,ETH,18600000,no address,3,we made this,
USDT-ERC20,ETH,18600000,{_EVM[0]},7.5,we made this,
"""

FILES = Golden(
    claim(
        "ETH USDT",
        f"""\
liabilities: {{ETH: "3.75", USDT: "7.5"}}
holdings:
  - {{file: okx_por.csv, layout: okx, sha256: "{hashlib.sha256(_ROWS.encode()).hexdigest()}"}}
  - {{asset: USDT, account: "{_EVM[1]}", amount: "0.5"}}
""",
        more='snapshots: {"eip155:1": 18600000}\n',
    ),
    [agreed(7_500_000), agreed(400_000), agreed(1_250_000_000_000_000_001), agreed(2_400_000_000_000_000_000)],
    [ETHEREUM_BLOCK, EARLIER_BLOCK],
    files={"okx_por.csv": _ROWS.encode()},
    found={3: 2_500_000_000_000_000_000},
)

CUSTODY = Golden(
    claim(
        "BTC",
        f"""\
complete: false
share_of_all_owed: 92.5%
liabilities: {{BTC: {{amount: "100", stated_ratio: 100.00%}}}}
holdings: [{{asset: BTC, account: {_BTC[0]}, amount: "80.5"}}]
custody: [{{unit: BTC, amount: "19.5", custodian: A Custodian}}]
""",
        more='report: {title: A report, published: 2023-11-23, url: "https://example.com/report", sha256: null}\n',
    ),
    [agreed(80_50000000)],
    [BITCOIN_BLOCK],
)

SEVERAL_CHAINS = Golden(
    claim(
        "ETH USDT",
        f"""\
liabilities: {{ETH: "1", USDT: "3"}}
holdings:
  - {{asset: [ETH, USDT, USDT-POLYGON], account: "{_EVM[0]}"}}
""",
        assets='  USDT-POLYGON: {id: "eip155:137/erc20:0xc2132d05d31c914a87c6611c10748aeb04b58e8f", backs: USDT,'
        " decimals: 6}\n",
        more='snapshots: {"eip155:137": 50220000}\n',
    ),
    [agreed(2_000_000), agreed(10**18), agreed(1_000_000)],
    [ETHEREUM_BLOCK, POLYGON_BLOCK],
)

MOMENTS_APART = Golden(
    claim(
        "ETH",
        f"""\
liabilities: {{ETH: "1"}}
holdings: [{{asset: ETH, account: "{_EVM[0]}"}}]
""",
        more='snapshots: {"eip155:1": 18599000}\n',
    ),
    [agreed(10**18)],
    [EARLIER_BLOCK],
    policy=Policy(threshold=Fraction("0.95")),
)

NOTHING_OWED = Golden(
    claim("BTC ETH", f'liabilities: {{BTC: "0", ETH: "1"}}\nholdings: [{{asset: BTC, account: {_BTC[0]}}}]\n'),
    [agreed(0)],
    [BITCOIN_BLOCK],
)

LOWER_BOUNDS = Golden(
    claim(
        "ETH USDT",
        f"""\
liabilities: {{ETH: "4", USDT: "2"}}
holdings:
  - {{asset: [ETH, USDT], accounts: ["{_EVM[0]}", "{_EVM[1]}"]}}
""",
    ),
    [
        agreed(2_000_000, "alpha", "beta", at_least=True, gamma=AtLeast(1)),
        agreed(1),
        agreed(10**18, "beta", "gamma", at_least=True, alpha=5),
        agreed(2 * 10**18, "alpha", "beta", gamma=AtLeast(10**18)),
    ],
    [ETHEREUM_BLOCK],
    policy=Policy(dissent=Dissent.RECORD),
    operators=("alpha", "beta", "gamma"),
)

_SAMPLED = claim(
    "ETH USDT",
    f"""\
liabilities: {{ETH: "12", USDT: "1000000"}}
holdings:
  - {{asset: [ETH, USDT], account: "{_EVM[0]}"}}
  - {{asset: ETH, accounts: ["{_EVM[1]}", "{_EVM[2]}"]}}
""",
)
_ETHER = parse_asset("eip155:1/slip44:60")
_AMOUNTS = {USDT: [1_020_000_000_000], _ETHER: [1, 7_730_000_000_000_000_000, 5 * 10**18]}


def sample_that_draws(at: int) -> tuple[Sample, dict[AssetId, Draw]]:
    """One draw an asset, by the first nonce with which it falls on the ether of that account."""
    digest = hashlib.sha256(_SAMPLED.encode()).hexdigest()
    for number in count():
        sample = Sample(1, f"nonce {number}")
        drawn = {
            asset: draw(Words(atoms), sample.size, sample.seed(digest, ETHEREUM), asset)
            for asset, atoms in _AMOUNTS.items()
        }
        if set(drawn[_ETHER][0]) == {at}:
            return sample, {asset: found for asset, (_, found) in drawn.items()}
    raise AssertionError("no nonce draws it")


_SAMPLE, _DRAWS = sample_that_draws(1)
SAMPLED = Golden(
    _SAMPLED,
    [
        proven(1_020_000_000_000, "alpha", "beta"),
        agreed(1),
        proven(7_730_000_000_000_000_000, "alpha", "beta"),
        agreed(5 * 10**18),
    ],
    [_STATE.snapshot],
    proving=Proving({USDT: LAYOUT.name}, sample=_SAMPLE, draws=_DRAWS),
    witness=Witness(
        dict.fromkeys(
            (
                _STATE.header,
                *(node for account in (_BOB, _CONTRACT) for node in _STATE.account_proof(account)),
                *_STATE.storage_proof(_CONTRACT, LAYOUT.key(_ALICE)),
            )
        )
    ),
)

_OWED = records(3)
_TREE = "".join(f"{line}\n" for line in okx_tree(_OWED)[0])
_TOTALS = {unit: strip(sum((each[unit] for each in _OWED), start=Decimal(0))) for unit in ("BTC", "ETH")}

LIABILITIES = Golden(
    claim(
        "BTC ETH",
        f"""\
liabilities:
  BTC:
    amount: "{_TOTALS["BTC"]}"
    proof: {{scheme: okx-merkle-v2, file: tree.txt, sha256: "{hashlib.sha256(_TREE.encode()).hexdigest()}"}}
  ETH: {{amount: "0.5", proof: {{of: BTC}}}}
holdings:
  - {{asset: BTC, account: {_BTC[0]}}}
  - {{asset: ETH, account: "{_EVM[0]}"}}
""",
    ),
    [agreed(10**12), agreed(10**24)],
    [BITCOIN_BLOCK, ETHEREUM_BLOCK],
    files={"tree.txt": _TREE.encode()},
)
