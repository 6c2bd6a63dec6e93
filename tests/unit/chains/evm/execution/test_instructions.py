"""Each instruction by vectors that follow from its definition, and whatever may stand on the stack beside numbers."""

from __future__ import annotations

import pytest

from scanner.chains.evm.execution.rules import Rules
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.simulated.evm_assembler import OPCODES, assemble
from tests.support.simulated.evm_contracts import HERE, WrittenContracts, executed
from tests.support.simulated.trie_builder import keccak256
from tests.support.tables import each_of

TOP = 2**256 - 1
OTHER = b"\xbb" * 20
RETURN = "0 MSTORE 32 0 RETURN"


def minus(number: int) -> int:
    return 2**256 - number


# What a program leaves on the stack. Operands are pushed in reverse: the first of an instruction stands on top.
COMPUTED: list[tuple[str, int]] = [
    ("2 3 ADD", 5),
    (f"1 {TOP} ADD", 0),
    ("2 3 MUL", 6),
    (f"{2**255} 2 MUL", 0),
    ("2 3 SUB", 1),
    ("3 2 SUB", TOP),
    ("3 7 DIV", 2),
    ("0 7 DIV", 0),
    (f"2 {minus(7)} SDIV", minus(3)),
    (f"{minus(2)} {minus(7)} SDIV", 3),
    (f"{TOP} {2**255} SDIV", 2**255),
    ("0 7 SDIV", 0),
    ("3 7 MOD", 1),
    ("0 7 MOD", 0),
    (f"3 {minus(7)} SMOD", minus(1)),
    (f"{minus(3)} 7 SMOD", 1),
    ("0 7 SMOD", 0),
    (f"8 {TOP} {TOP} ADDMOD", 6),
    ("0 1 2 ADDMOD", 0),
    (f"12 {TOP} {TOP} MULMOD", 9),
    ("0 1 2 MULMOD", 0),
    ("10 2 EXP", 1024),
    ("0 0 EXP", 1),
    ("256 2 EXP", 0),
    ("0xFF 0 SIGNEXTEND", TOP),
    ("0x7F 0 SIGNEXTEND", 0x7F),
    ("0x1FF 0 SIGNEXTEND", TOP),
    ("0x80FF 1 SIGNEXTEND", minus(0x7F01)),
    (f"{2**255} 31 SIGNEXTEND", 2**255),
    (f"{2**255} {TOP} SIGNEXTEND", 2**255),
    ("2 1 LT", 1),
    ("1 2 LT", 0),
    ("1 2 GT", 1),
    ("2 2 GT", 0),
    (f"0 {TOP} SLT", 1),
    (f"{TOP} 0 SLT", 0),
    (f"{TOP} 0 SGT", 1),
    ("5 5 EQ", 1),
    ("5 6 EQ", 0),
    ("0 ISZERO", 1),
    ("7 ISZERO", 0),
    ("12 10 AND", 8),
    ("12 10 OR", 14),
    ("12 10 XOR", 6),
    ("0 NOT", TOP),
    ("0x0102 31 BYTE", 2),
    ("0x0102 30 BYTE", 1),
    ("0x0102 32 BYTE", 0),
    (f"0x0102 {TOP} BYTE", 0),
    ("1 4 SHL", 16),
    (f"{TOP} 255 SHL", 2**255),
    ("1 256 SHL", 0),
    ("16 4 SHR", 1),
    (f"{TOP} 256 SHR", 0),
    (f"{minus(16)} 4 SAR", TOP),
    ("16 4 SAR", 1),
    (f"{TOP} {TOP} SAR", TOP),
    (f"{TOP >> 1} 256 SAR", 0),
    ("0 0 KECCAK256", int.from_bytes(keccak256(b""))),
    ("7 0 MSTORE 32 0 KECCAK256", int.from_bytes(keccak256((7).to_bytes(32)))),
    ("ADDRESS", int.from_bytes(HERE)),
    ("CALLVALUE", 0),
    ("0 CALLDATALOAD", 0x0102 << 240),
    ("1 CALLDATALOAD", 0x02 << 248),
    (f"{TOP} CALLDATALOAD", 0),
    ("CALLDATASIZE", 2),
    ("4 1 0 CALLDATACOPY 0 MLOAD", 0x02 << 248),
    (f"4 {TOP} 0 CALLDATACOPY 0 MLOAD", 0),
    ("CODESIZE", 9),
    ("4 0 28 CODECOPY 0 MLOAD", 0x60046000),
    ("RETURNDATASIZE", 0),
    ("TIMESTAMP", 1_000),
    ("NUMBER", 100),
    ("CHAINID", 1),
    ("SELFBALANCE", 11),
    (f"0x{OTHER.hex()} BALANCE", 12),
    (f"0x{'ff' * 12}{OTHER.hex()} BALANCE", 12),  # what stands beside 160 bits is passed over
    (f"0x{OTHER.hex()} EXTCODESIZE", 2),
    ("0x1234 EXTCODESIZE", 0),
    (f"32 0 0 0x{OTHER.hex()} EXTCODECOPY 0 MLOAD", 0x5B00 << 240),
    (f"0x{OTHER.hex()} EXTCODEHASH", int.from_bytes(keccak256(bytes.fromhex("5b00")))),
    ("0x1234 EXTCODEHASH", 0),
    ("5 SLOAD", 55),
    ("6 SLOAD", 0),
    ("1 2 POP", 1),
    ("7 0 MSTORE 0 MLOAD", 7),
    ("7 1 MSTORE 0 MLOAD", 0),
    ("7 1 MSTORE 1 MLOAD", 7),
    ("0x1234 31 MSTORE8 0 MLOAD", 0x34),
    ("MSIZE", 0),
    ("33 MLOAD POP MSIZE", 96),
    ("PC", 0),
    ("0 PC", 2),
    ("1 @on JUMPI 0 0 REVERT on: 7", 7),
    ("7 0 @on JUMPI on:", 7),
    ("7 @on JUMP 8 on:", 7),
    ("5 TLOAD", 0),
    ("PUSH0", 0),
    ("0x0102 0 MSTORE 2 30 0 MCOPY 0 MLOAD", 0x0102 << 240 | 0x0102),
    *((" ".join(str(n) for n in range(1, 18)) + f" DUP{n}", 18 - n) for n in range(1, 17)),
    *((" ".join(str(n) for n in range(1, 18)) + f" SWAP{n}", 17 - n) for n in range(1, 17)),
]


@each_of(("program", "expected"), COMPUTED)
def test_an_instruction_computes_what_is_written_of_it(program: str, expected: int) -> None:
    contracts = WrittenContracts(
        {HERE: assemble(f"{program} {RETURN}"), OTHER: bytes.fromhex("5b00")}, {(HERE, 5): 55}, {HERE: 11, OTHER: 12}
    )
    assert executed(contracts, b"\x01\x02") == ("returned", expected.to_bytes(32))


@each_of("size", range(1, 33))
def test_a_push_has_as_many_bytes_as_it_says_and_zeros_where_the_code_ends(size: int) -> None:
    word = bytes(range(1, size + 1))
    whole = bytes([0x5F + size]) + word + assemble(RETURN)
    assert executed(WrittenContracts({HERE: whole})) == ("returned", word.rjust(32, b"\0"))
    cut_short = bytes([0x5F + size]) + word[:-1]  # then the code's end stops it
    assert executed(WrittenContracts({HERE: cut_short})) == ("returned", b"")


@each_of(
    ("program", "end"),
    [
        ("STOP", "returned"),
        ("", "returned"),
        ("32 0 RETURN", "returned"),
        ("32 0 REVERT", "reverted"),
        ("INVALID", "halted"),
        ("ADD", "halted"),
        ("POP", "halted"),
        ("1 DUP2", "halted"),
        ("1 SWAP1", "halted"),
        ("1 MSTORE", "halted"),
        ("0 RETURN", "halted"),
        ("3 JUMP", "halted"),
        ("1 1 JUMPI", "halted"),
        ("0x5B 1 JUMP", "halted"),  # what a PUSH pushes is no instruction
        ("1 0 0 RETURNDATACOPY", "halted"),
        ("PC " * 1024 + "STOP", "returned"),
        ("PC " * 1025 + "STOP", "halted"),
        ("1 " * 1024 + "POP STOP", "returned"),
        ("1 " * 1025 + "POP STOP", "halted"),
        ("1 " * 1024 + "DUP1 POP STOP", "halted"),
    ],
)
def test_an_execution_ends_as_is_written(program: str, end: str) -> None:
    assert executed(WrittenContracts({HERE: assemble(program)}))[0] == end


def flaw_of(code: bytes, rules: Rules = Rules(1, 100, 1_000), **words: int) -> Flaw:  # noqa: B008 - immutable
    with pytest.raises(ProofError) as caught:
        executed(WrittenContracts({HERE: code, OTHER: assemble("INVALID")}), rules=rules)
    return caught.value.flaw


SUM = "1 {} ADD"
HANGS: dict[str, str] = {
    **{name: f"{name} ISZERO" for name in ("ORIGIN", "GASPRICE", "COINBASE", "PREVRANDAO", "GASLIMIT", "BASEFEE")},
    **{f"a sum with {name}": f"1 {name} ADD" for name in ("ORIGIN", "BLOBBASEFEE", "GAS", "CALLER")},
    "BLOCKHASH": "99 BLOCKHASH ISZERO",
    "BLOBHASH": "0 BLOBHASH ISZERO",
    "memory": "CALLER 0 MSTORE",
    "a byte of memory": "GAS 0 MSTORE8",
    "an offset": "GAS MLOAD",
    "a size": "GAS 0 KECCAK256",
    "a slot": "CALLER SLOAD",
    "an account": "CALLER BALANCE",
    "the caller's code": "CALLER EXTCODESIZE",
    "the hash of it": "CALLER EXTCODEHASH",
    "a jump": "GAS JUMP",
    "a condition": "GAS 0 JUMPI",
    "a caller of zero": "CALLER ISZERO",
    "a caller as a condition": "CALLER 0 JUMPI",
    "a caller beside nobody": "0 CALLER EQ",
    "a caller beside itself": "CALLER CALLER EQ",
    "a part of the caller": "255 CALLER AND",
    "an order": "7 CALLER LT",
    "a difference as a number": "7 CALLER XOR 1 ADD",
    "a callee": "0 0 0 0 CALLER GAS STATICCALL",
    "a little gas": "0 0 0 0 4 0 GAS SUB STATICCALL",
    "no gas for identity": "0 0 0 0 4 0 STATICCALL",
    "too little gas for a byte's SHA-256": "0 0 1 0 2 66 STATICCALL",
    "an address above whose 160 bits there is more": f"{2**200} CALLER XOR",
    "copies": "GAS 0 0 CALLDATACOPY",
    "a call that pays": "0 0 0 0 1 4 GAS CALL",
    "a call that halts": f"0 0 0 0 0x{OTHER.hex()} GAS STATICCALL",
    "no code": "0 0 0 0 0x1234 GAS STATICCALL",
    "another precompiled contract": "0 0 0 0 1 GAS STATICCALL",
    "SSTORE": "1 1 SSTORE",
    "TSTORE": "1 1 TSTORE",
    "LOG0": "0 0 LOG0",
    "CREATE": "0 0 0 CREATE",
    "CREATE2": "0 0 0 0 CREATE2",
    "CALLCODE": "0 0 0 0 0 4 GAS CALLCODE",
    "SELFDESTRUCT": "0 SELFDESTRUCT",
}


@each_of("what", HANGS)
def test_what_no_proof_shows_gives_no_number(what: str) -> None:
    assert flaw_of(assemble(HANGS[what])) is Flaw.UNDETERMINED


@pytest.mark.parametrize("name", ["GAS", "CALLER", "ORIGIN", "GASPRICE", "BASEFEE", "COINBASE"])
def test_it_may_be_fetched_and_moved_about_and_dropped(name: str) -> None:
    program = assemble(
        f"5 {name} DUP1 SWAP2 SWAP1 POP POP POP 7 {RETURN}".replace("POP POP POP", "SWAP1 POP SWAP1 POP")
    )
    assert executed(WrittenContracts({HERE: program}))[0] == "returned"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("0x1234 CALLER EQ", 0),
        ("CALLER 0x1234 EQ", 0),
        (f"0x1234 0x{'ff' * 20} CALLER AND EQ", 0),
        ("0x1234 CALLER XOR ISZERO", 0),
        (f"0x{'ff' * 20} 0x1234 CALLER SUB AND ISZERO", 0),
        ("CALLER 0x1234 SUB @on JUMPI 0 0 REVERT on: 7", 7),
    ],
)
def test_the_caller_is_none_of_those_whom_the_contract_knows(program: str, expected: int) -> None:
    code = assemble(f"{program} {RETURN}")
    assert executed(WrittenContracts({HERE: code})) == ("returned", expected.to_bytes(32))


def test_an_unknown_instruction_and_code_of_another_machine_are_no_failure_of_the_contract() -> None:
    known = set(OPCODES.values()) | set(range(0x60, 0x80))
    for instruction in set(range(256)) - known:
        assert flaw_of(bytes([instruction])) is Flaw.UNDETERMINED
    assert flaw_of(bytes.fromhex("ef0100") + OTHER) is Flaw.UNDETERMINED


@pytest.mark.parametrize("program", ["PUSH0", "0 TLOAD", "0 0 0 MCOPY"])
def test_an_instruction_that_the_block_may_not_have_had_is_undetermined(program: str) -> None:
    older = Rules(1, 100, 1_000, has_push0=False, has_cancun=False)
    assert flaw_of(assemble(program), older) is Flaw.UNDETERMINED


def test_on_a_chain_whose_number_is_anothers_it_hangs_on_it() -> None:
    assert flaw_of(assemble("NUMBER ISZERO"), Rules(42161, None, 1_000)) is Flaw.UNDETERMINED


@each_of(
    "program",
    [
        "on: @on JUMP",
        "on: 1 1 EXP POP @on JUMP",
        f"{2**255} MLOAD",
        f"{2**20} MLOAD",
        f"{TOP} 0 KECCAK256",
        f"{TOP} 0 0 CALLDATACOPY",
        f"0 {2**19} 1 MSTORE on: {2**19} 0 0 CODECOPY @on JUMP",
        "on: 0 SLOAD POP @on JUMP",
        "on: 0 BALANCE POP @on JUMP",
        "0 on: DUP1 EXTCODESIZE POP 1 ADD @on JUMP",
        "0 0 0 0 ADDRESS GAS STATICCALL",
    ],
)
def test_what_takes_too_much_is_no_failure_of_the_contract_either(program: str) -> None:
    assert flaw_of(assemble(program)) is Flaw.TOO_LARGE


DIFFERENCE = "0x1234 CALLER XOR"
ALLOWED = {
    *(("CALLER", name, number) for name in ("EQ", "XOR", "SUB") for number in (1, 32, 256, TOP)),
    *((what, "AND", TOP) for what in ("CALLER", DIFFERENCE)),
    (DIFFERENCE, "EQ", 0),
}


@each_of("what", ["GAS", "CALLER", DIFFERENCE])
@each_of("name", [name for name, code in OPCODES.items() if 0x01 <= code <= 0x1D])
def test_nothing_follows_from_what_no_proof_shows_whatever_else_is_computed_with(what: str, name: str) -> None:
    others = {"ADDMOD": 2, "MULMOD": 2, "ISZERO": 0, "NOT": 0}.get(name, 1)
    for number in (0, 1, 32, 256, TOP):
        for place in range(others + 1):
            operands = [str(number)] * others
            operands.insert(place, what)
            program = assemble(f"{' '.join(operands)} {name} STOP")
            if (what, name, number) in ALLOWED or (what == DIFFERENCE and name == "ISZERO"):
                assert executed(WrittenContracts({HERE: program})) == ("returned", b"")
            else:
                assert flaw_of(program) is Flaw.UNDETERMINED, (operands, name)
