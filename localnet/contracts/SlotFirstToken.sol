// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// Balances where Vyper puts them: keccak256(2 . account), the slot before the key.
contract SlotFirstToken is Described {
    function balanceOf(address account) external view returns (uint256 held) {
        bytes32 slot = keccak256(abi.encode(uint256(2), account));
        assembly {
            held := sload(slot)
        }
    }
}
