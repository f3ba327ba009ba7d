"""The errors of bundles. Each message is a sentence that says what to do, where that is not plain."""

from __future__ import annotations


class BundleError(Exception):
    """Raised when a file is no bundle, or not as a bundle has to be. Only another file can help.

    The message quotes the file, which may be hostile: no character of it moves a terminal's cursor.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def printable(text: str) -> str:
    """Return the text with control characters shown as Python writes them."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


class SigningKeyError(Exception):
    """Raised when a key cannot be read, or is of another kind. Another key can help."""


class AdapterError(Exception):
    """Raised when a folder is no adapter in PEFT's format, or holds more. Mending the folder helps."""


class ReleaseFolderError(Exception):
    """Raised when a store's folder of releases cannot be changed as asked. Doing what the message says can help."""
