"""Each source's records become staging rows: read, checked against the contract, written by COPY."""
