"""Proxies in the instrument's file: for all nodes or for one, never for one on this machine, and never quoted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_chain
from scanner.clients.redact import Redactor
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError
from scanner.sources.node_url import UrlError
from scanner.sources.nodes import load_instrument
from scanner.sources.proxy_url import parse_proxy
from tests.support.tables import each_of

ENVIRON = {"PROXY": "http://one.example:8080", "USER_": "au@ditor", "WORD": "p:w/%"}
FILE = """\
proxy: http://${{USER_}}:${{WORD}}@one.example:8080
nodes:
  - {{url: "evm+https://a.example/", chain: "eip155:1", operator: a{}}}
  - {{url: "evm+http://127.0.0.1:8545", chain: "eip155:1", operator: b}}
"""


@pytest.mark.parametrize(
    ("template", "proxy"),
    [
        ("none", ""),
        ("${PROXY}", "http://one.example:8080"),
        ("http://One.Example", "http://one.example:3128"),
        ("http://one.example:1/", "http://one.example:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://${USER_}:${WORD}@one.example:8080", "http://au%40ditor:p%3Aw%2F%25@one.example:8080"),
        ("http://a@one.example:8080", "http://a@one.example:8080"),
    ],
)
def test_a_proxy_is_read_with_what_the_environment_has(template: str, proxy: str) -> None:
    assert parse_proxy(template, ENVIRON) == proxy


@each_of(
    "template",
    [
        *(
            "",
            "NONE",
            "one.example:8080",
            "https://one.example",
            "socks5://one.example:1080",
            "http://",
            "http://:8080",
        ),
        *("http://one.example/path", "http://one.example?x", "http://one.example#x", "http://one.example:0"),
        *("http://one.example:99999", "http://one example", "http://a:b\x07@one.example", "http://one.example:80:80"),
    ],
)
def test_what_is_no_proxy_is_refused_and_not_quoted(template: str) -> None:
    with pytest.raises(UrlError) as caught:
        parse_proxy(template, ENVIRON)
    assert "one.example" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_proxy_or_a_mistake(text: str) -> None:
    try:
        proxy = parse_proxy(f"http://{text}".replace("$", ""), {})
    except UrlError:
        return
    assert parse_proxy(proxy, {}) == proxy


def proxies(path: Path, text: str) -> list[str]:
    file = path / "nodes.yaml"
    file.write_text(text)
    return [node.proxy for node in load_instrument(file, ENVIRON).nodes]


def test_all_nodes_but_those_on_this_machine_are_asked_through_the_files_proxy(tmp_path: Path) -> None:
    assert proxies(tmp_path, FILE.format("")) == ["http://au%40ditor:p%3Aw%2F%25@one.example:8080", ""]


def test_a_node_may_have_another_proxy_or_none(tmp_path: Path) -> None:
    assert proxies(tmp_path, FILE.format(", proxy: none")) == ["", ""]
    assert proxies(tmp_path, FILE.format(', proxy: "http://two.example:1"')) == ["http://two.example:1", ""]


def test_a_mistake_names_line_and_key_and_quotes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        proxies(tmp_path, FILE.replace("http://$", "socks5://$").format(", proxy: '${UNSET}'"))
    told = str(caught.value)
    assert "nodes.yaml:1: proxy" in told
    assert "nodes.yaml:3: " in told
    assert "the environment variable UNSET is not set" in told
    assert "one.example" not in told


def test_no_part_of_a_proxy_is_quoted_or_shown() -> None:
    settings = NodeSettings(
        "evm", "https://a.example", "o", parse_chain("eip155:1"), proxy="http://audit%40or:pass%3Aword@one.example:8080"
    )
    assert "one.example" not in repr(settings)
    quoted = Redactor(settings)("via one.example:8080 as audit@or, audit%40or, pass:word, pass%3Aword")
    assert not any(part in quoted for part in ("one.example", "audit", "word"))
