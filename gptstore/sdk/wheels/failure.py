"""Says in one sentence why uv failed, with the mend, where we know the reason. uv explains it in a paragraph."""

from __future__ import annotations

import re

NAME = r"`?([A-Za-z0-9][A-Za-z0-9._-]*)`?(?:\[[^\]]*\])?(?:[<>=!~,][^\s,]*)*"
MAX_REASON = 500
NETWORK = re.compile(r"[Ff]ailed to fetch|error sending request|dns error|tcp connect|[Nn]etwork (?:was|is) disabled")
STATUS = re.compile(r"HTTP status \w+ error \((\d+[^)]*)\)(?: for url \((?:[^)]*/)?([^)/]+)/?\))?")
NO_WHEEL = re.compile(rf"{NAME} has no usable wheels|Building source distributions for {NAME} is disabled")
OTHER_PLATFORM = re.compile(rf"{NAME} has no (?:\w+ )*wheels with a matching")
OTHER_PYTHON = re.compile(rf"Python version .*? does not satisfy.*?and {NAME} depends", re.DOTALL)
UNKNOWN = re.compile(rf"{NAME} was not found in (?:the package registry|the provided package locations)")


def explain(output: str, platform: str) -> str:
    """Return the sentence for what uv said when it resolved dependencies for a platform."""
    text = " ".join(output.replace("cause: ", "").split())
    if found := STATUS.search(text):
        return f"The package index answers {found[1]} for {found[2] or 'a package'}. Try again later."
    if NETWORK.search(text):
        host = re.search(r"https?://(?:[^/\s@]*@)?([^/\s`]+)", text)
        place = f" ({host[1]})" if host else ""
        return f"The package index{place} does not answer. Build again with a network; what a lock names is kept then."
    if found := OTHER_PLATFORM.search(text):
        return f"{found[1]} has no wheel for {platform}. Choose another version or package, or leave the platform out."
    if found := NO_WHEEL.search(text):
        name = found[1] or found[2]
        return f"{name} has no wheels, only its source, and a store compiles nothing. Choose a package that has wheels."
    if found := UNKNOWN.search(text):
        return f"No index has a package {found[1]}. Is the name right? --find-links FOLDER adds wheels of your own."
    reason = re.sub(r"^error: (No solution found when resolving dependencies:? ?)?", "", text).partition(" hint: ")[0]
    return f"The dependencies cannot be locked for {platform}: {reason[:MAX_REASON]}"
