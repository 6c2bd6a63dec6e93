"""The instrument's file: whom to ask, with secrets from the environment, and never a secret in a mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_chain
from scanner.chains.registry import BACKENDS
from scanner.core.control import Control
from scanner.core.evidence import Basis
from scanner.core.shows import Shows
from scanner.errors import InputError
from scanner.sources.node_url import UrlError, parse_url
from scanner.sources.nodes import load_instrument, unreachable_quorums
from scanner.sources.policy import load_policy
from scanner.weighing.instrument import Instrument, SharedHost
from scanner.weighing.policy import Dissent, Policy
from tests.support.places import ROOT
from tests.support.strength import examples
from tests.support.tables import each_of

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
ETHEREUM = parse_chain("eip155:1")
SECRETS = {"BTC_USER": "auditor", "BTC_PASSWORD": "hunter2/@:#?%", "KEY": "sesamesesame"}

NODES = """\
policy: {quorum: 3, threshold: "1.02"}
nodes:
  - {url: "bitcoind+http://${BTC_USER}:${BTC_PASSWORD}@127.0.0.1:8332", operator: self, own: true}
  - {url: "evm+https://One.example/v3/${KEY}", chain: "eip155:1", operator: one, max_in_flight: 8, timeout: 90}
  - {url: evm+http://two.example:8545, chain: eip155:1, operator: two}
"""

Load = Callable[..., Instrument]
Refuse = Callable[..., list[str]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nodes") / "nodes.yaml"


@pytest.fixture(scope="module")
def load(path: Path) -> Load:
    def load(text: str, environ: dict[str, str] | None = None) -> Instrument:
        path.write_text(text)
        return load_instrument(path, SECRETS if environ is None else environ)

    return load


@pytest.fixture(scope="module")
def refuse(load: Load, path: Path) -> Refuse:
    """The mistakes of a file, as "line: what"."""

    def refuse(text: str, environ: dict[str, str] | None = None) -> list[str]:
        with pytest.raises(InputError) as caught:
            load(text, environ)
        told = str(caught.value)
        for secret in (SECRETS if environ is None else environ).values():
            assert len(secret) < 4 or secret not in told
        return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]

    return refuse


def one_node(url: str, rest: str = "operator: one, chain: eip155:1") -> str:
    return f"nodes:\n  - {{url: {json.dumps(url)}, {rest}}}\n"


# --- A good file


def test_nodes_and_policy_are_read(load: Load) -> None:
    instrument = load(NODES)
    assert instrument.policy == Policy(3, Fraction(102, 100))
    first, second, third = instrument.nodes
    assert (first.kind, first.url, first.operator, first.chain, first.own) == (
        "bitcoind", "http://127.0.0.1:8332", "self", BITCOIN, True,
    )  # fmt: skip
    assert (second.kind, second.url, second.operator, second.chain, second.own) == (
        "evm", "https://one.example/v3/sesamesesame", "one", ETHEREUM, False,
    )  # fmt: skip
    assert (second.max_in_flight, second.timeout, third.max_in_flight, third.timeout) == (8, 90, 4, 60)


def test_user_and_password_are_taken_out_of_the_url_as_they_stand_in_the_environment(load: Load) -> None:
    node = load(NODES).nodes[0]
    assert (node.user, node.password) == ("auditor", "hunter2/@:#?%")


def test_user_and_password_in_the_file_itself_are_percent_encoded(load: Load) -> None:
    node = load(one_node("bitcoind+http://a%40b:p%3A%2F@127.0.0.1:8332", "operator: self")).nodes[0]
    assert (node.url, node.user, node.password) == ("http://127.0.0.1:8332", "a@b", "p:/")


def test_a_variable_may_hold_a_whole_url(load: Load) -> None:
    text = one_node("evm+${URL}")
    node = load(text, {"URL": "https://user:pass%20word@one.example:8443/path?key=1"}).nodes[0]
    assert (node.url, node.user, node.password) == ("https://one.example:8443/path?key=1", "user", "pass word")


@given(password=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x2FF).filter(str.isprintable), min_size=1))
def test_any_password_arrives_as_it_was(password: str) -> None:
    from_environment = parse_url("bitcoind+http://u:${P}@127.0.0.1", {"P": password})
    from_file = parse_url(f"bitcoind+http://u:{quote(password, safe='')}@127.0.0.1", {})
    assert from_environment.password == from_file.password == password
    assert from_environment.url == "http://127.0.0.1"


def test_no_secret_stands_in_a_representation(load: Load) -> None:
    told = repr(load(NODES)) + repr(parse_url("evm+https://u:hunter2@one.example/sesamesesame?q=sesamesesame", {}))
    assert "hunter2" not in told
    assert "sesame" not in told
    assert "example" not in told


def test_without_a_policy_two_operators_must_agree(load: Load) -> None:
    assert load(one_node("evm+http://127.0.0.1:8545")).policy == Policy(quorum=2, threshold=Fraction(1))
    assert load("policy: {quorum: 5}\n" + one_node("evm+http://127.0.0.1:8545")).policy == Policy(5, Fraction(1))


def test_dissent_and_what_each_unit_requires_are_read(load: Load) -> None:
    text = "policy: {dissent: record, require: {BTC: own, ETH: quorum, USDT: proven}}\n"
    assert load(text + one_node("evm+http://127.0.0.1")).policy == Policy(
        2, Fraction(1), Dissent.RECORD, {"BTC": Basis.OWN, "ETH": Basis.QUORUM, "USDT": Basis.PROVEN}
    )
    strict = load("policy: {dissent: gap}\n" + one_node("evm+http://127.0.0.1")).policy
    assert (strict.dissent, strict.require) == (Dissent.GAP, {})
    assert load(one_node("evm+http://127.0.0.1")).policy.dissent is Dissent.GAP


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2h", 7200), ("90min", 5400), ('"45 s"', 45), ("10m", 600), ("1d", 86_400), ("0", 0), ("7200", 7200)],
)
def test_how_far_blocks_may_lie_apart_is_a_time_with_its_unit_or_in_seconds(
    load: Load, text: str, seconds: int
) -> None:
    policy = load(f"policy: {{max_skew: {text}}}\n" + one_node("evm+http://127.0.0.1")).policy
    assert policy == Policy(max_skew=timedelta(seconds=seconds))


def test_where_nothing_is_said_blocks_may_lie_two_hours_apart(load: Load) -> None:
    assert load(one_node("evm+http://127.0.0.1")).policy.max_skew == timedelta(hours=2)


@pytest.mark.parametrize(
    "text", ["2 hours", "-1h", "1.5h", '"7200"', "h", "99999999999s", "9999999999999", "null", "[1]"]
)
def test_another_way_to_say_how_far_apart_is_refused(refuse: Refuse, text: str) -> None:
    (mistake,) = refuse(f"policy: {{max_skew: {text}}}\n" + one_node("evm+http://127.0.0.1"))
    assert mistake.startswith("1: max_skew: ")


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("{quorum: 2}", None),
        ("{require_ownership: shown}", Control.SHOWN),
        ('{require_ownership: "replayable"}', Control.REPLAYABLE),
    ],
)
def test_what_must_be_shown_of_an_accounts_control_is_read(load: Load, text: str, required: Control | None) -> None:
    assert load(f"policy: {text}\n" + one_node("evm+http://127.0.0.1")).policy == Policy(require_ownership=required)


def test_what_must_be_shown_of_what_is_owed_is_read_unit_by_unit(load: Load) -> None:
    text = "policy: {require_liabilities: {BTC: sum-bound, ETH: total-proven, USDT: included}}\n"
    assert load(text + one_node("evm+http://127.0.0.1")).policy == Policy(
        require_liabilities={"BTC": Shows.SUM_BOUND, "ETH": Shows.TOTAL_PROVEN, "USDT": Shows.INCLUDED}
    )


@pytest.mark.parametrize("word", ["SUM-BOUND", "sum_bound", "proven", "'yes'", "''", "[included]"])
def test_nothing_else_can_be_required_of_what_is_owed(refuse: Refuse, word: str) -> None:
    (mistake,) = refuse(f"policy: {{require_liabilities: {{BTC: {word}}}}}\n" + one_node("evm+http://127.0.0.1"))
    assert mistake.startswith("1: BTC: ")


@pytest.mark.parametrize("control", ["SHOWN", "unshown", "absent", "unverifiable", "none", "yes", "''", "[shown]"])
def test_nothing_else_can_be_required_of_control(refuse: Refuse, control: str) -> None:
    (mistake,) = refuse(f"policy: {{require_ownership: {control}}}\n" + one_node("evm+http://127.0.0.1"))
    assert mistake.startswith("1: require_ownership: ")
    assert "expected one of shown, replayable" in mistake or control in ("yes", "''", "[shown]")


@pytest.mark.parametrize(
    ("text", "holdings"),
    [("", None), ("prove: all\n", None), ('prove: "all"\n', None), ("prove: none\n", 0), ("prove: 0\n", 0),
     ("prove: 1\n", 1), ("prove: 1000000000\n", 10**9)],
)  # fmt: skip
def test_how_many_holdings_are_to_be_proven_is_read(load: Load, text: str, holdings: int | None) -> None:
    assert load(text + one_node("evm+http://127.0.0.1")).prove == holdings


def test_the_example_is_ready_once_its_variables_are_set(load: Load) -> None:
    text = (ROOT / "config" / "nodes.yaml").read_text()
    names = ["BTC_RPC_USER", "BTC_RPC_PASSWORD", "ETH_ONE_KEY", "ETH_TWO_KEY"]
    instrument = load(text, dict.fromkeys(names, "sesame"))
    assert unreachable_quorums(instrument, [BITCOIN, ETHEREUM]) == {}
    marked_out = text.partition("marks off these lines.\n")[2].replace("  # ", "  ")
    assert unreachable_quorums(load("nodes:\n" + marked_out), [ETHEREUM]) == {}


@pytest.mark.parametrize(
    ("written", "connected_to"),
    [
        ("electrum+ssl://electrum.example", "ssl://electrum.example:50002"),
        ("electrum+tcp://127.0.0.1", "tcp://127.0.0.1:50001"),
        ("electrum+ssl://electrum.example:443", "ssl://electrum.example:443"),
        ("esplora+https://esplora.example/api", "https://esplora.example/api"),
    ],
)
def test_servers_of_histories_are_bitcoins_and_electrum_has_ports_of_its_own(written: str, connected_to: str) -> None:
    url = parse_url(written, {})
    assert url.url == connected_to
    assert BACKENDS[url.kind][1].chain == BITCOIN


@each_of("kind", BACKENDS)
def test_each_kind_of_node_is_a_class_that_can_be_loaded(kind: str) -> None:
    _, backend = BACKENDS[kind]
    assert isinstance(getattr(import_module(backend.module), backend.name), type)
    assert backend.transports


# --- The environment


def test_an_unset_variable_of_a_url_hides_none_of_its_proxy(refuse: Refuse) -> None:
    node = '{url: "evm+https://a.example/${KEY}", chain: "eip155:1", operator: a, proxy: "http://${PROXY}:1"}'
    assert refuse(f"nodes:\n  - {node}\n", {}) == [
        "2: url: the environment variable KEY is not set",
        "2: proxy: the environment variable PROXY is not set",
    ]


def test_every_unset_variable_is_named_at_once_with_its_line(refuse: Refuse) -> None:
    assert refuse(NODES, {"BTC_USER": "u"}) == [
        "3: url: the environment variable BTC_PASSWORD is not set",
        "4: url: the environment variable KEY is not set",
    ]


def test_an_empty_variable_is_as_good_as_none(refuse: Refuse) -> None:
    assert refuse(NODES, SECRETS | {"KEY": ""}) == ["4: url: the environment variable KEY is empty"]


@pytest.mark.parametrize("url", ["evm+https://${}", "evm+https://${A B}", "evm+https://${A", "evm+https://${1A}"])
def test_a_variable_without_a_proper_name_is_refused(refuse: Refuse, url: str) -> None:
    assert "${" in refuse(one_node(url), {"A": "x"})[0]


@pytest.mark.parametrize("value", ["a b", "a\n", "\ta", "é", "a\x00", "a\\b", 'a"b', "\udcff"])
@pytest.mark.parametrize("url", ["evm+https://one.example/${V}", "evm+https://${V}.example", "${V}"])
def test_a_value_that_no_url_may_hold_is_refused_and_not_trimmed(refuse: Refuse, value: str, url: str) -> None:
    assert len(refuse(one_node(url), {"V": value})) == 1


def test_a_password_that_is_no_text_is_refused(refuse: Refuse) -> None:
    for value in ("\udcff", "a\nb", "a\x7f"):
        assert len(refuse(one_node("evm+https://u:${V}@one.example"), {"V": value})) == 1


# --- URLs


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://one.example",
            "beacon+http, beacon+https, bitcoind+http",
        ),
        ("evm://one.example", "known kind"),
        ("evm+ws://one.example", "known kind"),
        ("evm+httpss://one.example", "known kind"),
        ("geth+https://one.example", "known kind"),
        ("evm+https:one.example", "known kind"),
        ("one.example", "known kind"),
        ("evm+https://", "names no host"),
        ("evm+https:///path", "names no host"),
        ("evm+https://-one.example", "names no host"),
        ("evm+https://a_b%2f", "names no host"),
        ("evm+https://[::1", "a host or a port"),
        ("evm+https://one.example:99999", "a host or a port"),
        ("evm+https://one.example:x", "a host or a port"),
        ("evm+https://one.example:0", "port 0"),
        ("evm+https://one.example/a#key", "fragment"),
        ("evm+https://a%3Ab:c@one.example", "colon"),
        ("evm+https://a:%ff@one.example", "percent-encoded UTF-8"),
        ("evm+https://a:%0a@one.example", "cannot be sent"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_being_quoted(refuse: Refuse, url: str, expected: str) -> None:
    told = refuse(one_node(url))
    assert len(told) == 1
    assert expected in told[0]
    assert "one.example" not in told[0]


@pytest.mark.parametrize(
    "url",
    [
        "evm+http://u:p@one.example:8545",
        "evm+http://u@10.0.0.5",
        "evm+http://one.example/v3/0123456789abcdef",
        "evm+http://one.example/?apikey=1",
        "evm+http://one.example/${KEY}",
        "evm+http://127.0.0.1.example/${KEY}",
        "evm+http://localhost.example/${KEY}",
        "evm+http://u:p@[2001:db8::1]:8545",
        "evm+http://u:p@0.0.0.0:8545",
    ],
)
def test_a_secret_is_not_sent_unencrypted_to_another_machine(refuse: Refuse, url: str) -> None:
    assert "unencrypted" in refuse(one_node(url))[0]


@pytest.mark.parametrize(
    "url",
    [
        "evm+https://u:p@one.example:8545",
        "evm+https://one.example/${KEY}",
        "evm+http://u:p@127.0.0.1:8545",
        "evm+http://u:p@127.8.9.10",
        "evm+http://u:p@[::1]:8545",
        "evm+http://u:p@localhost:8545",
        "evm+http://u:p@LOCALHOST.:8545/${KEY}",
        "evm+http://one.example:8545",
        "evm+http://one.example:8545/ext/bc/C/rpc",
        "evm+http://${KEY}.example:8545",
    ],
)
def test_what_is_encrypted_or_stays_here_or_holds_no_secret_is_taken(load: Load, url: str) -> None:
    assert load(one_node(url)).nodes


# --- Voices


@pytest.mark.parametrize(
    "again",
    [
        "https://one.example/v3",
        "HTTPS://ONE.example:443/v3/",
        "https://u:p@one.example./v3",
        "https://one.example:443/v3",
    ],
)
def test_one_url_twice_is_refused_in_whatever_spelling(refuse: Refuse, again: str) -> None:
    text = one_node("evm+https://one.example/v3") + f"  - {{url: evm+{again}, operator: two, chain: eip155:1}}\n"
    assert refuse(text) == ["3: url: is the URL of the node at line 2"]


def test_two_operators_on_one_server_are_one_voice(refuse: Refuse, load: Load) -> None:
    first = one_node("evm+https://one.example/a")
    assert refuse(first + '  - {url: "evm+https://one.example/b", operator: two, chain: eip155:1}\n') == [
        "3: url: is on the same server as the node at line 2, whose operator is one: one voice, not two; if they are"
        " independent all the same, say so with separate: true"
    ]
    assert load(first + '  - {url: "evm+https://one.example/b", operator: one, chain: eip155:1}\n').nodes
    assert load(first + '  - {url: "evm+https://one.example/b", operator: two, chain: eip155:10}\n').nodes
    assert load(first + '  - {url: "evm+https://two.example/b", operator: two, chain: eip155:1}\n').nodes


ONE_HOST = {
    "one.example": ["one.example:8545", "ONE.example", "one.example.", "u:p@one.example", "One.Example.:443"],
    "203.0.113.7": [
        "[::ffff:203.0.113.7]",
        "[::ffff:cb00:7107]:8546",
        "203.0.113.7:1",
        "[64:ff9b::203.0.113.7]",
        "3405803783",
    ],
    "xn--bcher-kva.example": ["XN--BCHER-KVA.example.", "xn--bcher-kva.example:8443"],
    "[2001:db8::1]": ["[2001:DB8:0:0:0:0:0:1]", "[2001:db8::0:1]:8545"],
}


@pytest.mark.parametrize(("host", "again"), [(host, each) for host, others in ONE_HOST.items() for each in others])
def test_one_host_in_whatever_spelling_and_at_whatever_port_is_one_voice(
    refuse: Refuse, load: Load, host: str, again: str
) -> None:
    first = one_node(f"evm+https://{host}/a")
    second = f'  - {{url: "evm+https://{again}/b", operator: two, chain: "eip155:1"'
    (told,) = refuse(first + second + "}\n")
    assert told.startswith("3: url: is on the same server as the node at line 2, whose operator is one: one voice")
    stated = load(first + second + ", separate: true}\n")
    assert stated.shared == (SharedHost(parse_chain("eip155:1"), ("one", "two")),)
    assert stated.notes([parse_chain("eip155:10")]) == ()
    assert stated.notes([parse_chain("eip155:1")]) == (
        "For eip155:1, one and two were asked at one host; the auditor states that they are independent of one"
        " another.",
    )


def test_a_third_operator_on_a_host_is_held_against_each_of_the_others(refuse: Refuse, load: Load) -> None:
    text = one_node("evm+https://one.example/a")
    text += '  - {url: "evm+https://one.example:1/b", operator: two, chain: eip155:1, separate: true}\n'
    third = '  - {url: "evm+https://one.example:2/c", operator: three, chain: eip155:1'
    assert len(refuse(text + third + "}\n")) == 1
    assert len(load(text + third + ", separate: true}\n").shared) == 3


@pytest.mark.parametrize("again", ["[::1]:8545", "[::ffff:127.0.0.1]:8545", "127.1:8545"])
def test_one_url_on_this_machine_twice_is_refused_in_whatever_spelling(refuse: Refuse, again: str) -> None:
    text = (
        one_node("evm+http://127.0.0.1:8545") + f'  - {{url: "evm+http://{again}", operator: two, chain: eip155:1}}\n'
    )
    assert refuse(text) == ["3: url: is the URL of the node at line 2"]


def test_the_name_of_this_machine_may_lead_to_another_server_than_its_address(load: Load, refuse: Refuse) -> None:
    named = '  - {url: "evm+http://localhost:8545", operator: two, chain: eip155:1}\n'
    assert {node.operator for node in load(one_node("evm+http://127.0.0.1:8545") + named).nodes} == {"one", "two"}
    again = '  - {url: "evm+http://LOCALHOST.:8545", operator: three, chain: eip155:1}\n'
    assert refuse(one_node("evm+http://127.0.0.1:8545") + named + again) == ["4: url: is the URL of the node at line 3"]


def test_tunnels_that_end_on_this_machine_may_lead_to_several_operators(load: Load) -> None:
    text = (
        one_node("evm+http://127.0.0.1:1/a") + "  - {url: evm+http://127.0.0.1:1/b, operator: two, chain: eip155:1}\n"
    )
    assert {node.operator for node in load(text).nodes} == {"one", "two"}


@pytest.mark.parametrize(("first", "second"), [("own: true", "own: false"), ("own: false", "own: true")])
def test_an_operator_is_own_everywhere_or_nowhere(refuse: Refuse, first: str, second: str) -> None:
    text = one_node("evm+http://127.0.0.1:1", f"operator: one, chain: eip155:1, {first}")
    told = refuse(text + f"  - {{url: evm+http://127.0.0.1:2, operator: one, chain: eip155:10, {second}}}\n")
    assert told[0].startswith("3: operator: one is ")
    assert "at line 2" in told[0]


def test_an_operator_has_one_spelling(refuse: Refuse) -> None:
    text = one_node("evm+http://127.0.0.1:1") + "  - {url: evm+http://127.0.0.1:2, operator: One, chain: eip155:1}\n"
    assert refuse(text) == ["3: operator: One is spelled one at line 2"]


def test_quorums_that_no_configured_operators_can_reach_are_told(load: Load) -> None:
    litecoin = parse_chain("bip122:12a765e31ffd4059bada1e25190f6e98")
    instrument = load(NODES)
    assert unreachable_quorums(instrument, [ETHEREUM, BITCOIN, litecoin, ETHEREUM]) == {
        litecoin: "no node is configured",
        ETHEREUM: "2 of the 3 operators that the quorum demands (one, two), and no node of your own",
    }
    assert unreachable_quorums(load(NODES.replace("quorum: 3", "quorum: 2")), [ETHEREUM, BITCOIN]) == {}
    assert unreachable_quorums(instrument, []) == {}


def test_two_nodes_of_one_operator_reach_no_quorum_of_two(load: Load) -> None:
    text = one_node("evm+http://127.0.0.1:1") + "  - {url: evm+http://127.0.0.1:2, operator: one, chain: eip155:1}\n"
    assert len(unreachable_quorums(load(text), [ETHEREUM])) == 1


# --- One mistake at a time

MISTAKES = {
    "no nodes": ("nodes: []\n", "1: nodes: is empty"),
    "no key nodes": ("policy: {quorum: 2}\n", "1: file: nodes missing"),
    "an unknown key": ("node: []\n" + one_node("evm+http://127.0.0.1"), "1: file: an unknown key; did you mean nodes?"),
    "an unknown key of a node": (
        one_node("evm+http://127.0.0.1", "operator: a, chain: eip155:1, max_inflight: 3"),
        "2: nodes: an unknown key; did you mean max_in_flight?",
    ),
    "a node without a URL": ("nodes:\n  - {operator: a, chain: eip155:1}\n", "2: nodes: url missing"),
    "a node without an operator": (one_node("evm+http://127.0.0.1", "chain: eip155:1"), "2: nodes: operator missing"),
    "an operator with a blank": (one_node("evm+http://127.0.0.1", "operator: a b, chain: eip155:1"), "2: operator: "),
    "an operator that is no text": (one_node("evm+http://127.0.0.1", "operator: no, chain: eip155:1"), "2: operator: "),
    "an EVM node without a chain": (one_node("evm+http://127.0.0.1", "operator: a"), "2: chain: missing; a node"),
    "a Substrate node without a chain, which is told one of its own kind": (
        one_node("substrate+https://a.example", "operator: a"),
        "2: chain: missing; a node of this kind may serve any polkadot chain, such as polkadot:",
    ),
    "a chain that is none": (one_node("evm+http://127.0.0.1", "operator: a, chain: mainnet"), "2: chain: expected a C"),
    "a chain that is no text": (one_node("evm+http://127.0.0.1", "operator: a, chain: 1"), "2: chain: the value"),
    "an EVM node of Bitcoin": (
        one_node("evm+http://127.0.0.1", f'operator: a, chain: "{BITCOIN}"'),
        "2: chain: nodes of this kind serve eip155 chains",
    ),
    "a Bitcoin node of Ethereum": (
        one_node("bitcoind+http://127.0.0.1", "operator: a, chain: eip155:1"),
        "2: chain: nodes of this kind serve bip122 chains",
    ),
    "own that is neither": (one_node("evm+http://127.0.0.1", "operator: a, chain: eip155:1, own: yes"), "2: own: expe"),
    "nothing in flight": (
        one_node("evm+http://127.0.0.1", "operator: a, chain: eip155:1, max_in_flight: 0"),
        "2: max_in_flight: expected a whole number from 1 to 1000",
    ),
    "a timeout in quotes": (
        one_node("evm+http://127.0.0.1", 'operator: a, chain: eip155:1, timeout: "5"'),
        "2: timeout: expected a whole number from 1 to 3600",
    ),
    "a timeout for ever": (
        one_node("evm+http://127.0.0.1", "operator: a, chain: eip155:1, timeout: 3601"),
        "2: timeout: expected a whole number from 1 to 3600",
    ),
    "a quorum of nobody": ("policy: {quorum: 0}\n" + one_node("evm+http://127.0.0.1"), "1: quorum: expected a whole n"),
    "a threshold of nothing": ('policy: {threshold: "0"}\n' + one_node("evm+http://127.0.0.1"), "1: threshold: must b"),
    "a threshold without quotes": ("policy: {threshold: 1.0}\n" + one_node("evm+http://127.0.0.1"), "1: threshold: th"),
    "an unknown key of the policy": (
        "policy: {qorum: 2}\n" + one_node("evm+http://127.0.0.1"),
        "1: policy: an unknown key; did you mean quorum?",
    ),
    "a dissent of another name": (
        "policy: {dissent: ignore}\n" + one_node("evm+http://127.0.0.1"), "1: dissent: expected one of gap, record",
    ),
    "a dissent in capitals": (
        "policy: {dissent: RECORD}\n" + one_node("evm+http://127.0.0.1"), "1: dissent: expected one of gap, record",
    ),
    "a dissent that is a truth value": ("policy: {dissent: yes}\n" + one_node("evm+http://127.0.0.1"), "1: dissent: "),
    "a dissent that is a list": ("policy: {dissent: [gap]}\n" + one_node("evm+http://127.0.0.1"), "1: dissent: "),
    "a basis of another name": (
        "policy: {require: {BTC: sworn}}\n" + one_node("evm+http://127.0.0.1"),
        "1: BTC: expected one of proven, quorum, own",
    ),
    "a basis in capitals": ("policy: {require: {BTC: PROVEN}}\n" + one_node("evm+http://127.0.0.1"), "1: BTC: expect"),
    "a basis that is null": ("policy: {require: {BTC: null}}\n" + one_node("evm+http://127.0.0.1"), "1: BTC: has no"),
    "a basis for all units": ("policy: {require: proven}\n" + one_node("evm+http://127.0.0.1"), "1: require: expected"),
    "a requirement of nothing": ("policy: {require: {}}\n" + one_node("evm+http://127.0.0.1"), "1: require: is empty"),
    "a unit that is a number": (
        "policy: {require: {1: proven}}\n" + one_node("evm+http://127.0.0.1"), "1: require: the value without",
    ),
    "a unit that stands twice": (
        "policy: {require: {BTC: own, BTC: own}}\n" + one_node("evm+http://127.0.0.1"), "1: a key stands already",
    ),
    "proofs of some": ("prove: some\n" + one_node("evm+http://127.0.0.1"), "1: prove: expected all, none, or a whole"),
    "proofs of a number in quotes": ('prove: "5"\n' + one_node("evm+http://127.0.0.1"), "1: prove: expected all, none"),
    "proofs of fewer than none": ("prove: -1\n" + one_node("evm+http://127.0.0.1"), "1: prove: expected a whole num"),
    "proofs of a part": ("prove: 0.5\n" + one_node("evm+http://127.0.0.1"), "1: prove: expected a whole number"),
    "proofs beyond all bounds": ("prove: 1000000001\n" + one_node("evm+http://127.0.0.1"), "1: prove: expected a who"),
    "proofs of nothing said": ("prove:\n" + one_node("evm+http://127.0.0.1"), "1: prove: has no value"),
    "proofs by the chain": ("prove: {eip155: all}\n" + one_node("evm+http://127.0.0.1"), "1: prove: expected text"),
    "proofs in the policy": (
        "policy: {prove: all}\n" + one_node("evm+http://127.0.0.1"), "1: policy: an unknown key; known are",
    ),
    "a policy that is null": ("policy: null\n" + one_node("evm+http://127.0.0.1"), "1: policy: expected a mapping"),
    "a key that stands twice": ("nodes: []\nnodes: []\n", "2: a key stands already at line 1"),
    "a syntax error": ("nodes:\n  - {url: sesame\nx: [", "3: is not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_one_mistake_is_told_with_its_line(refuse: Refuse, text: str, expected: str) -> None:
    assert any(mistake.startswith(expected) for mistake in refuse(text)), refuse(text)


def test_all_mistakes_of_a_file_are_told_at_once(refuse: Refuse) -> None:
    text = (
        NODES.replace("quorum: 3", "quorum: 0")
        .replace("own: true", "own: yes")
        .replace("max_in_flight: 8", "max_in_flight: 0")
        .replace("chain: eip155:1, operator: two", "operator: two")
    )
    assert [mistake.split(":")[0] for mistake in refuse(text)] == ["1", "3", "4", "5"]


@settings(max_examples=examples(80))
@given(data=st.data())
def test_no_broken_file_gives_away_a_secret_of_its_own(path: Path, data: st.DataObject) -> None:
    """Secrets that stand in the file itself, against advice, stay out of the mistakes too."""
    secret = "hunter2hunter2"
    good = one_node(f"evm+https://u:{secret}@one.example/{secret}").encode()
    position = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.sampled_from(list(b"#:,'\"[]{}&*!|>-. 0\n\t@/?%\xff\x00")))
    path.write_bytes(good[:position] + bytes([byte]) + good[position + 1 :])
    try:
        instrument = load_instrument(path, {})
    except InputError as error:
        told = str(error)
    else:
        told = repr(instrument)
    assert "hunter2" not in told


# --- A policy of its own


def test_a_policy_stands_in_a_file_of_its_own(path: Path) -> None:
    path.write_text('policy: {quorum: 3, threshold: "1.05"}\n')
    assert load_policy(path) == Policy(3, Fraction(105, 100))
    path.write_text('policy: {quorum: 3, threshold: "1.05", dissent: record, require: {USDT: proven}}\n')
    assert load_policy(path) == Policy(3, Fraction(105, 100), Dissent.RECORD, {"USDT": Basis.PROVEN})


@pytest.mark.parametrize(
    "text",
    ["policy: {quorum: 3}", 'policy: {threshold: "1"}', 'quorum: 3\nthreshold: "1"', "policy: {}", "", NODES,
     'policy: {quorum: 2, threshold: "1", dissent: maybe}', 'policy: {quorum: 2, threshold: "1", require: {}}',
     'policy: {quorum: 2, threshold: "1"}\nprove: all',
     'policy: {quorum: 0, threshold: "1"}', 'policy: {quorum: 1, threshold: "0"}', "policy: {quorum: 1, threshold: 1}"],
)  # fmt: skip
def test_a_policy_that_leaves_something_open_or_lets_anything_pass_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError):
        load_policy(path)


def test_a_file_above_a_mebibyte_is_refused(path: Path) -> None:
    path.write_text("# " + "x" * 2**20)
    with pytest.raises(InputError, match="larger than"):
        load_instrument(path, {})


def test_a_url_error_alone_quotes_nothing() -> None:
    with pytest.raises(UrlError) as caught:
        parse_url("evm+https://u:hunter2@-one.example", {})
    assert "hunter2" not in str(caught.value)


def test_a_node_of_litecoin_is_taken_for_its_main_network_and_a_server_of_it_says_so(load: Load) -> None:
    text = """
nodes:
  - {url: "litecoind+http://127.0.0.1:9332", operator: alpha}
  - {url: "electrum+ssl://ltc.example", operator: beta, chain: "bip122:12a765e31ffd4059bada1e25190f6e98"}
  - {url: "litecoind+http://127.0.0.1:19443", operator: gamma, chain: "bip122:530827f38f93b43ed12af0b3ad25a288"}
"""
    nodes = load(text).nodes
    assert [node.kind for node in nodes] == ["litecoind", "electrum", "litecoind"]
    assert [str(node.chain) for node in nodes] == [
        "bip122:12a765e31ffd4059bada1e25190f6e98",
        "bip122:12a765e31ffd4059bada1e25190f6e98",
        "bip122:530827f38f93b43ed12af0b3ad25a288",
    ]
    assert nodes[1].url == "ssl://ltc.example:50002"


@pytest.mark.parametrize(("text", "seconds"), [("", 60), ("patience: 0\n", 0), ("patience: 300\n", 300)])
def test_patience_is_a_minute_unless_the_file_says_otherwise(load: Load, text: str, seconds: int) -> None:
    assert load(text + one_node("evm+http://127.0.0.1:1")).patience == seconds


@pytest.mark.parametrize("text", ["patience: -1", "patience: 3601", "patience: long", "patience: 1.5", "patience:"])
def test_patience_is_a_whole_number_of_seconds(refuse: Refuse, text: str) -> None:
    (told,) = refuse(f"{text}\n" + one_node("evm+http://127.0.0.1:1"))
    assert told.startswith("1: patience: ")


def test_units_whose_unknown_is_accepted_are_named_once_each(load: Load, refuse: Refuse) -> None:
    assert load("policy: {accept: [USDC, OKB]}\n" + one_node("evm+http://127.0.0.1")).policy.accept == {"USDC", "OKB"}
    (mistake,) = refuse("policy:\n  accept: [USDC, USDC]\n" + one_node("evm+http://127.0.0.1"))
    assert "stands already at line 2" in mistake
    (mistake,) = refuse("policy: {accept: USDC}\n" + one_node("evm+http://127.0.0.1"))
    assert "expected a list" in mistake
