// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// Balances where Circle's tokens keep them, in the low 255 bits at keccak256(account . 9); the highest bit blacklists.
contract FiatToken is Described {
    uint256[7] private unused;
    mapping(address => uint256) private balanceAndBlacklistStates;

    function balanceOf(address account) external view returns (uint256) {
        return balanceAndBlacklistStates[account] & ((1 << 255) - 1);
    }
}
