"""Operator hooks that mask personal data: they write `[email]`, `[iban]`, `[card]` and `[phone]` in its place."""
