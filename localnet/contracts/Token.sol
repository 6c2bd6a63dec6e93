// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// The plain token: balances at keccak256(account . 2), total supply in slot 3.
contract Token is Described {
    mapping(address => uint256) public balanceOf;
    uint256 public totalSupply;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}
