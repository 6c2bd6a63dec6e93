"""Full nodes of Aptos over their REST API: coins and fungible assets at any version they keep. `node` is the way in."""
