"""The index of tools that search reads: what they are found by, and in which order, kept like their table."""
