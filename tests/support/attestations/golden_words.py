"""Golden attestations of what the others leave unsaid: proofs that contradict operators beside a seed from a block, and
every reason for a gap, demand of a policy and remark of a run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Final

from scanner.chains.names import parse_asset
from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.sampling import Draw, Sample
from scanner.core.shows import Shows
from scanner.errors import CLAIM_ONLY, FINDING_ONLY, Why
from scanner.proofs.witness import Witness
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support import proof_signing as sign
from tests.support.attestations.attested import ALICE, BOB, CAROL
from tests.support.attestations.attested_proofs import COINS, LAYOUT, STATE, TOKENS
from tests.support.attestations.golden_cases import (
    BITCOIN,
    BITCOIN_BLOCK,
    ETHEREUM,
    ETHEREUM_BLOCK,
    USDT,
    Golden,
    agreed,
    claim,
)

_ETHER: Final = parse_asset("eip155:1/slip44:60")
_LINK: Final = parse_asset("eip155:1/erc20:0x514910771af9ca656af840dff83e8264ecf986ca")
_SEED: Final = replace(
    STATE.snapshot,
    height=STATE.snapshot.height + 7_200,
    hash="0x" + "4a" * 32,
    parent="0x" + "49" * 32,
    time=STATE.snapshot.time + timedelta(hours=15),
)
_CONTRACT: Final = USDT.contract


def _proven(atoms: int, *operators: str, **dissent: int) -> Balance:
    return Balance(atoms, Basis.PROVEN, operators, tuple(sorted(dissent.items())))


CONTRADICTED: Final = Golden(
    claim(
        "ETH USDT",
        f"""\
liabilities: {{ETH: "7", USDT: "1000000", LINK: "1"}}
holdings:
  - {{asset: [ETH, USDT], accounts: ["0x{ALICE.hex()}", "0x{BOB.hex()}"]}}
  - {{asset: [USDT, LINK], account: "0x{CAROL.hex()}"}}
""",
        assets=f'  LINK: {{id: "{_LINK}", backs: LINK, decimals: 18}}\n',
    ),
    [
        agreed(3 * 10**18),
        _proven(TOKENS[ALICE], "alpha", "beta", gamma=7),
        Gap(
            Why.CONTRADICTED,
            "alpha says 0; beta says 0; proofs contradict alpha, beta",
            (("alpha", 0), ("beta", 0)),
        ),
        Gap(
            Why.DISAGREEMENT,
            f"the proof shows {TOKENS[CAROL]}; alpha says 500000; beta says 500000",
            (("alpha", 500_000), ("beta", 500_000)),
            TOKENS[CAROL],
        ),
        _proven(COINS[ALICE], "alpha", "beta"),
        _proven(COINS[BOB], "alpha", "beta", gamma=3),
    ],
    [STATE.snapshot],
    policy=Policy(
        dissent=Dissent.RECORD,
        require={"USDT": Basis.PROVEN, "LINK": Basis.OWN},
        require_liabilities={"LINK": Shows.TOTAL_PROVEN},
    ),
    proving=Proving(
        {USDT: LAYOUT.name},
        {_LINK: WithoutProof.of(list(Cause))},
        sample=Sample(3, "7d8a1d3c0b5e4f6a9c2e", {ETHEREUM: _SEED}),
        draws={USDT: Draw(2, 0, 0), _ETHER: Draw(2, 0, 0), _LINK: Draw(1, 0, 0)},
    ),
    witness=Witness(
        dict.fromkeys(
            (
                STATE.header,
                *(node for account in (ALICE, BOB, _CONTRACT) for node in STATE.account_proof(account)),
                *(node for holder in (ALICE, CAROL) for node in STATE.storage_proof(_CONTRACT, LAYOUT.key(holder))),
            )
        )
    ),
    operators=("alpha", "beta", "gamma"),
)
"""A quorum is contradicted of a token, and an operator of the chain's own coin; the seed is from a later block."""

_REASONS: Final = [why for why in Why if why not in CLAIM_ONLY | FINDING_ONLY and why is not Why.NO_PAST]
_ACCOUNTS: Final = [f"0x{number:02x}{'ab' * 19}" for number in range(0x10, 0x10 + len(_REASONS))]
_TWIN: Final = parse_asset(f"eip155:1/erc20:0x{'ce' * 20}")
_OTHER: Final = parse_asset(f"eip155:1/erc20:0x{'cf' * 20}")
_ODD: Final = 1_234_567_890_123_456_789


def _held(account: str, scheme: str) -> str:
    """A holding of dollars with a signature by a stranger."""
    (signature,) = sign.eip191(9).signatures
    proof = f'{{scheme: {scheme}, message: "{sign.MESSAGE}", signatures: ["{signature}"]}}'
    return f'  - asset: USDT\n    account: "{account}"\n    ownership: {proof}\n'


REASONS: Final = Golden(
    claim(
        "BTC ETH USDT",
        f"""\
liabilities: {{BTC: {{amount: "100", stated_ratio: 110%}}, ETH: "4", USDT: "1"}}
share_of_all_owed: 16%
holdings:
  - {{asset: BTC, account: 3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd}}
  - {{asset: [ETH, TWIN, OTHER], account: "0x{"0a" * 20}"}}
  - {{asset: ETH, accounts: [{", ".join(f'"{each}"' for each in _ACCOUNTS)}]}}
"""
        + _held(f"0x{'0b' * 20}", "eip191")
        + _held(f"0x{'0c' * 20}", "secret-handshake"),
        assets=f'  TWIN: {{id: "{_TWIN}", backs: ETH, decimals: 18}}\n'
        f'  OTHER: {{id: "{_OTHER}", backs: ETH, decimals: 18}}\n',
        more=f'challenge: "{sign.MESSAGE}"\nsnapshots: {{"bip122:000000000019d6689c085ae165831e93": 817900}}\n',
    ),
    [
        agreed(103 * 10**8),
        agreed(_ODD),  # of the token that shows ether again
        agreed(_ODD),  # of one that the auditor says is another
        agreed(1_000_000),
        agreed(2_000_000),
        agreed(_ODD),
        *(Gap(why, f"alpha: {why}") for why in _REASONS),
    ],
    [BITCOIN_BLOCK, ETHEREUM_BLOCK],
    policy=Policy(
        threshold=Fraction(1),
        contracts=frozenset({_TWIN, _OTHER}),
        distinct=frozenset({frozenset({_ETHER, _OTHER}), frozenset({_TWIN, _OTHER})}),
        accept=frozenset({"ETH"}),
        require_liabilities={
            "BTC": Shows.STATED,
            "ETH": Shows.INCLUDED,
            "USDT": Shows.SUM_BOUND,
        },
    ),
    controls={3: Control.UNSHOWN, 4: Control.UNVERIFIABLE},
    notes=("one of the auditor's nodes was restarted while it was asked",),
    workers=({BITCOIN: ("alpha", "beta"), ETHEREUM: ("alpha",)}, {ETHEREUM: ("beta",)}),
)
"""Every reason for a gap that operators' answers have, on an account each; and a token that shows ether again."""

_HEADER: Final = "coin,Network,Snapshot Height,address,amount,message,signature1"
_WHOLE: Final = f"coin,snapshot height,amount\nETH,18600000,1.5\n\n{_HEADER}\nETH,ETH,18600000,0x{'1a' * 20},1.5,,\n"
_PART: Final = (
    "coin,snapshot height,amount\nETH,18600000,8.5\nUSDT-ERC20,18600000,600\n\n"
    f"{_HEADER}\nETH,ETH,18600000,0x{'1b' * 20},3,,\nETH,ETH,18600000,0x{'1c' * 20},,,\nrows: 9\n"
)


def _file(name: str, text: str) -> str:
    return f'  - {{file: {name}, layout: okx, sha256: "{hashlib.sha256(text.encode()).hexdigest()}"}}\n'


TOTALS: Final = Golden(
    claim(
        "ETH USDT",
        'liabilities: {ETH: "4", USDT: "1"}\nholdings:\n'
        + _file("whole.csv", _WHOLE)
        + _file("part.csv", _PART)
        + f'  - {{asset: USDT, account: "0x{"1a" * 20}"}}\n',
    ),
    [agreed(1_000_000), agreed(1_500_000_000_000_000_000), agreed(3 * 10**18), agreed(0)],
    [ETHEREUM_BLOCK],
    files={"whole.csv": _WHOLE.encode(), "part.csv": _PART.encode()},
)
"""A file that comes to its total, and one that does not come to any of what it says of its rows."""
