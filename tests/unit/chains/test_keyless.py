"""Accounts that are nobody's: rules and table load, say what they say, and say nothing of other accounts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.accounts import account_key
from scanner.chains.bitcoin.keyless import UNSPENDABLE
from scanner.chains.keyless import keyless, keyless_unlikely
from scanner.chains.keyless_words import BRIDGE, BURN, DEPOSITS, MODULE, PROTOCOL, WRAPPER, ZERO
from scanner.chains.names import parse_chain
from scanner.chains.registry import FAMILIES, family
from scanner.core.columns import Accounts
from scanner.core.ids import Chain
from tests.support.strength import examples
from tests.support.tables import each_of

TABLE = [each for family in FAMILIES.values() for each in family.keyless_accounts]
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
LITECOIN = "bip122:12a765e31ffd4059bada1e25190f6e98"
DOGECOIN = "bip122:1a91e3dace36e2be3bf030a65679fe82"
POLKADOT = "polkadot:91b171bb158e2d3848fa23a9f1c25182"
SOLANA = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
VAULTA = "antelope:aca376f206b8fc25a6ed44dbdc66547c"
ALGORAND = "algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k"
SOME_CHAIN = {
    "eip155": "eip155:1", "tron": "tron:728126428", "solana": SOLANA, "xrpl": "xrpl:0", "tvm": "tvm:-239",
    "antelope": VAULTA, "near": "near:mainnet", "tezos": "tezos:NetXdQprcVkpaWU",
}  # fmt: skip


def what(chain: str, text: str) -> str | None:
    parsed = parse_chain(chain)
    return keyless(parsed)(account_key(parsed, text))


@each_of(
    ("chain", "text", "expected"),
    [
        ("eip155:1", "0x" + "0" * 40, ZERO),
        ("eip155:1", "0x000000000000000000000000000000000000dEaD", PROTOCOL),
        ("eip155:1", "0x0000000000000000000000000000000000000001", PROTOCOL),
        ("eip155:56", "0x0000000000000000000000000000000000001004", PROTOCOL),  # BNB Smart Chain's token hub
        ("eip155:137", "0x0000000000000000000000000000000000001010", PROTOCOL),
        ("eip155:8453", "0x4200000000000000000000000000000000000006", PROTOCOL),  # WETH on OP Stack chains
        ("eip155:1", "0x00000000219ab540356cBB839Cbe05303d7705Fa", DEPOSITS),
        ("eip155:1", "0x8315177aB297bA92A06054cE80a67Ed4DBd7ed3a", BRIDGE),
        ("eip155:1", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", WRAPPER),
        ("eip155:10", "0xdEAD000000000000000042069420694206942069", BURN),
        ("eip155:10", "0x00000000219ab540356cBB839Cbe05303d7705Fa", None),  # another chain's
        ("eip155:314", "0xff00000000000000000000000000000000000063", MODULE),
        ("eip155:314", "0xff000000000000000000000000000000000003e9", None),
        ("eip155:1", "0xff00000000000000000000000000000000000063", None),
        ("fil:f", "f099", MODULE),
        ("fil:f", "0x" + "0" * 40, ZERO),
        ("fil:f", "f01234", None),
        (BITCOIN, "raw(6a0568656c6c6f)", UNSPENDABLE),
        (BITCOIN, "raw(6a)", UNSPENDABLE),
        (BITCOIN, f"raw(0015{'ab' * 21})", UNSPENDABLE),
        (DOGECOIN, f"raw(0015{'ab' * 21})", None),  # no witness program there
        (BITCOIN, "1BitcoinEaterAddressDontSendf59kuE", BURN),
        (BITCOIN, "1CounterpartyXXXXXXXXXXXXXXXUWLpVr", BURN),
        (BITCOIN, "1111111111111111111114oLvT2", "an address of zeros, to which no key or script is known"),
        (LITECOIN, f"raw(0014{'00' * 20})", "an address of zeros, to which no key or script is known"),
        (LITECOIN, f"raw(5820{'ab' * 32})", MODULE),  # every coin in MWEB
        (LITECOIN, f"raw(5920{'ab' * 32})", MODULE),  # a coin on its way there
        (LITECOIN, f"raw(581f{'ab' * 31})", None),
        (LITECOIN, f"raw(5720{'ab' * 32})", None),
        (BITCOIN, f"raw(5820{'ab' * 32})", None),
        (BITCOIN, "bc1pfeessrawgf", "a script that anyone can spend (pay to anchor)"),
        (BITCOIN, "1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK", None),
        (DOGECOIN, "DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr", BURN),
        ("tron:728126428", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", ZERO),
        ("tron:728126428", "TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy", BURN),
        ("tron:728126428", "TCz47XgC9TjCeF4UzfB6qZbM9LTF9s1tG7", None),
        (SOLANA, "1nc1nerator11111111111111111111111111111111", BURN),
        (SOLANA, "1" * 32, ZERO),
        ("xrpl:0", "rrrrrrrrrrrrrrrrrrrrrhoLvTp", ZERO),
        ("xrpl:0", "rrrrrrrrrrrrrrrrrrrrBZbvji", PROTOCOL),
        ("xrpl:0", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "the genesis account whose key everybody knows"),
        ("tvm:-239", "EQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAM9c", ZERO),
        ("tvm:-239", "-1:" + "33" * 32, "the elector that holds the validators' stakes"),
        ("aptos:1", "0x0", ZERO),
        ("aptos:1", "0xdead", PROTOCOL),
        ("sui:mainnet", "0x5", PROTOCOL),
        ("starknet:SN_MAIN", "0x1", PROTOCOL),
        (POLKADOT, "13UVJyLnbVp9RBZYFwFGyDvVd1y27Tt8tkntv6Q7JVPhFsTB", MODULE),  # the treasury
        (POLKADOT, "111111111111111111111111111111111HC1", ZERO),
        (POLKADOT, "14B3z6xL9vGgKz8WptoZabPrgH6adH1ev2Ven4SiTcdznfqd", None),
        ("cosmos:cosmoshub-4", "cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh", MODULE),  # bonded tokens
        ("cosmos:cosmoshub-4", "cosmos17xpfvakm2amg962yls6f84z3kell8c5lserqta", MODULE),  # collected fees
        (VAULTA, "eosio.null", BURN),
        (VAULTA, "okbwallet1tr", None),
        (ALGORAND, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ", ZERO),
        ("stellar:pubnet", "GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF", ZERO),
        ("near:mainnet", "system", "a system contract"),
        ("near:mainnet", "alice.near", None),
        ("nowhere:1", "0x" + "0" * 40, None),
    ],
)
def test_what_is_nobodys_is_known_and_nothing_else(chain: str, text: str, expected: str | None) -> None:
    assert what(chain, text) == expected


def test_every_entry_is_an_account_with_its_checksum_and_stands_once() -> None:
    stood = set()
    for each in TABLE:
        chain = parse_chain(SOME_CHAIN.get(each.on, each.on))
        key = account_key(chain, each.account)
        assert keyless(chain)(key) == each.what
        assert keyless(chain, 0)(key) in (None, PROTOCOL)  # before the first revision
        assert not set(each.what) & set(',"')
        stood.add((each.on, key))
    assert len(stood) == len(TABLE)


@given(st.binary(min_size=20, max_size=20).filter(lambda key: any(key[:10])))
def test_an_account_of_chance_is_somebodys(key: bytes) -> None:
    for chain in ("eip155:1", "eip155:10", "eip155:314", "tron:728126428", "xrpl:0"):
        assert keyless(parse_chain(chain))(key) is None


CHAINS_TOGETHER = [*sorted({*FAMILIES} - {"eip155", "bip122"}), "eip155:1", "eip155:314", "eip155:10", BITCOIN]


@pytest.mark.parametrize("name", CHAINS_TOGETHER)
@settings(max_examples=examples(25))
@given(st.data())
def test_many_accounts_that_are_looked_at_together_are_passed_over_only_where_none_of_them_is_nobodys(
    name: str, data: st.DataObject
) -> None:
    chain = parse_chain(name) if ":" in name else Chain(name, "1")
    listed = [account_key(chain, each.account) for each in TABLE if each.on in (chain.namespace, str(chain))]
    size = 20 if name.startswith(("eip155", "tron", "xrpl")) else data.draw(st.sampled_from([32, 33]))
    starts = st.sampled_from([b"", bytes(18), bytes(30), b"\x42" + bytes(17), b"\xff" + bytes(11), b"\x01" + bytes(30)])
    made = st.tuples(starts, st.binary(min_size=size, max_size=size)).map(lambda each: (each[0] + each[1])[:size])
    zeros = st.binary(max_size=8).map(lambda end: (bytes(size) + end)[-size:])
    module = st.binary(max_size=8).map(lambda end: b"\xff" + bytes(size - 1 - len(end)) + end)
    accounts = data.draw(st.lists(st.one_of(made, zeros, module, st.sampled_from(listed or [bytes(size)])), max_size=4))
    other = data.draw(st.sampled_from([b"\xee" * size, *accounts]))
    unlikely = keyless_unlikely(chain, [other])
    if unlikely is None:
        assert family(chain).has_keyless_rule
    elif unlikely(Accounts(accounts)):
        assert not any(map(keyless(chain), accounts))
        assert other not in accounts
