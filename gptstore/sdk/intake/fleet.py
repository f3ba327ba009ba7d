"""What a fleet has already: packages whose versions are not a plugin's choice."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires

SDK = "gptstore-sdk"

STORE_REQUIREMENTS = (
    "celery>=5.7",
    "django-csp>=4",
    "django>=5.2,<5.3",
    "kombu>=5.7",
    "llguidance>=1.9",
    "numpy>=2",
    "pypdfium2>=5",
    "torch==2.13.0",
    "transformers>=5.20",
)
"""Versions that a store requires of packages in requirements/*.in: a plugin may be installed beside them."""


def sdk_requirements() -> list[str]:
    """Return what gptstore-sdk itself requires, without its extras: each plugin runs with it."""
    try:
        return [line for line in requires(SDK) or [] if "extra ==" not in line]
    except PackageNotFoundError:
        return []
