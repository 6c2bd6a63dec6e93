// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "./Described.sol";

/// Balances below a root by ERC-7201, for the namespace "localnet.token".
contract NamespacedToken is Described {
    function balanceOf(address account) external view returns (uint256 held) {
        bytes32 root = keccak256(abi.encode(uint256(keccak256("localnet.token")) - 1)) & ~bytes32(uint256(0xff));
        bytes32 slot = keccak256(abi.encode(account, root));
        assembly {
            held := sload(slot)
        }
    }
}
