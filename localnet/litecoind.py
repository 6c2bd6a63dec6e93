"""A Litecoin chain of our own: litecoind on regtest, with coins that go into MWEB and come out again.

Not in here: what it shares with bitcoind, which is nearly all (`bitcoind.py`).
"""

from __future__ import annotations

from localnet import fetch
from localnet.bitcoind import Bitcoind
from localnet.rpc import JsonRpc

MWEB_SINCE = 432  # regtest's first block that can have an extension block
HIDDEN = "hidden"  # the wallet that has coins in MWEB alone


class Litecoind(Bitcoind):
    """A running litecoind on regtest. Amounts are int, in its smallest unit, a hundred millionth."""

    name = "litecoind"
    program = staticmethod(fetch.litecoind)
    settings_file = "litecoin.conf"
    oldest_version = 210_201  # MWEB came with 0.21.2

    def reach_mweb(self) -> None:
        """Mine up to the block before the first that can have an extension block, so that the next one has it."""
        self.mine(max(0, MWEB_SINCE - 1 - self.tip().height))

    def pay_into_mweb(self, atoms: int) -> None:
        """Have so much paid to an account that nobody can see, in one block."""
        wallet = self._hidden_wallet()
        self._wallet_rpc.call("sendtoaddress", wallet.call("getnewaddress", "", "mweb"), _coins(atoms))
        self.mine()

    def pay_out_of_mweb(self, address: str, atoms: int) -> None:
        """Have so much paid to `address` from coins that nobody can see, in one block."""
        self._hidden_wallet().call("sendtoaddress", address, _coins(atoms))
        self.mine()

    def _hidden_wallet(self) -> JsonRpc:
        if HIDDEN not in self.rpc("listwallets"):
            self.rpc("createwallet", HIDDEN)
        return self._wallet(HIDDEN)


def _coins(atoms: int) -> str:
    return f"{atoms // 10**8}.{atoms % 10**8:08d}"
