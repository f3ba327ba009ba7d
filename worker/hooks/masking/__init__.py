"""Operator hooks that write `[email]`, `[phone]` and `[card]` instead of what belongs to one person."""
