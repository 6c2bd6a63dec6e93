"""The answer to a scan, read while it comes: whatever way it is written and cut, the same as when it is read whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.node.answers import scan_of
from scanner.chains.bitcoin.node.rewind import Moves, Rewind
from scanner.chains.bitcoin.node.unspent import MOST_LEFT, PART, UnspentStream
from scanner.clients.jsonrpc import decode
from scanner.errors import NodeError, Why
from tests.support.tables import each_of

BITCOIN = BITCOIN_CHAINS["000000000019d6689c085ae165831e93"]

SCRIPTS = [bytes([0x51, number]) for number in range(5)]
BLOCK = "ab" * 32


def entry(number: int, script: bytes, atoms: int, **more: Any) -> dict[str, Any]:
    """An output as a node lists it, all of its fields in Core's order."""
    return {
        "txid": f"{number:064x}",
        "vout": number % 7,
        "scriptPubKey": script.hex(),
        "desc": f"raw({script.hex()})#checksum",
        "amount": f"@{atoms // 10**8}.{atoms % 10**8:08d}@",
        "coinbase": False,
        "height": 3,
        "blockhash": BLOCK,
        "confirmations": 5,
    } | more


def written(entries: list[dict[str, Any]], separators: tuple[str, str] = (",", ":"), **more: Any) -> bytes:
    """The answer, its amounts as numbers of 8 decimals."""
    total = sum(int(each["amount"].strip("@").replace(".", "")) for each in entries)
    result = {"success": True, "txouts": 9, "height": 7, "bestblock": BLOCK, "unspents": entries}
    result |= {"total_amount": f"@{total // 10**8}.{total % 10**8:08d}@"} | more
    answer = {"jsonrpc": "2.0", "result": result, "id": 1}
    return json.dumps(answer, separators=separators).replace('"@', "").replace('@"', "").encode()


def cut(text: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """`text` in pieces of the given sizes, and what is left."""
    for size in sizes:
        yield text[:size]
        text = text[size:]
    yield text


def read(pieces: Iterable[bytes], part: int = PART) -> tuple[UnspentStream, Any]:
    """The stream after all pieces, and what is left of the answer."""
    stream = UnspentStream(Rewind(SCRIPTS, 7), BITCOIN, 10**9, part)
    for piece in pieces:
        stream.take(piece)
    return stream, decode(stream.rest())


def balances(stream: UnspentStream) -> list[int]:
    return list(stream.rewind.take_back(7, Moves()).values())


LISTS = st.lists(st.tuples(st.sampled_from(SCRIPTS), st.integers(0, 21 * 10**14)), max_size=20)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")])
SIZES = st.lists(st.integers(1, 900), max_size=20)


@given(LISTS, SIZES, SEPARATORS, st.integers(1, 2000), st.text(alphabet='[]{},:"\\ unspet', max_size=20))
def test_an_answer_cut_anywhere_is_read_as_when_it_comes_whole(
    paid: list[tuple[bytes, int]], sizes: list[int], separators: tuple[str, str], part: int, note: str
) -> None:
    entries = [entry(number, script, atoms) for number, (script, atoms) in enumerate(paid)]
    stream, left = read(cut(written(entries, separators, note=note), sizes), part)
    expected = [sum(atoms for script, atoms in paid if script == asked) for asked in SCRIPTS]
    assert balances(stream) == expected
    assert stream.atoms == sum(expected)
    assert left["result"]["unspents"] == []
    assert left["result"]["note"] == note


@given(st.text(alphabet='[]{},:"\\ unspet', max_size=30), SEPARATORS)
def test_what_a_description_says_never_makes_another_balance(text: str, separators: tuple[str, str]) -> None:
    entries = [entry(1, SCRIPTS[0], 5, desc=text), entry(2, SCRIPTS[1], 6, desc='"unspents":[' + text)]
    refused = None
    try:
        stream, left = read(cut(written(entries, separators), range(1, 60)), 1)
        scan_of(left["result"], BITCOIN)
    except NodeError as error:  # where a cut was seen that is none
        refused = error.why
    assert refused is Why.MALFORMED or balances(stream)[:2] == [5, 6]


def test_a_description_with_brackets_is_read() -> None:
    tree = "tr([00000000/86h]02ab,{pk(03cd),{pk(03ef),pk(03ff)}})#checksum"
    stream, _ = read([written([entry(1, SCRIPTS[0], 5, desc=tree), entry(2, SCRIPTS[1], 6, desc=tree)])], 1)
    assert balances(stream)[:2] == [5, 6]


@pytest.mark.parametrize(
    ("amount", "atoms"), [("1e-8", 1), ("1", 10**8), ("0.5", 5 * 10**7), ("2.1E7", 21 * 10**14), ("0.10", 10**7)]
)
def test_amounts_are_exact_in_whatever_way_json_may_write_them(amount: str, atoms: int) -> None:
    text = written([entry(1, SCRIPTS[0], 7), entry(2, SCRIPTS[1], 8)]).replace(b"0.00000007", amount.encode(), 1)
    assert balances(read([text])[0])[:2] == [atoms, 8]


@given(st.data())
def test_an_answer_that_is_cut_short_is_refused(data: st.DataObject) -> None:
    text = written([entry(number, SCRIPTS[0], number) for number in range(3)])
    with pytest.raises(NodeError) as error:
        read([text[: data.draw(st.integers(0, len(text) - 1))]], data.draw(st.sampled_from([1, PART])))
    assert error.value.why is Why.MALFORMED


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


GOOD = written([entry(1, SCRIPTS[0], 7), entry(2, SCRIPTS[1], 8)]).decode()
BROKEN = {
    "an amount in a string": GOOD.replace("0.00000007", '"0.00000007"'),
    "an amount of 9 decimals": GOOD.replace("0.00000007", "0.000000071"),
    "a negative amount": GOOD.replace("0.00000007", "-0.00000007"),
    "an amount above 21 million": GOOD.replace("0.00000007", "21000000.00000001"),
    "an amount that is an object": GOOD.replace("0.00000007", "{}"),
    "an amount that is null": GOOD.replace("0.00000007", "null"),
    "an amount without digits": GOOD.replace("0.00000007", ""),
    "an output without an amount": GOOD.replace('"amount":0.00000007,', ""),
    "an output of no height": GOOD.replace('"height":3', '"height":null'),
    "an output of height zero": GOOD.replace('"height":3', '"height":0'),
    "an output of a negative height": GOOD.replace('"height":3', '"height":-3'),
    "an output of half a height": GOOD.replace('"height":3', '"height":3.5'),
    "an output of a short transaction id": GOOD.replace(f"{1:064x}", f"{1:062x}"),
    "an output of a transaction id that is no hex": GOOD.replace(f"{1:064x}", "g" * 64),
    "an output of a negative number": GOOD.replace('"vout":1', '"vout":-1'),
    "an output of a number too large": GOOD.replace('"vout":1', f'"vout":{2**32}'),
    "an output whose number is true": GOOD.replace('"vout":1', '"vout":true'),
    "a script of half a byte": GOOD.replace('"scriptPubKey":"5100"', '"scriptPubKey":"510"'),
    "a script with a blank": GOOD.replace('"scriptPubKey":"5100"', '"scriptPubKey":"51 00"'),
    "a script that was not asked for": GOOD.replace('"scriptPubKey":"5100"', '"scriptPubKey":"52"'),
    "an output twice": written([entry(1, SCRIPTS[0], 7)] * 2).decode(),
    "an output that is a number": GOOD.replace('"unspents":[', '"unspents":[7,'),
    "an output that is a list": GOOD.replace('"unspents":[', '"unspents":[[],'),
    "outputs that nest": GOOD.replace('"coinbase":false', '"coinbase":' + nested(100_000)),
    "lists that nest": GOOD.replace('"coinbase":false', '"coinbase":' + "[" * 100_000 + "]" * 100_000),
    "a number behind the list of outputs": GOOD.replace('}],"total', '},7],"total'),
    "a comma behind the last output": GOOD.replace('}],"total', '},],"total'),
    "a second list of outputs": GOOD.replace('"total_amount"', '"unspents":[{}],"total_amount"'),
    "a list that is an object": GOOD.replace('"unspents":[', '"unspents":{').replace('}],"total', '}},"total'),
    "no list": GOOD.replace('"unspents"', '"unspent"'),
}


@each_of("name", BROKEN)
@each_of("part", [1, PART])
def test_a_list_that_is_not_as_documented_is_refused(name: str, part: int) -> None:
    assert BROKEN[name] != GOOD
    with pytest.raises(NodeError) as error:
        scan_of(read(cut(BROKEN[name].encode(), [200, 300]), part)[1]["result"], BITCOIN)
    assert error.value.why is Why.MALFORMED


@pytest.mark.parametrize(
    "before", [b"", b'{"id":1,"result":{"unspents":[', b'{"id":1,"result":{"unspents":[{"desc":"}']
)
def test_text_that_never_comes_to_a_cut_is_not_gathered_without_end(before: bytes) -> None:
    stream = UnspentStream(Rewind(SCRIPTS, 7), BITCOIN, 10**9)
    stream.take(before)
    for _ in range(MOST_LEFT // PART - 1):
        stream.take(b"}" * PART)
    with pytest.raises(NodeError, match="documented"):
        stream.take(b"}" * 2 * PART)


def test_an_error_of_the_node_is_left_as_it_is() -> None:
    answer = b'{"result":null,"error":{"code":-8,"message":"the \\"unspents\\":[ are being scanned"},"id":1}'
    assert read([answer], 1)[1] == json.loads(answer)
