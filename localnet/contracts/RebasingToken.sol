// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// A balance that no storage slot holds: shares (slot 2) times an index (slot 3) over 1e18.
contract RebasingToken is Described {
    mapping(address => uint256) public sharesOf;
    uint256 public index;

    function balanceOf(address account) external view returns (uint256) {
        return (sharesOf[account] * index) / 1e18;
    }
}
