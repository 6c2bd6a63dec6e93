"""Exchanges' own sample files are answered on the page as by the command. They are never committed."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from scanner.proofs.liabilities import File, Published, find_scheme
from tests.browser.asking import answers, outcome_there
from tests.browser.conftest import Reader
from tests.browser.pages import page_of
from tests.support.liabilities.published_files import file, shared

STARK = "okx-stark/tiny_3coins_3x15/inclusion_proof_data"


def root_of(scheme: str, files: tuple[File, ...]) -> str:
    if scheme == "okx-stark-v1":  # without its sums' proofs no file of it is judged
        return str(json.loads(b"".join(files[0].chunks()))["trunk_inclusion_proof"]["trunk_mtree_root"])
    return find_scheme(scheme).includes(Published(files[:-1]), files[-1]).root


@pytest.mark.parametrize(
    ("scheme", "names"),
    [
        ("okx-merkle-v1", ["../okx/merkle_proof_file.json"]),
        ("okx-merkle-v2", ["../okx/full-liabilities-merkle-tree.txt", "../okx/user_info_file.json"]),
        ("bybit", ["bybit/mock_user_merkle_tree_path_40.json"]),
        ("bybit", ["bybit/mock_user_merkle_tree_path_40_v3.json"]),
        ("bybit", ["bybit/mock_user_merkle_tree_path_40_v5.json"]),
        ("bitget", ["bitget/merkel_tree_bg.json"]),
        ("mexc", ["mexc/merkle_proof.json"]),
        ("swissborg", ["swissborg/auditRoots_3.json", "swissborg/userLiab_3.json"]),
        ("swissborg", ["swissborg/auditRoots_4.json", "swissborg/userLiab_4.json"]),
        ("binance", ["binance/user_config.json"]),
        ("gate", ["gate/user_config.json"]),
        ("okx-stark-v1", [f"{STARK}/a0/user_1_inclusion_proof.json"]),
        ("okx-stark-v1", [f"{STARK}/a1/user_14_inclusion_proof.json"]),
    ],
)
def test_the_sample_of_an_exchange_is_included_with_its_amounts(reader: Reader, scheme: str, names: list[str]) -> None:
    files = tuple(map(shared, names))
    root = root_of(scheme, files)
    ((outcome, amounts),) = answers(reader.opens(page_of()), scheme, root, [files])
    expected, found = outcome_there(scheme, root, files)
    assert (outcome, expected) == ("included", "included")
    assert found is not None
    held = {coin: amount for coin, amount in found.amounts.items() if amount or scheme != "okx-stark-v1"}
    assert {coin: Fraction(amount) for coin, amount in amounts} == held


def test_every_account_of_bitmexs_sample_is_found(reader: Reader) -> None:
    tree = shared("bitmex/proof.csv")
    nonces, owed = (
        b"".join(shared(f"bitmex/{name}").chunks()).decode().split() for name in ("nonces.txt", "liabilities.csv")
    )
    amounts = dict(line.split(",") for line in owed[1:])
    users = [
        {"account": account, "account_nonce": nonce, "amount": amounts[account]}
        for account, nonce in (line.split(",") for line in nonces)
        if amounts[account] != "0"
    ]
    root = find_scheme("bitmex").judge(Published((tree,))).root
    tries = [(tree, file(json.dumps(user))) for user in users]
    answered = answers(reader.opens(page_of()), "bitmex", root, tries)
    assert [outcome for outcome, _ in answered] == ["included"] * len(users)
    held = [Fraction(amount) * 10**8 for _, ((_, amount),) in answered]
    assert held == [int(user["amount"]) for user in users]
