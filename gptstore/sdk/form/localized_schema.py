"""A tool's texts in a reader's language, as far as its plugin has them: those of its input schema, for its form."""

from __future__ import annotations

from collections.abc import Mapping

from gptstore.sdk.form.properties import Property, Schema

Texts = Mapping[str, str]
SHOWN = ("title", "description", "x-placeholder", "x-group")


def find_texts(translations: Mapping[str, Texts], language: str) -> Texts:
    """Return the texts of a language, else of a less special one: "zh" for "zh-hans", "pt" for "pt-br"."""
    by_code = {code.casefold(): texts for code, texts in translations.items()}
    code = language.casefold()
    while code:
        if code in by_code:
            return by_code[code]
        code = code.rpartition("-")[0]
    return {}


def localize_schema(schema: Schema, texts: Texts) -> Schema:
    """Return a schema with translated titles, hints and labels; what is valid stays the same."""
    if not texts:
        return schema
    properties = {name: localize_property(prop, texts) for name, prop in schema.get("properties", {}).items()}
    return {**schema, "properties": properties}


def localize_property(prop: Property, texts: Texts) -> Property:
    shown = {key: texts.get(prop[key], prop[key]) for key in SHOWN if isinstance(prop.get(key), str)}
    localized = {**prop, **shown}
    if labels := localized_labels(prop, texts):
        localized["x-labels"] = labels
    if "properties" in prop:
        localized = localize_schema(localized, texts)
    if "anyOf" in prop:
        localized["anyOf"] = [localize_schema(kind, texts) if "properties" in kind else kind for kind in prop["anyOf"]]
    return localized


def localized_labels(prop: Property, texts: Texts) -> dict[str, str]:
    """Return the labels of choices that have one, of their author or translated."""
    labels = {choice: texts.get(label, label) for choice, label in prop.get("x-labels", {}).items()}
    return {**{choice: texts[choice] for choice in choices_of(prop) if choice in texts}, **labels}


def choices_of(prop: Property) -> list[str]:
    kinds = [prop, prop.get("items", {}), *prop.get("anyOf", [])]
    kinds += [kind.get("items", {}) for kind in prop.get("anyOf", [])]
    return [str(choice) for kind in kinds for choice in kind.get("enum", [])]
