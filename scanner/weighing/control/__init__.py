"""Who controls the holdings of a claim: from published signatures and chains' answers to one word for each."""
