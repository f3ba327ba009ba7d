"""Measures the pages of a store with many tools and many runs."""
