// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// Reverts when asked for the balance of one account, which stands in slot 3.
contract RefusingToken is Described {
    mapping(address => uint256) private balances;
    address public refused;

    function balanceOf(address account) external view returns (uint256) {
        require(account != refused, "refused");
        return balances[account];
    }
}
