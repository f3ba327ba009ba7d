"""Somebody who uses the store."""

from dataclasses import dataclass

PASSWORD = "a phrase that nobody guesses"


@dataclass(frozen=True)
class Person:
    """`session` is the cookie of a browser in which they signed in, `key` one of their API keys."""

    name: str
    session: str
    key: str
    password: str = PASSWORD
