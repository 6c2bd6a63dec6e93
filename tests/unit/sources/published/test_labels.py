"""Labels to assets: what is not certain stays unknown, by name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.accounts import account_key, account_text
from scanner.chains.backends import unread_because
from scanner.chains.evm.eip55 import checksum_address
from scanner.chains.evm.facts import EVM_CHAINS
from scanner.chains.known_assets import TABLE
from scanner.chains.names import parse_asset
from scanner.core.ids import Chain
from scanner.sources.published.labels import Label, LabelError, LabelTable, labels_of
from scanner.sources.published.networks import TABLE as NETWORKS
from scanner.weighing.claim import Asset
from tests.support.strength import examples
from tests.support.tables import each_of

FOUND = LabelTable()
REPORTED = "BTC ETH USDT USDC XRP DOGE SOL OKB APT DASH DOT ELF EOS ETC FIL LINK LTC OKT PEOPLE TON TRX UNI"  # by OKX


def asset(label: str, network: str = "") -> str:
    return str(FOUND.find(label, network).asset)


def test_every_asset_of_okxs_report_has_an_id() -> None:
    assert {known.unit for known in TABLE} >= set(REPORTED.split())


# As they stand in OKX's and Binance's files of four years, without a network beside them
OF_FILES = """USDT-ERC20 USDT-TRC20 USDT-POLY USDT-AVAXC USDT-ARBITRUM USDT-OPTIMISM USDT-OKC20 USDT-APTOS USDT-TON
USDT-SPL USDT-OMNI USDT-ALGO POLY-USDC POLY-USDC-3359 USDC-OPTIMISM-FF85 USDC-ARBITRUM-NATIVE USDC-AVAXC USDC-TRC20
ETH-ARBITRUM ETH-OPTIMISM ETH-LINEA BASE OKB-X1 OKB-X1-ETH OKB-X1-USDT OKB-X1-USDC OKB-OKC20 TONCOIN-NEW BCHN BETH
RIPPLE APTOS VAULTA FIL-EVM ASSET-HUB USDG DOTK-OKC20 ETHK-OKC20 FILK-OKC20 LINKK-OKC20 LTCK-OKC20 UNIK-OKC20 TRXK-OKC20
ETCK-OKC20 XRPK-OKC20 DOTK-KIP20 ETHK-KIP20 FILK-KIP20 LINKK-KIP20 LTCK-KIP20 UNIK-KIP20 TRXK-KIP20 ETCK-KIP20
XRPK-KIP20"""
UNKNOWN = {"USDT-OMNI", "OKB-X1-USDT", "BCHN", "BETH", "USDG"}  # named in the account of rows, and gaps


def test_each_label_of_the_files_at_hand_means_an_asset_that_can_be_read_or_is_named_as_unknown() -> None:
    labels = OF_FILES.split()
    found = {label: FOUND.find(label, "") for label in labels}
    assert {label for label, listed in found.items() if not listed.mapped} == UNKNOWN
    unread = {label for label, listed in found.items() if listed.mapped and unread_because(listed.asset.chain)}
    assert unread == {"USDT-ALGO"}
    for kip, okc in ((label, label.replace("KIP", "OKC")) for label in labels if "KIP20" in label):
        assert found[kip].asset == found[okc].asset


def test_every_id_is_a_caip_19_name_of_a_chain_that_has_a_network_name() -> None:
    for known in TABLE:
        parsed = parse_asset(known.id)
        assert str(parsed) == known.id
        assert str(parsed.chain) in {row.chain for row in NETWORKS}


def test_no_asset_and_no_own_name_stands_twice() -> None:
    ids = [known.id for known in TABLE]
    names = [known.labels[0] for known in TABLE]
    assert len(set(ids)) == len(ids)
    assert len(set(names)) == len(names)


def test_no_label_means_two_assets_on_one_chain() -> None:
    pairs = [(label, parse_asset(known.id).chain) for known in TABLE for label in known.labels]
    assert len(set(pairs)) == len(pairs)


def test_every_contract_is_an_account_of_its_chain() -> None:
    for known in TABLE:
        parsed = parse_asset(known.id)
        if parsed.kind == "erc20":
            assert account_key(parsed.chain, checksum_address(parsed.contract)) == parsed.contract
        elif parsed.kind in ("trc20", "token"):
            assert account_text(parsed.chain, account_key(parsed.chain, parsed.reference)) == parsed.reference


def test_native_and_bridged_usdc_are_two_contracts_that_back_one_unit() -> None:
    bridged, native = FOUND.find("POLY-USDC", "POLYGON"), FOUND.find("POLY-USDC-3359", "MATIC")
    assert bridged.known is not None
    assert native.known is not None
    assert bridged.asset != native.asset
    assert bridged.known.backs == native.known.backs == "USDC"
    assert native.asset.reference.endswith("3359")
    assert FOUND.find("USDC-OPTIMISM-FF85", "OPTIMISM").asset.reference.endswith("ff85")


@each_of(
    ("label", "network", "expected"),
    [
        ("ETH", "", "eip155:1/slip44:60"),
        ("eth", "Arbitrum", "eip155:42161/slip44:60"),
        ("BASE", "BASE", "eip155:8453/slip44:60"),
        ("USDT-TRC20", "", "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("USDT", "TRX", "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("LTC", "", "bip122:12a765e31ffd4059bada1e25190f6e98/slip44:2"),
        ("ETC", "OKC", "eip155:66/erc20:0x99970778e2715bbc9cf8fb83d10dcbc2d2d551a3"),
        ("RIPPLE", "", "xrpl:0/slip44:144"),
        ("DOT", "ASSET_HUB", "polkadot:68d56f15f85d3136970ec16946040bc1/slip44:354"),
    ],
)
def test_a_label_is_looked_up_together_with_its_network(label: str, network: str, expected: str) -> None:
    assert asset(label, network) == expected


@pytest.mark.parametrize(
    ("label", "network", "expected"),
    [
        ("USDC", "MATIC", "unmapped:MATIC/label:USDC"),  # two contracts: nobody can tell which
        ("OKB-X1-USDT", "XLAYER", "unmapped:XLAYER/label:OKB-X1-USDT"),
        ("USDT", "", "unmapped:unstated/label:USDT"),
        ("USDT-ERC20", "TRON", "unmapped:TRON/label:USDT-ERC20"),  # the label contradicts its network
        ("BTC", "ETH", "unmapped:ETH/label:BTC"),
        ("Neu & Alt", "New Net", "unmapped:NEW_NET/label:NEU%20%26%20ALT"),
        ("BETH", "ETH", "unmapped:ETH/label:BETH"),
    ],
)
def test_what_is_not_certain_becomes_an_id_that_names_the_label(label: str, network: str, expected: str) -> None:
    listed = FOUND.find(label, network)
    assert str(listed.asset) == expected
    assert parse_asset(expected) == listed.asset
    assert (listed.known, listed.mapped) == (None, False)


@settings(max_examples=examples(80), deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_two_unknown_labels_never_share_an_id(one: str, other: str) -> None:
    try:
        first, second = FOUND.find("?" + one, "X").asset, FOUND.find("?" + other, "X").asset
    except LabelError:
        return
    assert parse_asset(str(first)) == first
    assert (first == second) == (("?" + one).strip().upper() == ("?" + other).strip().upper())


@pytest.mark.parametrize(("label", "network"), [("", "ETH"), ("  ", ""), ("x" * 41, "ETH"), ("ETH", "x" * 25)])
def test_no_label_and_endless_labels_are_refused(label: str, network: str) -> None:
    with pytest.raises(LabelError):
        FOUND.find(label, network)


def test_with_caip_names_no_label_is_the_chains_own_coin_and_an_id_is_itself() -> None:
    assert str(FOUND.find("", "eip155:10", caip=True).asset) == "eip155:10/slip44:60"
    assert str(FOUND.find("", "TRX", caip=True).asset) == "tron:728126428/slip44:195"
    dai = FOUND.find("eip155:1/erc20:0x6B175474E89094C44Da98b954EedeAC495271d0F", "eip155:1", caip=True)
    assert (str(dai.asset), dai.known) == ("eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f", None)


@pytest.mark.parametrize(
    ("label", "network"),
    [("eip155:10/slip44:60", "eip155:1"), ("eip155:1/erc20:0x12", "eip155:1"), ("ETH", "eip155:mainnet")],
)
def test_caip_names_that_are_none_or_contradict_are_refused(label: str, network: str) -> None:
    with pytest.raises(LabelError):
        FOUND.find(label, network, caip=True)


def test_a_claims_own_labels_come_first_and_need_no_network() -> None:
    dai = Asset("DAI", parse_asset("eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"), "DAI", 18)
    usdc = Asset("USDC-POLY", parse_asset("eip155:137/erc20:0x3c499c542cef5e3811e1192ce70d8cc03d5c3359"), "USDC", 6)
    table = LabelTable([Label("dai", dai), Label("USDC", usdc, "matic")])
    assert table.find("DAI", "").known == table.find("DAI", "ETH").known == dai
    assert table.find("DAI", "TRX").known is None
    assert table.find("usdc", "MATIC").known == table.find("USDC", "Polygon").known == usdc
    assert table.find("usdc", "ETH").asset.chain == Chain("eip155", "1")
    assert LabelTable(labels_of({"DAI": dai})).find("DAI", "").known == dai


def test_a_claim_may_say_otherwise_than_the_table() -> None:
    mine = Asset("ETH", parse_asset("eip155:1/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"), "ETH", 18)
    assert LabelTable([Label("ETH", mine)]).find("ETH", "ETH").known == mine


def test_a_claims_label_may_be_of_a_network_that_nobody_knows() -> None:
    mine = Asset("FOO", parse_asset("cosmos:foo-1/slip44:118"), "FOO", 6)
    table = LabelTable([Label("foo", mine, "Foo Net")])
    assert table.find("FOO", "foo net").known == mine
    assert table.find("FOO", "").known is table.find("FOO", "BAR").known is None


def test_a_claims_label_that_contradicts_its_network_is_refused() -> None:
    mine = Asset("FOO", parse_asset("eip155:1/slip44:60"), "ETH", 18)
    with pytest.raises(LabelError):
        LabelTable([Label("FOO", mine, "TRON")])


@each_of(
    ("label", "network", "expected"),
    [
        ("USDT", "ERC20", "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"),
        ("USDT", "erc-20", "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"),
        ("USDT", "TRC20", "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("USDT", "Tron (TRC20)", "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("USDC", "BEP20", "eip155:56/erc20:0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d"),
        ("USDC", "BNB Smart Chain (BEP20)", "eip155:56/erc20:0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d"),
        ("USDC", "ARC20", "eip155:43114/erc20:0xb97ef9ef8734c71904d8002f8b6bc66dd9c48a6e"),
        ("USDC", "SPL", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/token:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"),
        ("USDT", "OKC20", "eip155:66/erc20:0x382bb369d343125bfb2117af9c149795c6c65c50"),
        ("BNB", "BSC", "eip155:56/slip44:714"),
        ("BNB", "BEP20", "eip155:56/slip44:714"),
        ("MATIC", "POLYGON", "eip155:137/slip44:966"),
        ("POL", "MATIC", "eip155:137/slip44:966"),
        ("AVAX", "AVAXC", "eip155:43114/slip44:9005"),
        ("ETH", "BLAST", "eip155:81457/slip44:60"),
        ("CELO", "CELO", "eip155:42220/slip44:52752"),
    ],
)
def test_a_network_may_be_named_by_its_token_standard_and_coins_of_known_evm_chains_are_known(
    label: str, network: str, expected: str
) -> None:
    assert asset(label, network) == expected


@pytest.mark.parametrize("network", ["KCC (ERC20)", "ETH (Goerli)", "Ethereum (TRC20)", "(ERC20)", "ERC20)", "ERC721"])
def test_a_network_in_two_words_that_do_not_mean_one_chain_is_not_known(network: str) -> None:
    assert asset("USDT", network).startswith("unmapped:")


def test_every_evm_chain_that_can_be_asked_has_its_coin_in_the_table() -> None:
    known = LabelTable()
    for number in EVM_CHAINS:
        assert known.find("", f"eip155:{number}", caip=True).known is not None, number
