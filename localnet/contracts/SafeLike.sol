// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Names owners and a threshold as a Safe does. Owners are in slot 0 (an array), the threshold in slot 1.
contract SafeLike {
    address[] internal owners;
    uint256 public getThreshold;

    function getOwners() external view returns (address[] memory) {
        return owners;
    }

    receive() external payable {}
}
