"""What a node's error means: for a row, for the size of a question, for the block, or for the node.

No code is common to all clients, so their texts are read: Geth (and bor, bsc, op-geth, nitro, coreth), Erigon,
Nethermind, Reth, Besu, anvil, EDR, and what providers put before them. The text goes before the code: a node says of
a pruned block that its "params are invalid". An error that is not recognised is never taken for less than an error.
Pure, and the only place where such texts stand, but for those that ask for a pause or for credentials
(`clients.error_texts`). Where each was found is written in tests/support/node_errors.py, by its sender.
"""

from __future__ import annotations

import re

from scanner.chains.evm.balance_call import WORD
from scanner.clients.error_texts import timed_out_behind
from scanner.clients.jsonrpc import MessageTooLarge, RpcError, TimedOut
from scanner.errors import NodeError, Why


class TooMuch(NodeError):
    """Too many accounts at once for the node's gas cap, time or size limits: fewer at once may work."""


class Reverted(NodeError):
    """The call reverted: some account's balance cannot be read. `position` of the first one, where the node tells."""

    def __init__(self, why: Why, detail: str, position: int | None = None) -> None:
        super().__init__(why, detail)
        self.position = position


class NotThisWay(NodeError):
    """The node does not answer this kind of question (at this block), but may answer another kind."""


# First match wins. "execution reverted" stands first, since what follows it is the contract's own text.
_REVERTED = re.compile(
    r"execution reverted|vm execution error|vm exception|invalid opcode|invalidfeopcode|opcodenotfound|bad instruction"
    r"|stack underflow|invalid jump|badjump|\brevert(?:ed)?\b",
)
_NO_STATE = re.compile(
    r"missing ?trie ?node"  # Geth's hash scheme; Nethermind's MissingTrieNodeException, in the error's data
    r"|state .*(?:is not|isn't|not yet|un)\s?available|historical state"  # Geth's path scheme; nitro
    r"|state histories .*indexed"  # Geth's path scheme, while it indexes
    r"|state at block .* is pruned|pruned history"  # Reth
    r"|no state available"  # Nethermind
    r"|world state unavailable"  # Besu
    r"|due to pruning|state pruning|has been pruned|\bis pruned\b"  # Erigon; Parity's line; zkSync
    r"|requested block is too old|limited to an? \d+ blocks? range"  # Erigon's and providers' proofs
    r"|no historical rpc"  # op-geth, before Bedrock
    r"|already discarded"  # Frontier: Moonbeam and kin
    r"|failed to load state at height"  # Cosmos EVM: Cronos, Kava, Sei
    r"|maximum proof window|recreate state depth"  # Reth; nitro
    r"|archiv"  # providers: "archive requests need a paid plan", "archival data is not included"
)
_NOT_FINAL = re.compile(
    r"unfinalized data|after last accepted block"  # coreth
    r"|doesn't exist yet"  # zkSync
    r"|block is out of range"  # proxyd, beyond what its backends agree on
)
_OUT_OF_RANGE = re.compile(r"blockoutofrangeerror: block height is (\d{1,20}) but requested was (\d{1,20})")  # anvil
_WRONG_BLOCK = re.compile(
    r"header (?:for hash )?not found|unknown block|unknown header|block .*not found|not (?:currently )?canonical"
    r"|block .*could not be found|could not find block|block not available|resource not found|unknown ancestor"
    r"|invalid block (?:tag|height)"  # EDR, of a hash that it does not know; Hyper and Envio
)
_TOO_MUCH = re.compile(
    r"out ?of ?gas|gas required exceeds|gas limit|gas cap|intrinsic gas|gas too (?:low|high)|gas_limit"
    r"|timed?[ -]?out|deadline|took too long|execution aborted"
    r"|too (?:large|big|long|many)|size|exceed|oversized|memory ?limit|payload|batch"
)
_NOT_THIS_WAY = re.compile(
    r"too many arguments|not supported|unsupported|unknown field|state override|cannot wrap"
    r"|\beth_\w+ is (?:not available|not supported|not allowed|disabled)"
)

METHOD_NOT_FOUND = -32601
_CODES_NOT_THIS_WAY = {
    METHOD_NOT_FOUND,
    -32602,  # invalid params
    -32700,  # parse error, which ours are not: Ganache says it of a block given by an object
}
_CODES_TOO_MUCH = {
    -32600,  # "invalid request", which ours are not: Geth and anvil say it of batches and bodies over their limits
    -32003,  # Geth: "response too large"
    -32008,  # jsonrpsee (Reth): response over its limit; its other codes have another meaning elsewhere
    -32015,  # providers: node timeout; Nethermind's reverts share the number and are known by their text
}
_CODE_NOT_FOUND = -32001  # EIP-1474: "Resource not found"; a hint, where the text says nothing else
_REVERT = 3  # Geth's code for a revert


def meaning(error: NodeError) -> NodeError:
    """`error` as TooMuch, Reverted or NotThisWay where it is one of these, else with the reason that fits it."""
    if isinstance(error, MessageTooLarge | TimedOut):
        return TooMuch(error.why, error.detail)
    if not isinstance(error, RpcError) or error.why is Why.RATE_LIMITED:
        return error
    if error.why is Why.UNREACHABLE:
        return TooMuch(error.why, error.detail) if timed_out_behind(error.detail) else error
    text = error.detail.lower()
    if isinstance(error.data, str) and not error.data.startswith("0x"):
        text += " " + error.data[:500].lower()  # only looked at, never quoted
    if _REVERTED.search(text) or (error.code == _REVERT and _is_revert_data(error.data)):
        return Reverted(Why.NO_TOKEN, error.detail, _position(error.data))
    why = _of_the_block(text)
    if why is not None:
        return NodeError(why, error.detail)
    if error.code == METHOD_NOT_FOUND:
        return NotThisWay(Why.UNSUPPORTED, error.detail)
    if error.why is Why.UNAUTHORIZED:
        return error
    if error.code == _CODE_NOT_FOUND and not _TOO_MUCH.search(text):
        return NodeError(Why.WRONG_BLOCK, error.detail)
    if error.code in _CODES_NOT_THIS_WAY or _NOT_THIS_WAY.search(text):
        return NotThisWay(Why.UNSUPPORTED, error.detail)
    if error.code in _CODES_TOO_MUCH or _TOO_MUCH.search(text):
        return TooMuch(Why.REFUSED, error.detail)
    return error


def _of_the_block(text: str) -> Why | None:
    """What an error says of the block that was asked for, None where it says nothing of it."""
    if _NO_STATE.search(text):
        return Why.NO_STATE
    if _NOT_FINAL.search(text):
        return Why.NOT_FINAL
    if heights := _OUT_OF_RANGE.search(text):
        tip, asked = map(int, heights.groups())
        return Why.NOT_FINAL if asked > tip else Why.NO_STATE
    return Why.WRONG_BLOCK if _WRONG_BLOCK.search(text) else None


def _is_revert_data(data: object) -> bool:
    """What a contract reverted with: none, or bytes. Code 3 alone is not enough, as gateways send it with any text."""
    return isinstance(data, str) and re.fullmatch(r"0x(?:[0-9a-fA-F]{2})*", data, re.ASCII) is not None


def _position(data: object) -> int | None:
    """The position our token loop reverts with: one word, and a small one."""
    if isinstance(data, str) and re.fullmatch(r"0x0{56}[0-9a-fA-F]{8}", data, re.ASCII) and len(data) == 2 + 2 * WORD:
        return int(data, 16)
    return None
