"""The JSON Schemas: published as the code has them, true of every example, and at one with the files' readers."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator, meta

from demo import files
from demo.chains import Chains
from docs import generate
from localnet.block import Block
from scanner.attesting.formats.v1.shape import SHAPE
from scanner.cli import commands, schemas
from scanner.core.amounts import AmountError, parse_stated
from scanner.core.shape import (
    Shape,
    ShapeError,
    array,
    either,
    nullable,
    one_of,
    optional,
    record,
    table,
    text,
    truth,
    whole,
)
from scanner.errors import InputError
from scanner.sources.addresses import load_claim, read_claim
from scanner.sources.claim_shape import CLAIM
from tests.support import small_claim
from tests.support.attestations import small as small_attestation
from tests.support.attestations.attested import TIMED_OUT, agreed, attest, held
from tests.support.attestations.attested_proofs import attest_proven
from tests.support.documented import block
from tests.support.places import ROOT
from tests.support.strength import FULL
from tests.support.tables import each_of


class Core(yaml.SafeLoader):
    """YAML as JSON has it: times are texts, as in YAML 1.2's core schema."""


Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def loaded(text: str) -> Any:
    return yaml.load(text, Core)  # noqa: S506 - a SafeLoader


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schemas.schema(name))


def has_shape(shape: Shape, value: Any) -> bool:
    try:
        shape(value, "value")
    except ShapeError:
        return False
    return True


# --- published, and true of every example


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="pages are written by Python 3.11, whose help and types they show"
)
def test_what_is_published_is_what_the_code_has() -> None:
    """Mended by `make docs`."""
    lying = {path for folder in ("commands", "schema", "tables") for path in (generate.DOCS / folder).iterdir()}
    lying.add(generate.DOCS / "api.md")
    assert lying == set(generate.published())
    for path, written in generate.published().items():
        assert path.read_text("utf-8") == written, f"{path} is not current: make docs"


@pytest.mark.parametrize("name", schemas.NAMES)
def test_each_schema_is_one_of_its_draft_and_the_command_prints_it(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    meta.validate(schemas.schema(name))
    assert commands.main(["schema", name]) == 0
    assert json.loads(capsys.readouterr().out) == schemas.schema(name)


@pytest.mark.parametrize("name", schemas.NAMES)
def test_patterns_are_such_as_every_engine_reads_alike(name: str) -> None:
    """No look-around, no classes beyond ASCII's, no repetition above RE2's limit of 1000, anchored at both ends."""
    for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(schemas.schema(name))):
        plain = json.loads(pattern)
        assert plain.startswith("^(?:")
        assert plain.endswith(")$")
        assert not re.search(r"\(\?[^:]|\\[wdbAZ]", plain), plain
        assert all(int(bound) <= 1000 for bound in re.findall(r"\{(?:\d+,)?(\d+)\}", plain)), plain


CLAIMS = {
    "config/addresses.yaml": (ROOT / "config" / "addresses.yaml").read_text(),
    "tests/support/attestations/small.py": small_attestation.CLAIM,
    "tests/support/small_claim.py": small_claim.CLAIM,
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_every_whole_claim_of_this_repository_is_valid(claim: str) -> None:
    validator("claim").validate(loaded(claim))


def test_the_demo_s_claim_is_valid(tmp_path: Path) -> None:
    block = Block(120, "ab" * 32, 1_700_668_800)
    chains = Chains(bitcoin=(), evm=(), bitcoin_snapshot=block, evm_snapshot=block)  # type: ignore[arg-type]
    files.write_claim(tmp_path / "claim.yaml", load_claim(ROOT / "config" / "addresses.yaml"), chains)
    validator("claim").validate(loaded((tmp_path / "claim.yaml").read_text()))


def test_a_claim_that_import_writes_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    row = 'ETH,ETH,18600000,0x03ae1a796dfe0400439211133d065bda774b9d3e,"1.5",,,,,,\n'
    header = (
        "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key,eoa1,eoa2"
    )
    Path("okx_por.csv").write_text(f"coin,amount\nETH,1.5\n\n{header}\n{row}FOO,BAR,1,xyz,2,,,,,,\n")
    argv = ["import", "okx_por.csv", "--layout", "okx", "--out", "claim.yaml", "--as-of", "2023-11-22T16:00:00Z"]
    assert commands.main(argv) == 0
    validator("claim").validate(loaded(Path("claim.yaml").read_text()))


def test_every_part_of_a_claim_in_the_documents_is_valid() -> None:
    parts = 0
    for page in (ROOT / "docs").rglob("*.md"):
        for part in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            for key, value in loaded(part).items():
                if key in CLAIM.fields:
                    Draft202012Validator(CLAIM.fields[key].schema).validate(value)
                    parts += 1
    assert parts


PREDICATES = {
    "docs/predicate.md": json.loads(block("json"))["predicate"],
    "everything covered": attest().statement["predicate"],
    "a gap": attest(held(usdt_carol=TIMED_OUT)).statement["predicate"],
    "proven": attest_proven().statement["predicate"],
    "nothing read": attest(dict.fromkeys(held(), TIMED_OUT), snapshots=(), operators={}).statement["predicate"],
    "beyond any number": attest(held(eth_bob=agreed(2**256 - 1))).statement["predicate"],
}


@pytest.mark.parametrize("predicate", PREDICATES.values(), ids=PREDICATES)
def test_every_predicate_is_valid(predicate: Any) -> None:
    validator("predicate").validate(predicate)


# --- a shape and its schema take the same values

SHAPES: dict[str, tuple[Shape, tuple[Any, ...], tuple[Any, ...]]] = {
    "record": (
        record(a=whole(), b=optional(truth)),
        ({"a": 1}, {"a": 1, "b": True}),
        ({}, {"b": True}, {"a": 1, "c": 1}, {"a": 1, "b": None}, [], None),
    ),
    "table": (table(text("[a-z]"), whole(), least=1), ({"a": 1}, {"a": 1, "b": 2}), ({}, {"A": 1}, {"a": "1"}, [])),
    "array": (array(whole(), 2, least=1), ([1], [1, 2]), ([], [1, 2, 3], ["1"], {}, None)),
    "array of any length": (array(whole(), None), ([], [1] * 100), ([None],)),
    "text": (text(), ("", "a" * 2000, "\n"), ("a" * 2001, 1, None, [])),
    "text of a pattern": (text("a|bc", "a or bc"), ("a", "bc"), ("", "ab", "abc", "xa", "bcx")),
    "text of a length": (text("[ab]+", "ab", least=2, most=3), ("ab", "aba"), ("a", "abab", "abc")),
    "one of": (one_of("a", "b"), ("a", "b"), ("", "c", "ab", None, 1, ["a"])),
    "whole": (whole(1, 3), (1, 3), (0, 4, -1, "1", True, None, 1.5)),
    "whole without a bound": (whole(), (0, 2**53 - 1), (-1, 2**53)),
    "truth": (truth, (True, False), (0, 1, "true", None)),
    "nullable": (nullable(whole()), (None, 1), ("", -1, False)),
    "either": (either(whole(), text("[a-z]+"), nullable(truth)), (1, "a", None, True), (-1, "1", [], {})),
}


@each_of(("shape", "good", "bad"), SHAPES.values(), ids=SHAPES)
def test_a_shape_and_its_schema_take_and_refuse_the_same(
    shape: Shape, good: tuple[Any, ...], bad: tuple[Any, ...]
) -> None:
    schema = Draft202012Validator(shape.schema)
    for value in good:
        assert has_shape(shape, value), value
        assert schema.is_valid(value), value
    for value in bad:
        assert not has_shape(shape, value), value
        assert not schema.is_valid(value), value


def test_keys_that_must_be_there_and_keys_that_may_are_told_apart() -> None:
    assert record(a=whole(), b=optional(truth), c=whole()).keys == (("a", "c"), ("b",))


# --- values spoiled at every place

ANYTHING: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 36, 37, 10**12, 10**12 + 1, 1.5, "", "x", " x", "x\n", "0", "1.", "1.50", "0.1", "-1",
    "1e3", "103%", "%", "null", "a b", "x" * 64, "x" * 65, "x" * 201, "1" * 81, "ab" * 32, "AB" * 32,
    "2023-02-30T00:00:00Z", "2023-11-22T16:00:00Z", "2023-11-22", "https://a", "eip155:1", "eip155:1/slip44:60", "BTC",
    "COVERED", [], ["x"], ["BTC", "BTC"], {}, {"x": "y"}, {"amount": "1"}, {"amount": None, "stated_ratio": "1%"},
)  # fmt: skip
_Path = tuple[str | int, ...]


def places(value: Any, path: _Path = ()) -> Iterator[_Path]:
    """Every place in a value, from the outside to the inside, the value itself left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def at(value: Any, path: _Path) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(value: Any, path: _Path, change: Callable[[Any, Any], object]) -> Any:
    """A copy in which `change` was called with the container of that place, and the key. What does not lie on the way
    there is shared: no one changes it."""
    spoiled = container = copy.copy(value)
    for step in path[:-1]:
        container[step] = container = copy.copy(container[step])
    change(container, path[-1])
    return spoiled


def put(new: Any) -> Callable[[Any, Any], object]:
    return lambda container, key: container.__setitem__(key, new)


def remove(container: Any, key: Any) -> None:
    del container[key]


def beside(container: Any, key: Any) -> None:
    """Something more, beside what is there: an unknown key, or an item twice."""
    if isinstance(container, dict):
        container["unknown"] = container[key]
    else:
        container.append(container[key])


def spoilings(value: Any, *, further: bool = True) -> Iterator[Any]:
    """The value with something wrong at one place; without `further`, only at the first item of each list."""
    paths = [path for path in places(value) if further or not any(isinstance(step, int) and step for step in path)]
    ways = [(path, change) for path in paths for change in (remove, beside, *map(put, ANYTHING))]
    for path, change in ways[:: 1 if FULL else 11]:  # all of them in `make test`
        yield changed(value, path, change)


FULL_CLAIM = loaded(small_attestation.CLAIM) | {
    "complete": False,
    "challenge": "sign this",
    "share_of_all_owed": "16.5%",
    "movements": {"issued": "2023-11-22T16:00:00Z", "deadline": "2023-11-24T16:00:00Z"},
    "report": {"title": "T", "published": "2023-11-23", "url": "https://a.example/b", "sha256": "ab" * 32},
    "labels": [
        {"label": "WETH", "network": "ETH", "id": f"eip155:1/erc20:0x{'c0' * 20}", "backs": "ETH", "decimals": 18}
    ],
}
FULL_CLAIM["holdings"].append(
    {
        "asset": "BTC",
        "account": "1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK",
        "ownership": {"scheme": "bip137", "message": "m", "signatures": ["s"], "key": "02", "owners": ["o"]},
    }
)
FULL_CLAIM["holdings"].append(
    {
        "asset": "BTC",
        "account": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        "ownership": {"scheme": "movement", "transaction": "ab" * 32, "height": 817_910},
    }
)

# What a reader refuses and a table cannot: what names mean, and what stands elsewhere.
BEYOND = [
    r"is no asset of this claim", r"is no liability", r"no asset backs", r"no asset is of the chain", r"assets missing",
    r"stands already", r"stands twice", r"cannot be seen", r"is not .* address", r"EIP-55", r"is no account",
    r"are not 20 bytes", r"the native asset of .* has", r"the native asset of .* is slip44", r"slip44 takes a decimal",
    r"erc20", r"is no CAIP", r"expected a time in UTC", r"expected a date", r"is named by", r"more than the asset's",
    r"shows the native balances", r"is the native asset of .* already", r"backs \w+ under the label",
    r"movements missing", r"challenge missing", r"expected a time after that", r"is more than all that is owed",
    r"decimals under the label", r"stands at line", r"an amount belongs to one asset",
]  # fmt: skip


def read(value: Any) -> list[str]:
    """The mistakes that the claim's reader finds. JSON is YAML too."""
    try:
        read_claim(Path("claim.json"), json.dumps(value, ensure_ascii=False).encode())
    except InputError as error:
        return [mistake.what for mistake in error.mistakes]
    return []


def agree(schema: Draft202012Validator, value: Any) -> None:
    """The reader accepts no claim that the schema refuses, and refuses others for what no schema can say."""
    mistakes, valid = read(value), schema.is_valid(value)
    assert mistakes or valid, f"only the schema refuses: {[error.message for error in schema.iter_errors(value)]}"
    unsaid = [mistake for mistake in mistakes if not any(re.search(reason, mistake) for reason in BEYOND)]
    assert not (valid and unsaid), f"only the reader refuses: {unsaid}"


def test_the_full_claim_is_one() -> None:
    assert read(FULL_CLAIM) == []
    assert {key for path in places(FULL_CLAIM) for key in path} >= {*CLAIM.fields}


def test_a_claim_spoiled_at_any_place_is_refused_by_reader_and_schema_alike() -> None:
    schema = validator("claim")
    for value in spoilings(FULL_CLAIM):
        agree(schema, value)
        assert schema.is_valid(value) == has_shape(CLAIM, value)


@given(st.data())
def test_claims_spoiled_at_several_places_are_too(data: st.DataObject) -> None:
    value = FULL_CLAIM
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(list(places(value))))
        new = st.sampled_from(ANYTHING) | st.text(max_size=70) | st.integers(-2, 10**13) | st.sampled_from(FULL_PARTS)
        change = data.draw(st.sampled_from([remove, beside]) | st.builds(put, new))
        value = changed(value, path, change)
        if not list(places(value)):
            break
    agree(validator("claim"), value)


FULL_PARTS = [at(FULL_CLAIM, path) for path in places(FULL_CLAIM)]


def test_a_predicate_spoiled_at_any_place_is_refused_by_shape_and_schema_alike() -> None:
    schema = validator("predicate")
    refused = 0
    for value in spoilings(PREDICATES["docs/predicate.md"], further=False):
        valid = schema.is_valid(value)
        refused += not valid
        assert valid == has_shape(SHAPE, value)
    assert refused > 100


@pytest.mark.parametrize("amount", ["9" * 80, "0." + "1" * 60, "9" * 81, "0." + "1" * 61])
def test_claim_policy_and_predicate_take_the_same_amounts(amount: str) -> None:
    """A claim that one of them takes and another refuses ends a scan after everything was read."""
    stated = CLAIM.fields["custody"].schema["items"]["properties"]["amount"]["pattern"]
    finding = SHAPE.fields["finding"].fields
    threshold = finding["policy"].fields["threshold"].schema["pattern"]
    owed = finding["reserves"].schema["items"]["properties"]["owed"]["anyOf"][0]["pattern"]
    taken = {bool(re.fullmatch(pattern, amount)) for pattern in (stated, threshold, owed)}
    try:
        parse_stated(amount)
    except AmountError:
        assert taken == {False}
    else:
        assert taken == {True}
