// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Says who signed the on-chain form of a reserve attestation (EIP-712; docs/onchain.md). Permits nothing by itself:
/// whoever builds on it decides whose signature counts, and how old a report may be.
contract ReserveVerifier {
    struct UnitReserve {
        string unit;
        uint8 decimals;
        uint256 held;
        bool owedKnown;
        uint256 owed;
        string verdict;
    }

    struct ReserveAttestation {
        bytes32 dsseDigest;
        bytes32 claimDigest;
        string exchange;
        uint64 asOf;
        string verdict;
        UnitReserve[] units;
    }

    bytes32 private constant UNIT_TYPE = keccak256(
        "UnitReserve(string unit,uint8 decimals,uint256 held,bool owedKnown,uint256 owed,string verdict)"
    );
    bytes32 private constant ATTESTATION_TYPE = keccak256(
        "ReserveAttestation(bytes32 dsseDigest,bytes32 claimDigest,string exchange,uint64 asOf,string verdict,UnitReserve[] units)UnitReserve(string unit,uint8 decimals,uint256 held,bool owedKnown,uint256 owed,string verdict)"
    );
    // No chain and no contract: one signature serves all of them.
    bytes32 private constant DOMAIN = keccak256(
        abi.encode(keccak256("EIP712Domain(string name,string version)"), keccak256("Reserve attestation"), keccak256("1"))
    );

    /// The 32 bytes that are signed.
    function digest(ReserveAttestation calldata stated) public pure returns (bytes32) {
        bytes32[] memory units = new bytes32[](stated.units.length);
        for (uint256 i = 0; i < units.length; i++) {
            units[i] = _unit(stated.units[i]);
        }
        bytes32 message = keccak256(
            abi.encode(
                ATTESTATION_TYPE,
                stated.dsseDigest,
                stated.claimDigest,
                keccak256(bytes(stated.exchange)),
                stated.asOf,
                keccak256(bytes(stated.verdict)),
                keccak256(abi.encodePacked(units))
            )
        );
        return keccak256(abi.encodePacked(hex"1901", DOMAIN, message));
    }

    /// Who signed it, by 65 bytes r, s, v with s in the lower half of the order (EIP-2). Reverts for any other.
    function signer(ReserveAttestation calldata stated, bytes calldata signature) external pure returns (address) {
        require(signature.length == 65, "65 bytes are expected");
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        require(uint256(s) <= 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0, "s is too high");
        address recovered = ecrecover(digest(stated), uint8(signature[64]), r, s);
        require(recovered != address(0), "no signature");
        return recovered;
    }

    function _unit(UnitReserve calldata unit) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                UNIT_TYPE,
                keccak256(bytes(unit.unit)),
                unit.decimals,
                unit.held,
                unit.owedKnown,
                unit.owed,
                keccak256(bytes(unit.verdict))
            )
        );
    }
}
