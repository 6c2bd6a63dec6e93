"""A block of an EVM chain whose state the test writes down: its header, its tries, and proofs out of them.

Built with `trie_builder`, which shares no code with what checks the proofs.

Sources: Ethereum yellow paper, 4.1 and 4.4; EIP-1559.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType

from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from tests.support.simulated.trie_builder import Trie, account, array, keccak256, number, string

SOME_CODE = b"some code"
CODE_HASH = keccak256(SOME_CODE)
NO_CODE = keccak256(b"")
NO_STORAGE = Trie({}).root

# What the C-Chain's headers have between Frontier's fields and `settledHeight`, base fee among them (coreth,
# plugin/evm/customtypes/header_ext.go): byte strings by their length, all else numbers.
HELICON: tuple[str, ...] = (
    *("extDataHash", "baseFeePerGas", "extDataGasUsed", "blockGasCost", "blobGasUsed", "excessBlobGas"),
    *("parentBeaconBlockRoot", "timestampMilliseconds", "minDelayExcess", "targetExponent", "minPriceExponent"),
)

# What Ethereum's headers have behind the base fee, in these forks.
CANCUN = ["withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"]
AMSTERDAM = ["requestsHash", "blockAccessListHash", "slotNumber"]


class BuiltState:
    """Coins by address, and storage words by contract and slot, as they are after one block."""

    def __init__(
        self,
        chain: Chain,
        coins: Mapping[bytes, int],
        storages: Mapping[bytes, Mapping[bytes, int]] = MappingProxyType({}),
        *,
        height: int = 18_600_000,
        time: datetime = datetime(2023, 11, 22, 15, 59, 59, tzinfo=UTC),
        parent: bytes = b"\x1e" * 32,
        settled: int | None = None,
        codes: Mapping[bytes, bytes] = MappingProxyType({}),
        beacon_parent: bytes | None = None,
        amsterdam: bool = False,
    ) -> None:
        """`settled`: the height of `settledHeight`, of a header as Avalanche has it since Helicon. `codes`: of
        contracts; those that have storage and none here have `SOME_CODE`. `beacon_parent`: of a header as Ethereum has
        it since Cancun; `amsterdam`: or since Amsterdam."""
        self.later = [] if beacon_parent is None else CANCUN + (AMSTERDAM if amsterdam else [])
        self.beacon_parent = beacon_parent
        self.settled = settled
        self.codes = dict.fromkeys(storages, SOME_CODE) | dict(codes)
        self.chain = chain
        self.height = height
        self.time = time
        self.parent = parent
        self.storage = {
            contract: Trie({keccak256(slot): number(word) for slot, word in words.items() if word})
            for contract, words in storages.items()
        }
        self.accounts = Trie(
            {
                keccak256(address): account(
                    1,
                    coins.get(address, 0),
                    self.storage[address].root if address in self.storage else NO_STORAGE,
                    keccak256(self.codes.get(address, b"")),
                )
                for address in coins.keys() | self.storage.keys() | self.codes.keys()
            }
        )

    @property
    def fields(self) -> dict[str, str]:
        """The header as eth_getBlockByHash answers it."""
        lengths = {"sha3Uncles": 32, "miner": 20, "transactionsRoot": 32, "receiptsRoot": 32, "logsBloom": 256}
        fields = {name: bytes(length) for name, length in (lengths | {"mixHash": 32, "nonce": 8}).items()}
        fields |= {"parentHash": self.parent, "stateRoot": self.accounts.root, "extraData": b"built"}
        numbers = {"number": self.height, "timestamp": int(self.time.timestamp())}
        numbers |= {"difficulty": 0, "gasLimit": 30_000_000, "gasUsed": 21_000, "baseFeePerGas": 7}
        if self.settled is not None:
            fields |= {name: bytes(32) for name in HELICON if name in {"extDataHash", "parentBeaconBlockRoot"}}
            numbers |= {name: 7 for name in HELICON if name not in fields} | {"settledHeight": self.settled}
        fields |= {name: bytes(32) for name in self.later if name.endswith(("Root", "Hash"))}
        numbers |= {name: 7 for name in self.later if name not in fields}
        if self.beacon_parent is not None:
            fields["parentBeaconBlockRoot"] = self.beacon_parent
        return {name: f"0x{value.hex()}" for name, value in fields.items()} | {
            name: hex(value) for name, value in numbers.items()
        }

    @cached_property
    def header(self) -> bytes:
        """The header in RLP, whose hash is the block's."""
        names = ["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"]
        names += ["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"]
        names += ["baseFeePerGas", *self.later] if self.settled is None else [*HELICON, "settledHeight"]
        whole = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", *HELICON, "settledHeight", *self.later}
        whole -= {
            "extDataHash",
            "parentBeaconBlockRoot",
            *(name for name in self.later if name[-4:] in {"Root", "Hash"}),
        }
        return array(
            *(
                number(int(self.fields[name], 16)) if name in whole else string(bytes.fromhex(self.fields[name][2:]))
                for name in names
            )
        )

    @cached_property
    def snapshot(self) -> Snapshot:
        block, parent = (f"0x{digest.hex()}" for digest in (keccak256(self.header), self.parent))
        return Snapshot(self.chain, self.height, block, parent, self.time)

    def account_proof(self, address: bytes) -> list[bytes]:
        return self.accounts.proof(keccak256(address))

    def storage_proof(self, contract: bytes, slot: bytes) -> list[bytes]:
        return self.storage[contract].proof(keccak256(slot)) if contract in self.storage else []
