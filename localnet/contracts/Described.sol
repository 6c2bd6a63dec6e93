// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What every token here says of itself. Storage: slot 0 decimals, slot 1 symbol; balances begin at slot 2.
abstract contract Described {
    uint8 public decimals;
    string public symbol;
}
