"""The rules: every problem names one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule. title: what a plugin has to be like. mend: what to do where a problem says nothing of its own."""

    name: str
    title: str
    mend: str = "change it"


_ICON_MEND = "save it as a plain SVG of 16 KB at most: shapes and texts, no scripts, no links, no pictures within it"
_SIGNATURE_MEND = "change the parameter: docs/tool-guide.md has a table of what is supported"

_BUNDLE_MEND = "build it anew with `gptstore build`, and submit that file"
_PLATFORM_MEND = "build it with `gptstore build --platform` for platforms of the fleet"

RULES = {
    rule.name: rule
    for rule in (
        Rule("project", "The file pyproject.toml says what the package is"),
        Rule("entry-point", "An entry point in the group gptstore names the module with the hook"),
        Rule("name", "Names are written in plain letters, and none looks like another's", "choose another name"),
        Rule("syntax", "Each module is Python"),
        Rule("import", "A plugin imports the standard library, gptstore.sdk and what it declares"),
        Rule("import-failed", "Importing the plugin raises nothing"),
        Rule("import-exit", "Importing the plugin does not end the process"),
        Rule("import-time", "Importing the plugin takes two seconds at most"),
        Rule("import-memory", "Importing the plugin takes 300 MB of memory at most"),
        Rule("import-output", "Importing the plugin prints nothing much"),
        Rule("import-threads", "Importing the plugin leaves no thread running"),
        Rule("cyclic-import", "No module needs another that still waits for it"),
        Rule("hook", "The module implements gptstore_tools, which returns a list of tools", "see docs/hooks.md"),
        Rule("signature", "Each parameter of a tool is an input that forms and the API can have", _SIGNATURE_MEND),
        Rule(
            "card", "Title, category, output and limits of a tool are as the catalogue takes them", "change the option"
        ),
        Rule("docstring", "A tool says what it does"),
        Rule("icon", "An icon is a small SVG or PNG, without scripts and without anything from elsewhere", _ICON_MEND),
        Rule("slug", "A tool has a slug of its own", "give another one with slug="),
        Rule("example", "Each example fits the parameters, and the tool runs with it", "change the example"),
        Rule("dependency", "Dependencies are packages of an index, by name and version"),
        Rule("dependency-clash", "Dependencies allow the versions that the fleet has"),
        Rule("dependency-wheels", "Dependencies have wheels for the fleet's platforms"),
        Rule("network", "A tool that asks for the network says in its docstring what for"),
        Rule("file", "The package has no files that run by themselves, lead elsewhere or hold somebody's secrets"),
        Rule("size", "The package has 20 MB at most"),
        Rule("secret", "No file holds a key or a password"),
        Rule("bundle", "A bundle is as `gptstore build` writes it, and its parts agree", _BUNDLE_MEND),
        Rule("record", "A wheel holds the files that its RECORD names, and no others", _BUNDLE_MEND),
        Rule("platform", "A bundle has a wheel of each package for each platform that it is for", _PLATFORM_MEND),
        Rule("version", "A version is submitted once, in any spelling", "raise the version in pyproject.toml"),
        Rule("changelog", "A CHANGELOG.md is short, and says what each version changed", "write what is new in it"),
        Rule("owner", "A plugin belongs to whoever submitted it first", "choose another name in pyproject.toml"),
    )
}
"""Every rule, by its name."""
