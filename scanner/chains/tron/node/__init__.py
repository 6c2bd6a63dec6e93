"""Tron full nodes over HTTP: TRX and TRC-20 tokens as they are at the newest solidified block. `node` is the way in."""
