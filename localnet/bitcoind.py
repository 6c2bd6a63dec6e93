"""A Bitcoin chain of our own: bitcoind on regtest, mined, paid from, shared with further nodes.

Not in here: how balances are read; addresses of other networks (a scriptPubKey is the same on all of them).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from localnet import fetch
from localnet.block import Block
from localnet.errors import LocalnetError, NodeFailed
from localnet.process import Node, NodeProcess, free_port, wait_for
from localnet.rpc import JsonRpc
from localnet.utxos import satoshi, utxos_by_dump, utxos_by_replay

START_ATTEMPTS = 3  # a free port can be taken by another process before the node has it
SAME_TIP_SECONDS = 60  # takes some ms once the nodes are connected
WALLET = "miner"
BLOCKS_A_CALL = 100
OUTPUT_BYTES_A_TRANSACTION = 80_000  # the wallet makes no transaction of more than 100,000 vbytes
# Regtest halves its subsidy every 150 blocks: after 1,500, all but 15 of the 15,000 BTC there can ever be are mined.
MOST_PAYABLE = 10_000 * 10**8
MOST_BLOCKS = 1_500
FEE_MARGIN = 10**7  # far more than the largest transaction costs at 1 satoshi a vbyte

_SETTINGS = """\
regtest=1
server=1
listenonion=0
dustrelayfee=0
rpcuser={node.user}
rpcpassword={node.password}
[regtest]
rpcport={node.port}
rpcbind=127.0.0.1
rpcallowip=127.0.0.1
bind=127.0.0.1:{node.p2p_port}
"""


class Bitcoind(Node):
    """A running bitcoind on regtest. `with Bitcoind.start() as node:` stops it at the end.

    `url` holds no credentials; they are `user` and `password`. Amounts are int, in satoshi.
    """

    name = "bitcoind"
    program = staticmethod(fetch.bitcoind)
    settings_file = "bitcoin.conf"
    oldest_version = 290_000  # getdescriptoractivity came with Bitcoin Core 29
    user = "localnet"

    def __init__(self, process: NodeProcess, port: int, p2p_port: int, password: str) -> None:
        super().__init__(process)
        self._rpc = JsonRpc(port, user=self.user, password=password)
        self._mining_address = ""
        self.port = port
        self.p2p_port = p2p_port
        self.password = password
        self._wallet_rpc = self._wallet(WALLET)
        self.url = f"http://127.0.0.1:{port}"

    @classmethod
    def start(cls, args: Sequence[str] = (), filters: bool = True, txindex: bool = True) -> Self:
        """Start a node on free ports, `args` going to bitcoind as they are. Raises NodeMissing, NodeFailed."""
        argv = [*cls.program(), f"-blockfilterindex={int(filters)}", f"-txindex={int(txindex)}", *args]
        for _ in range(START_ATTEMPTS - 1):
            try:
                return cls._start_once(argv)
            except NodeFailed as failed:
                if "Unable to bind" not in str(failed):
                    raise
        return cls._start_once(argv)

    @classmethod
    def _start_once(cls, argv: Sequence[str]) -> Self:
        process = NodeProcess(cls.name)
        node = cls(process, free_port(), free_port(), secrets.token_hex(16))
        try:
            settings = process.folder / cls.settings_file  # not the command line, where every user sees the password
            settings.write_text(_SETTINGS.format(node=node))
            process.start([*argv, f"-datadir={process.folder}", "-printtoconsole=1", "-nodebuglogfile"])
            process.wait_for("its RPC", lambda: node.rpc("getblockcount"))
            node._refuse_an_old_version()
        except BaseException:
            process.stop()
            raise
        return node

    def _refuse_an_old_version(self) -> None:
        version = self.rpc("getnetworkinfo")["version"]
        if version < self.oldest_version:
            raise NodeFailed(f"this {self.name} is of version {version}; {self.oldest_version} or newer is needed")

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC call, amounts as Decimal. Raises RpcError, NodeFailed."""
        return self._rpc.call(method, *params)

    # Blocks

    def mine(self, blocks: int = 1) -> None:
        """Put that many blocks on top, with what is in the mempool; the subsidies go to a wallet of the node's own."""
        address = self._address_to_mine_to()
        for start in range(0, blocks, BLOCKS_A_CALL):
            self.rpc("generatetoaddress", min(BLOCKS_A_CALL, blocks - start), address)

    def tip(self) -> Block:
        """The highest block."""
        header = self.rpc("getblockheader", self.rpc("getbestblockhash"))
        return Block(header["height"], header["hash"], header["time"])

    def connect(self, other: Self) -> None:
        """Make the two nodes peers, so that from now on they share every block."""
        self.rpc("addnode", f"127.0.0.1:{other.p2p_port}", "onetry")

    def wait_same_tip(self, other: Self) -> None:
        """Wait until both nodes have the same best block. Raises NodeFailed after SAME_TIP_SECONDS."""
        wait_for(
            "two bitcoind to have the same tip",
            lambda: self.rpc("getbestblockhash") == other.rpc("getbestblockhash") or None,
            SAME_TIP_SECONDS,
        )

    # Payments

    def pay(self, amounts: Mapping[str, int]) -> list[str]:
        """Pay exactly so many satoshi to each scriptPubKey (hex) or regtest address, each in one output.

        The transactions are put into blocks at once, past the mempool, whose policy refuses some scripts and amounts;
        before them, as many blocks are mined as it takes to have the money. Returns the transactions' ids.
        Raises LocalnetError when it is more than can be mined, RpcError for an address that is none.
        """
        address = self._address_to_mine_to()
        ids = []
        for outputs in _bundles([self._output(target, value) for target, value in amounts.items()]):
            self._earn(sum(int.from_bytes(output[:8], "little") for output in outputs) + FEE_MARGIN)
            funded = self._wallet_rpc.call(
                "fundrawtransaction",
                _transaction_without_inputs(outputs).hex(),
                {"fee_rate": 1, "changePosition": len(outputs)},
                False,  # else a transaction without inputs is read as one with a witness
            )
            signed = self._wallet_rpc.call("signrawtransactionwithwallet", funded["hex"])
            if not signed["complete"]:
                raise NodeFailed("the wallet did not sign its own transaction")
            self.rpc("generateblock", address, [signed["hex"]])
            ids.append(self.rpc("decoderawtransaction", signed["hex"])["txid"])
        return ids

    def dump_utxos(self, height: int) -> dict[str, int]:
        """scriptPubKey (hex) -> satoshi unspent at `height`, for every script: the oracle of the tests."""
        if "Knots" in self.rpc("getnetworkinfo")["subversion"]:
            return utxos_by_dump(self._rpc, height, self._process.folder)
        return utxos_by_replay(self._rpc, height)

    def _output(self, target: str, value: int) -> bytes:
        """One serialised output of a transaction."""
        if not 0 <= value <= MOST_PAYABLE:
            raise LocalnetError(f"{value} satoshi is not between 0 and {MOST_PAYABLE}")
        try:
            script = bytes.fromhex(target)
        except ValueError:
            script = bytes.fromhex(self._wallet_rpc.call("getaddressinfo", target)["scriptPubKey"])
        return value.to_bytes(8, "little") + _compact_size(len(script)) + script

    def _earn(self, wanted: int) -> None:
        """Mine until the wallet can spend `wanted` satoshi. An output of a block's subsidy ripens for 100 blocks."""
        if wanted > MOST_PAYABLE:
            raise LocalnetError(f"{wanted} satoshi is more than regtest can be made to pay, {MOST_PAYABLE}")
        while (lacking := wanted - satoshi(self._wallet_rpc.call("getbalances")["mine"]["trusted"])) > 0:
            height = self.rpc("getblockcount")
            if height > MOST_BLOCKS:
                raise LocalnetError(f"{wanted} satoshi are not left: the subsidies of regtest are used up")
            subsidies = -(-lacking // (50 * 10**8))
            self.mine(subsidies if height > 100 else 100 + subsidies)

    def _wallet(self, name: str) -> JsonRpc:
        return JsonRpc(self.port, f"/wallet/{name}", self.user, self.password)

    def _address_to_mine_to(self) -> str:
        if not self._mining_address:
            self.rpc("createwallet", WALLET)
            self._mining_address = self._wallet_rpc.call("getnewaddress")
        return self._mining_address


def _bundles(outputs: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The outputs in their order, as many together as fit into one transaction."""
    bundle: list[bytes] = []
    size = 0
    for output in outputs:
        if bundle and size + len(output) > OUTPUT_BYTES_A_TRANSACTION:
            yield bundle
            bundle, size = [], 0
        bundle.append(output)
        size += len(output)
    if bundle:
        yield bundle


def _transaction_without_inputs(outputs: Sequence[bytes]) -> bytes:
    """Version 2, no inputs, these outputs, lock time 0."""
    version, no_inputs, lock_time = (2).to_bytes(4, "little"), b"\0", bytes(4)
    return version + no_inputs + _compact_size(len(outputs)) + b"".join(outputs) + lock_time


def _compact_size(number: int) -> bytes:
    """Bitcoin's variable-length integer, for less than 65,536."""
    return bytes([number]) if number < 0xFD else b"\xfd" + number.to_bytes(2, "little")
