// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// Answers a balance with 31 bytes instead of 32: the call succeeds and means nothing.
contract ShortAnswerToken is Described {
    mapping(address => uint256) private balances;

    function balanceOf(address account) external view returns (uint256) {
        uint256 held = balances[account];
        assembly {
            mstore(0, held)
            return(0, 31)
        }
    }
}
