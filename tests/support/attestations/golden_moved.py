"""The golden attestation of accounts that were instructed to move an amount: some did, and some did something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from scanner.chains.accounts import account_key
from scanner.core.control import ContractOwners, Control, MovedIn
from scanner.core.ids import Chain
from scanner.core.keccak import keccak256
from scanner.proofs.witness import Witness
from scanner.weighing.control.movements import amount_to_move
from scanner.weighing.policy import Policy
from tests.support import proof_signing as sign
from tests.support.attestations.golden_cases import BITCOIN_BLOCK, ETHEREUM_BLOCK, Golden, agreed, claim
from tests.support.simulated.moved_bitcoin import OTHER, PaidBlock, Paying
from tests.support.simulated.moved_evm import ETHER, Log, MovedBlock, Sent, joined

_CHALLENGE: Final = "reserve-scanner 2023-11 1f9a"
_ISSUED, _TIME = "2023-11-23T02:00:00Z", int(datetime(2023, 11, 23, 8, tzinfo=UTC).timestamp())
_DEADLINE: Final = "2023-11-24T02:00:00Z"
_USDT: Final = replace(ETHER, kind="erc20", reference="0xdac17f958d2ee523a2206206994597c13d831ec7")
_MOVER, _OFF, _SILENT, _TOKENS = (sign.evm_address(number) for number in (1, 2, 3, 4))
_BTC: Final = "3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd"
_SCRIPT: Final = account_key(sign.BITCOIN, _BTC)


def _atoms(chain: Chain, account: bytes) -> int:
    found = amount_to_move("Example Exchange", _CHALLENGE, chain, account)
    assert found is not None
    return found


_TRANSFERRED: Final = _atoms(sign.ETHEREUM, _TOKENS)
_SENT: Final = {
    _MOVER: Sent(value=_atoms(sign.ETHEREUM, _MOVER), key=1),
    _OFF: Sent(value=_atoms(sign.ETHEREUM, _OFF) + 1, key=2, kind=0),
    _SILENT: Sent(value=_atoms(sign.ETHEREUM, _SILENT), key=3, kind=1),
    _TOKENS: Sent(
        to=_USDT.contract,
        key=4,
        data=b"\xa9\x05\x9c\xbb" + bytes(64),
        logs=(Log(_USDT.contract, _TOKENS, _MOVER, _TRANSFERRED),),
    ),
}
_BLOCK: Final = MovedBlock(tuple(_SENT.values()), height=18_640_000, time=_TIME)
_BEFORE: Final = Paying(((b"\x33" * 32, 1),), ((5, OTHER), (10**8, _SCRIPT)))
_PAID: Final = Paying(((_BEFORE.name, 1),), ((_atoms(sign.BITCOIN, _SCRIPT), OTHER), (99_000_000, _SCRIPT)))
_PAID_BLOCK: Final = PaidBlock((_PAID,), time=_TIME, height=817_960)
_BTC_RECORD: Final = joined(_PAID_BLOCK.parts(0, (_BEFORE,)))
_RECORDS: Final = {account: _BLOCK.record(at) for at, account in enumerate(_SENT)}


def _moved(record: bytes) -> MovedIn:
    return MovedIn(_BLOCK.height, _BLOCK.hash, keccak256(record))


def _held(asset: str, account: str, transaction: str, height: int) -> str:
    named = f'{{scheme: movement, transaction: "{transaction}", height: {height}}}'
    return f'  - asset: {asset}\n    account: "{account}"\n    ownership: {named}\n'


_ETHER: Final = sorted((_MOVER, _OFF, _SILENT))
_WORDS: Final = {_MOVER: Control.SHOWN, _OFF: Control.UNSHOWN, _SILENT: Control.UNVERIFIABLE}
_ANSWERS: Final[list[tuple[Control, MovedIn | ContractOwners | None]]] = [
    (Control.SHOWN, MovedIn(_PAID_BLOCK.height, _PAID_BLOCK.hash, keccak256(_BTC_RECORD))),
    (Control.SHOWN, _moved(_RECORDS[_TOKENS])),
    *((_WORDS[each], None if each == _SILENT else _moved(_RECORDS[each])) for each in _ETHER),
]

MOVED: Final = Golden(
    claim(
        "BTC ETH USDT",
        'liabilities: {BTC: "1", ETH: "3", USDT: "1"}\nholdings:\n'
        + _held("BTC", _BTC, _PAID.hash, _PAID_BLOCK.height)
        + "".join(_held("ETH", sign.hexed(each), _SENT[each].hash, _BLOCK.height) for each in _ETHER)
        + _held("USDT", sign.hexed(_TOKENS), _SENT[_TOKENS].hash, _BLOCK.height),
        more=f'challenge: "{_CHALLENGE}"\nmovements: {{issued: {_ISSUED}, deadline: {_DEADLINE}}}\n'
        'snapshots: {"bip122:000000000019d6689c085ae165831e93": 817900}\n',
    ),
    [agreed(10**8), agreed(2_000_000), *(agreed(10**18 + at) for at in range(3))],
    [BITCOIN_BLOCK, ETHEREUM_BLOCK],
    policy=Policy(require_ownership=Control.SHOWN),
    witness=Witness([_BTC_RECORD, *(record for account, record in _RECORDS.items() if account != _SILENT)]),
    controls={at: word for at, (word, _) in enumerate(_ANSWERS)},
    owners={at: moved for at, (_, moved) in enumerate(_ANSWERS) if moved is not None},
)
