"""Limits that the greedy tool runs into, by what it takes: those of its author and those of the site."""

OWN: dict[str, tuple[dict[str, int], str]] = {
    "output": ({"max_output_bytes": 10_000}, "10,000 bytes of output"),
    "lines": ({"max_log_lines": 5}, "5 lines"),
    "tokens": ({"max_model_tokens": 30}, "30 tokens"),
    "passed": ({"max_model_tokens": 30}, "30 tokens"),
}
SITE: dict[str, tuple[str, int, str]] = {
    "output": ("tool_output_mb", 1, "1 MB of output"),
    "lines": ("tool_log_lines", 7, "7 lines"),
    "tokens": ("tool_model_tokens", 40, "40 tokens"),
    "passed": ("tool_model_tokens", 40, "40 tokens"),
}
