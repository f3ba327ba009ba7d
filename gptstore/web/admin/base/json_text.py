"""Shows JSON as text that people read: in their letters, and in no more width than there is."""

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def json_text(value: Any) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    style = "white-space: pre-wrap; overflow-wrap: anywhere; max-block-size: 24rem; overflow-y: auto"
    return format_html('<pre dir="ltr" tabindex="0" style="{}">{}</pre>', style, text)
