"""Operator hooks that mask personal data: they write `[email]`, `[phone]` and `[card]` in its place."""
