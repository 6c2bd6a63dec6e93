"""EOS (Vaulta) and its kin: what is known of this family of chains."""
