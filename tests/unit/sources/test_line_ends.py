"""A digest that does not fit because line ends were changed on the way, explained; and no other one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources.addresses import load_claim, read_claim
from scanner.sources.line_ends import explained, other_digests

ONE = f"0x{1:040x}"
CLAIM = f"""\
version: 1
exchange: Example
as_of: 2023-11-22T16:00:00Z
assets: {{ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}}}
liabilities: {{ETH: "1"}}
holdings:
  - {{asset: ETH, account: "{ONE}"}}
"""
ROWS = f"chain,address,asset,amount\nETH,{ONE},ETH,1.5\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"ab\r\n\n"])))
def test_both_kinds_of_line_ends_are_tried_wherever_the_pieces_of_a_text_end(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    unix = data.replace(b"\r\n", b"\n")
    digests = {"LF": sha256(unix), "CRLF": sha256(unix.replace(b"\n", b"\r\n"))}
    others = {ends: digest for ends, digest in digests.items() if digest != sha256(data)}
    assert other_digests(pieces, sha256(data)) == others


@pytest.mark.parametrize(("ends", "were", "are"), [("LF", "\n", "\r\n"), ("CRLF", "\r\n", "\n")])
def test_a_claim_whose_line_ends_were_changed_says_so_to_the_digest_it_had(
    tmp_path: Path, ends: str, were: str, are: str
) -> None:
    before, after = (CLAIM.replace("\n", end).encode() for end in (were, are))
    path = tmp_path / "claim.yaml"
    path.write_bytes(after)
    claim = load_claim(path)
    assert claim.with_other_line_ends(sha256(before)) == (
        f"; its line ends were changed on its way: with {ends} it is that claim"
    )
    assert claim.with_other_line_ends(sha256(after)) == ""
    assert claim.with_other_line_ends("0" * 64) == ""


def test_a_file_of_rows_whose_line_ends_were_changed_says_so_and_is_refused_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS.replace("\n", "\r\n").encode())
    meant = sha256(ROWS.encode())
    head = CLAIM.partition("assets:")[0]
    text = f"{head}liabilities: {{ETH: null}}\nholdings: [{{file: a.csv, layout: plain, sha256: {meant}}}]\n"
    with pytest.raises(InputError, match="its line ends were changed on its way: with LF it is that file"):
        read_claim(tmp_path / "claim.yaml", text.encode())


def test_a_file_that_is_gone_meanwhile_is_not_explained(tmp_path: Path) -> None:
    assert explained(tmp_path / "a.csv", "0" * 64, "1" * 64) == ""
