"""Bytes of mints and token accounts: those that the token programs make are read as what they are, others are refused.

The programs run in `solders.litesvm`, an engine of Solana's own code; where it is not installed, that part is skipped.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.solana.tokens import (
    TOKEN,
    TOKEN_2022,
    TokenAccount,
    associated,
    is_point,
    mint_of,
    token_account_of,
)
from scanner.core import base58
from tests.support.simulated import solana as sim

OWNER, MINT = (base58.encode(bytes([number]) * 32) for number in (1, 200))
AMOUNT = 12_345_678_901


def _solders() -> Any:
    return pytest.importorskip("solders", reason="pip install reserve-scanner[engines]")


class Engine:
    """A chain of one person, who pays for everything and may mint everything."""

    def __init__(self) -> None:
        _solders()
        from solders.keypair import Keypair
        from solders.litesvm import LiteSVM

        self.svm = LiteSVM()
        self.me = Keypair.from_seed(bytes([7]) * 32)
        self.svm.airdrop(self.me.pubkey(), 10**12)
        self.made = 0

    @property
    def owner(self) -> bytes:
        return bytes(self.me.pubkey())

    def run(self, program: bytes, accounts: list[tuple[bytes, bool, bool]], data: bytes, *signers: Any) -> None:
        """An instruction, with its accounts as (key, signs, is written)."""
        from solders.instruction import AccountMeta, Instruction
        from solders.message import Message
        from solders.pubkey import Pubkey
        from solders.transaction import Transaction
        from solders.transaction_metadata import FailedTransactionMetadata

        metas = [AccountMeta(Pubkey(key), signs, written) for key, signs, written in accounts]
        message = Message([Instruction(Pubkey(program), data, metas)], self.me.pubkey())
        done = self.svm.send_transaction(Transaction([self.me, *signers], message, self.svm.latest_blockhash()))
        assert not isinstance(done, FailedTransactionMetadata), done
        self.svm.expire_blockhash()

    def account(self, program: bytes, size: int) -> bytes:
        """A new account of so many bytes, of this program."""
        from solders.keypair import Keypair
        from solders.pubkey import Pubkey
        from solders.system_program import CreateAccountParams, create_account

        self.made += 1
        new = Keypair.from_seed(bytes([self.made, 9]) * 16)
        rent = self.svm.minimum_balance_for_rent_exemption(size)
        made = create_account(
            CreateAccountParams(
                from_pubkey=self.me.pubkey(), to_pubkey=new.pubkey(), lamports=rent, space=size, owner=Pubkey(program)
            )
        )
        self.run(
            bytes(made.program_id),
            [(bytes(m.pubkey), m.is_signer, m.is_writable) for m in made.accounts],
            made.data,
            new,
        )
        return bytes(new.pubkey())

    def mint(self, program: bytes, decimals: int, size: int = 82) -> bytes:
        key = self.account(program, size)
        if size > 82:  # InitializeTransferFeeConfig: a fee of one percent, at most 10**9
            fee = (
                b"\x1a\x00\x01"
                + self.owner
                + b"\x01"
                + self.owner
                + (100).to_bytes(2, "little")
                + (10**9).to_bytes(8, "little")
            )
            self.run(program, [(key, False, True)], fee)
        self.run(program, [(key, False, True)], b"\x14" + bytes([decimals]) + self.owner + b"\x01" + self.owner)
        return key

    def held(self, program: bytes, mint: bytes, owner: bytes, amount: int) -> bytes:
        """The owner's associated token account, with an amount minted into it."""
        key = associated(owner, mint, program)
        ours = base58.decode("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
        others = [(owner, False, False), (mint, False, False), (bytes(32), False, False), (program, False, False)]
        self.run(ours, [(self.owner, True, True), (key, False, True), *others], b"\x00")
        to = [(mint, False, True), (key, False, True), (self.owner, True, False)]
        self.run(program, to, b"\x07" + amount.to_bytes(8, "little"))
        return key

    def data(self, key: bytes) -> tuple[bytes, bytes]:
        """An account's program, and its bytes."""
        from solders.pubkey import Pubkey

        account = self.svm.get_account(Pubkey(key))
        assert account is not None
        return bytes(account.owner), bytes(account.data)


def test_what_the_token_program_makes_is_read_as_what_it_is() -> None:
    engine = Engine()
    mint = engine.mint(TOKEN, 6)
    key = engine.held(TOKEN, mint, engine.owner, AMOUNT)
    made = mint_of(*engine.data(mint))
    assert (made.program, made.decimals, made.rescaled) == (TOKEN, 6, None)
    assert token_account_of(*engine.data(key)) == TokenAccount(mint, engine.owner, AMOUNT)

    approved = [(key, False, True), (bytes([5]) * 32, False, False), (engine.owner, True, False)]
    engine.run(TOKEN, approved, b"\x04" + (5).to_bytes(8, "little"))
    engine.run(TOKEN, [(key, False, True), (mint, False, False), (engine.owner, True, False)], b"\x0a")
    assert engine.data(key)[1][108] == 2
    assert token_account_of(*engine.data(key)).amount == AMOUNT  # frozen, and delegated in part


def test_of_token_2022_the_amount_is_read_without_what_is_withheld() -> None:
    engine = Engine()
    mint = engine.mint(TOKEN_2022, 9, size=165 + 1 + 4 + 108)
    assert mint_of(*engine.data(mint)).decimals == 9
    key = engine.held(TOKEN_2022, mint, engine.owner, AMOUNT)
    other = engine.held(TOKEN_2022, mint, bytes([3]) * 32, 0)
    moved = [(key, False, True), (mint, False, False), (other, False, True), (engine.owner, True, False)]
    engine.run(TOKEN_2022, moved, b"\x0c" + (1_000_000).to_bytes(8, "little") + b"\x09")
    assert token_account_of(*engine.data(key)).amount == AMOUNT - 1_000_000
    assert token_account_of(*engine.data(other)).amount == 990_000


def test_the_associated_account_is_the_one_that_its_program_makes() -> None:
    _solders()
    from solders.pubkey import Pubkey
    from solders.token.associated import get_associated_token_address

    for _ in range(50):
        owner, mint = os.urandom(32), os.urandom(32)
        for program in (TOKEN, TOKEN_2022):
            right = get_associated_token_address(Pubkey(owner), Pubkey(mint), Pubkey(program))
            assert associated(owner, mint, program) == bytes(right)
        assert is_point(owner) == Pubkey(owner).is_on_curve()


def test_what_is_no_mint_and_what_is_no_token_account_is_refused() -> None:
    mint, account = sim.mint_data(6), sim.token_data(MINT, OWNER, 5)
    fees = b"\x02\x00\x08\x00" + bytes(8)
    wrong_mints = [
        (bytes(32), mint),
        (TOKEN, mint[:-1]),
        (TOKEN, mint + b"\x00"),
        (TOKEN, account),
        (TOKEN, sim.mint_data(6, fees)),
        (TOKEN_2022, account),
        (TOKEN_2022, sim.token_data(MINT, OWNER, 5, extensions=fees)),
        (TOKEN, mint[:45] + b"\x00" + mint[46:]),
    ]
    for program, data in wrong_mints:
        with pytest.raises(ValueError, match=r"mint|program"):
            mint_of(program, data)
    wrong_accounts = [
        (bytes(32), account),
        (TOKEN, mint),
        (TOKEN, account[:-1]),
        (TOKEN, account + b"\x02"),
        (TOKEN, sim.token_data(MINT, OWNER, 5, extensions=fees)),
        (TOKEN_2022, sim.mint_data(6, fees)),
        *((TOKEN, sim.token_data(MINT, OWNER, 5, state=state)) for state in (0, 3, 255)),
    ]
    for program, data in wrong_accounts:
        with pytest.raises(ValueError, match=r"account|program"):
            token_account_of(program, data)


def test_a_mint_whose_amounts_are_shown_rescaled_says_so_wherever_the_extension_stands() -> None:
    fees = b"\x01\x00\x6c\x00" + bytes(108)
    for number, word in ((10, "bears interest"), (25, "is scaled")):
        other = bytes([number, 0, 56, 0]) + bytes(56)
        for extensions in (other, fees + other, other + fees):
            assert mint_of(TOKEN_2022, sim.mint_data(6, extensions)).rescaled == word
    assert mint_of(TOKEN_2022, sim.mint_data(6, fees + bytes(4) + b"\x19\x00")).rescaled is None


@given(st.binary(min_size=60, max_size=400), st.sampled_from([TOKEN, TOKEN_2022]))
def test_any_bytes_are_read_or_refused(data: bytes, program: bytes) -> None:
    for read in (mint_of, token_account_of):
        try:
            read(program, data)
        except ValueError:
            continue


def test_an_owner_and_a_mint_have_an_associated_account_whether_or_not_the_owner_is_a_key() -> None:
    nobody = next(key for key in (bytes([number]) * 32 for number in range(256)) if not is_point(key))
    assert not is_point(associated(nobody, base58.decode(MINT), TOKEN))
