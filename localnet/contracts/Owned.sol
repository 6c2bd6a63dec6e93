// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Names one owner (ERC-173), in slot 0.
contract Owned {
    address public owner;

    receive() external payable {}
}
