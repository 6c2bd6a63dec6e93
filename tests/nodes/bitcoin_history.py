"""Random Bitcoin histories on a regtest node: thousands of scripts of every kind that receive and spend at random.

What makes them hard: outputs spent in the block that created them, scripts paid several times by one transaction,
coinbases, scripts without an address, outputs of zero, outputs that nobody can ever spend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from random import Random

from bitcoin.core import (
    CMutableTransaction,
    CMutableTxIn,
    CMutableTxOut,
    COutPoint,
    CTxInWitness,
    CTxWitness,
    Hash160,
    lx,
)
from bitcoin.core.script import OP_1, OP_2, OP_CHECKMULTISIG, OP_CHECKSIG, OP_DROP, SIGHASH_ALL, CScript, CScriptWitness
from bitcoin.core.script import SignatureHash as signature_hash  # noqa: N813
from bitcoin.wallet import CBitcoinSecret

from localnet.bitcoind import Bitcoind
from localnet.utxos import satoshi

Unlock = Callable[[CMutableTransaction, int], tuple[CScript, list[bytes]]]
"""From a transaction and the number of an input: the input's scriptSig and witness."""

MATURITY = 100  # blocks before a coinbase may be spent
FEE = 1000


@dataclass(frozen=True, slots=True)
class Wallet:
    """A script, and how to spend from it; None for scripts from which nobody can."""

    script: CScript
    unlock: Unlock | None


@dataclass(frozen=True, slots=True)
class Coin:
    txid: str
    number: int
    value: int
    owner: Wallet
    ripe: int  # the first height at which it may be spent


def wallet(number: int) -> Wallet:
    """One of endlessly many wallets; the kinds take turns."""
    plain = CScript([number.to_bytes(4, "little"), OP_DROP, OP_1])
    match number % 8:
        case 0:
            return Wallet(plain, lambda _tx, _input: (CScript(), []))
        case 1:
            return Wallet(plain.to_p2sh_scriptPubKey(), lambda _tx, _input: (CScript([plain]), []))
        case 2:
            return Wallet(_witness_script_hash(plain), lambda _tx, _input: (CScript(), [plain]))
        case 3:
            key = _key(number)
            return _signed(CScript([key.pub, OP_CHECKSIG]), key, lambda signature: [signature])
        case 4:
            key = _key(number)
            script = CScript([OP_1, key.pub, _key(number + 1).pub, OP_2, OP_CHECKMULTISIG])
            return _signed(script, key, lambda signature: [0, signature])
        case 5:
            key = _key(number)
            script = CScript(b"\x76\xa9\x14" + Hash160(key.pub) + b"\x88\xac")
            return _signed(script, key, lambda signature: [signature, key.pub])
        case 6:
            return Wallet(CScript(b"\x00\x14" + Hash160(plain)), None)  # the key of this hash is unknown
        case _:
            return Wallet(CScript(b"\x6a\x04" + number.to_bytes(4)), None)  # OP_RETURN


class History:
    """Grows a chain. `wallets` are all that may ever be paid."""

    def __init__(self, node: Bitcoind, random: Random, wallets: int) -> None:
        self._node = node
        self._random = random
        self.wallets = [wallet(number) for number in range(wallets)]
        self._coins: list[Coin] = []
        self._height = node.tip().height

    @property
    def scripts(self) -> list[bytes]:
        return [bytes(each.script) for each in self.wallets]

    def start(self, blocks: int) -> None:
        """Mine `blocks` blocks whose coinbases may be spent afterwards."""
        for _ in range(blocks):
            self.block(0)
        self._node.rpc("generatetodescriptor", MATURITY, "raw(51)")
        self._height += MATURITY

    def block(self, transactions: int) -> str:
        """Mine one block with so many random transactions, some spending what others of the block create; its hash."""
        self._height += 1
        raw = []
        for _ in range(transactions):
            transaction = self._transaction()
            if transaction is not None:
                raw.append(transaction.serialize().hex())
        miner = self._random.choice([each for each in self.wallets if each.unlock])
        found = self._node.rpc("generateblock", f"raw({miner.script.hex()})", raw)["hash"]
        coinbase = self._node.rpc("getblock", found, 2)["tx"][0]
        reward = satoshi(coinbase["vout"][0]["value"])
        self._coins.append(Coin(coinbase["txid"], 0, reward, miner, self._height + MATURITY))
        return str(found)

    def _transaction(self) -> CMutableTransaction | None:
        ripe = [coin for coin in self._coins[-2000:] if coin.ripe <= self._height and coin.value > FEE]
        if not ripe:
            return None
        coins = self._random.sample(ripe, min(len(ripe), self._random.randint(1, 5)))
        for coin in coins:
            self._coins.remove(coin)
        owners = self._random.choices(self.wallets, k=self._random.randint(1, 30))
        owners += owners[: self._random.randint(0, 2)]
        values = _shares(sum(coin.value for coin in coins) - FEE, len(owners), self._random)
        transaction = CMutableTransaction(
            [CMutableTxIn(COutPoint(lx(coin.txid), coin.number)) for coin in coins],
            [CMutableTxOut(value, owner.script) for value, owner in zip(values, owners, strict=True)],
            nVersion=2,
        )
        witnesses = []
        for number, coin in enumerate(coins):
            unlock = coin.owner.unlock
            if unlock is None:
                raise ValueError("a coin that nobody can spend")
            transaction.vin[number].scriptSig, witness = unlock(transaction, number)
            witnesses.append(CTxInWitness(CScriptWitness(witness)))
        transaction.wit = CTxWitness(witnesses)
        txid = transaction.GetTxid()[::-1].hex()
        self._coins += [
            Coin(txid, number, value, owner, self._height)
            for number, (value, owner) in enumerate(zip(values, owners, strict=True))
            if owner.unlock
        ]
        return transaction


def _shares(total: int, count: int, random: Random) -> list[int]:
    """`total` cut at random; some shares are zero."""
    cuts = [random.randint(0, total) for _ in range(count - 1)]
    if count > 3:
        cuts[0] = cuts[1]
    bounds = [0, *sorted(cuts), total]
    return [after - before for before, after in pairwise(bounds)]


def _key(number: int) -> CBitcoinSecret:
    return CBitcoinSecret.from_secret_bytes((number + 1).to_bytes(32))


def _signed(script: CScript, key: CBitcoinSecret, push: Callable[[bytes], Sequence[bytes | int]]) -> Wallet:
    """A wallet whose scriptSig is what `push` makes of a signature."""

    def unlock(transaction: CMutableTransaction, number: int) -> tuple[CScript, list[bytes]]:
        digest = signature_hash(script, transaction, number, SIGHASH_ALL)
        return CScript(push(key.sign(digest) + bytes([SIGHASH_ALL]))), []

    return Wallet(script, unlock)


def _witness_script_hash(script: bytes) -> CScript:
    return CScript(b"\x00\x20" + sha256(script).digest())
