"""How keys look whose owners gave them a form, so that they are found and nothing else is."""

from __future__ import annotations

import re

_BASE64 = "[A-Za-z0-9+/=]{32,}"

PATTERNS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s|[A-Z][\w-]+: \S+)+" + _BASE64,
    "a key of AWS": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b",
    "a token of GitLab": r"\bglpat-[\w-]{20,}",
    "a key of OpenAI": r"\bsk-(?:proj-|svcacct-|admin-)?[\w-]{10,}T3BlbkFJ[\w-]{10,}",
    "a key of Anthropic": r"\bsk-ant-[a-z]+\d\d-[\w-]{80,}",
    "a token of Hugging Face": r"\bhf_[A-Za-z]{34}\b",
    "a key of Google": r"\bAIza[\w-]{35}\b",
    "a token of Slack": r"\bxox[abeoprs]-\d{8,}-[\w-]{10,}",
    "an address of a Slack webhook": r"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}",
    "a key of Stripe": r"\b[rs]k_live_[A-Za-z0-9]{24,}",
    "a key of SendGrid": r"\bSG\.[\w-]{22}\.[\w-]{43}",
    "a token of npm": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a token of PyPI": r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}",
    "a key of a gptstore": r"\bgs_[A-Za-z0-9]{40}\b",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"{}<>$%]+:(?P<word>[^\s/:@'\"{}<>$%]{8,})@[\w.-]+\.[a-z]{2,}",
}
"""What each is, and the regular expression that finds it."""

ANY = re.compile("|".join(f"(?P<k{number}>{pattern})" for number, pattern in enumerate(PATTERNS.values())))
"""All at once: the group that matched has the number of the kind."""

KINDS = [*PATTERNS]
