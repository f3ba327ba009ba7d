"""The sentence for each rule that an input can break, by the rule's keyword in JSON Schema.

The form, the API and the tool's own check use the same sentences, whichever way they find an error.
"""

from __future__ import annotations

from typing import Any

from gptstore.sdk.translation import ENGLISH, Translation

REQUIRED, UNKNOWN, UNSTORABLE, TYPE, FORMAT, SIZE = "required", "unknown", "characters", "type", "format", "fileSize"
LAST_ROLE = "x-last-role"


def error_message(rule: str, value: Any, got: Any = None, words: Translation = ENGLISH) -> str:
    """Return the advice for an input that breaks this rule; "" for a rule that has no sentence here.

    value: the rule's value, as in `{"maxLength": 20}`; for `unknown`, the names that are known. got: the input.
    """
    match rule:
        case "type":
            return words.gettext("This must be %(type)s.") % {"type": _type_name(value, words)}
        case "enum":
            return words.gettext("Choose one of: %(choices)s.") % {"choices": ", ".join(map(str, value))}
        case "minItems":
            return words.ngettext("At least %(n)s entry.", "At least %(n)s entries.", value) % {"n": value}
        case "maxItems":
            return words.ngettext("At most %(n)s entry.", "At most %(n)s entries.", value) % {"n": value}
        case "minimum":
            return words.gettext("At least %(n)s.") % {"n": value}
        case "maximum":
            return words.gettext("At most %(n)s.") % {"n": value}
        case "exclusiveMinimum":
            return words.gettext("More than %(n)s.") % {"n": value}
        case "exclusiveMaximum":
            return words.gettext("Less than %(n)s.") % {"n": value}
        case "minLength" | "maxLength" | "pattern" | "characters":
            return _text_message(rule, value, got, words)
        case "format":
            return words.gettext("This must be a date, such as 2026-01-31.")
        case "file":
            return words.gettext("This must be a file, as an object with its name and its data in Base64, or a text.")
        case "fileType":
            return words.gettext("Send a file of one of these kinds: %(kinds)s.") % {"kinds": ", ".join(value)}
        case "fileSize":
            return words.gettext("The files of an input may have %(max)s KB together; these have %(got)s KB.") % {
                "max": value // 1000,
                "got": -(-got // 1000),
            }
        case "uniqueItems":
            return words.gettext("Each entry only once.")
        case "required":
            return words.gettext("This field is required.")
        case "unknown":
            return _unknown_message(value, words)
        case "x-last-role":
            return words.gettext("The last message must have the role %(role)s.") % {"role": value}
    return ""


def not_an_object(words: Translation = ENGLISH) -> str:
    """Return the message for a whole input of the wrong form."""
    return words.gettext("The input must be an object with one entry for each field.")


def too_deep(words: Translation = ENGLISH) -> str:
    """Return the message for a whole input that cannot be checked, since it holds too many lists in lists."""
    return words.gettext("The input is nested too deeply.")


def of_entry(position: int, message: str, words: Translation = ENGLISH) -> str:
    """Prefix a message with the entry of a list that it is about; the first has the position 0."""
    return words.gettext("Entry %(n)s: %(message)s") % {"n": position + 1, "message": message}


def _text_message(rule: str, value: Any, got: Any, words: Translation) -> str:
    match rule:
        case "minLength" if got:
            text = words.ngettext("At least %(n)s character.", "At least %(n)s characters.", value)
            return text % {"n": value}
        case "maxLength":
            text = words.ngettext(
                "At most %(n)s character; this has %(got)s.", "At most %(n)s characters; this has %(got)s.", value
            )
            return text % {"n": value, "got": len(got)}
        case "pattern":
            return words.gettext("This must match the pattern %(pattern)s.") % {"pattern": value}
        case "characters":
            return words.gettext("This holds a character or a number that cannot be kept, such as NUL. Remove it.")
    return words.gettext("This field is required.")


def _unknown_message(known: Any, words: Translation) -> str:
    if not known:
        return words.gettext("There is no such field. This tool has no inputs.")
    return words.gettext("There is no such field. Known fields: %(names)s.") % {"names": ", ".join(known)}


def _type_name(kind: object, words: Translation) -> str:
    names = {
        "string": words.gettext("a text"),
        "integer": words.gettext("a whole number"),
        "number": words.gettext("a number"),
        "boolean": words.gettext("true or false"),
        "array": words.gettext("a list"),
        "object": words.gettext("an object"),
    }
    return names.get(str(kind), str(kind))
