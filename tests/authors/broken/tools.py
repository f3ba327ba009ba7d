"""Plugins whose hook, or whose tool, no store takes."""

from tests.authors.broken.plugin import Broken

MARK = '@tool(title="Greeter", category="writing", examples=[Example("Ada", {"name": "Ada"})])'
OPTION = 'title="Greeter"'
EXAMPLE = 'Example("Ada", {"name": "Ada"})'
NAME = "name: str"
DOCSTRING = '"""Greet somebody."""'
BODY = 'return f"Hello, {name}!"'
RETURN = "return [greet]"
TEXT = "{'messages': 'Hello'}"


def option(name: str, line: str, *options: str) -> Broken:
    """Return a plugin whose @tool has other options beside its title."""
    return Broken(name, line, OPTION, ", ".join([OPTION, *options]))


HOOKS = [
    Broken("misspelt-hook", "?", "gptstore_tools", "gptstore_tolls"),
    Broken("hook-of-another-kind", "?", "gptstore_tools", "gptstore_categories"),
    Broken("forgotten-hookimpl", "?", "@hookimpl\n", ""),
    Broken(
        "hookimpl-of-another-project",
        "?",
        "@hookimpl\n",
        "@other\n",
        top="import pluggy\n\nother = pluggy.HookimplMarker('other')\n",
    ),
    Broken("no-hook", "?", "@hookimpl\ndef gptstore_tools():\n    return [greet]\n", ""),
    Broken("hook-with-an-argument", "?", "gptstore_tools()", "gptstore_tools(settings)"),
    Broken("hook-raises", "?", RETURN, "return [greet][1:][0]"),
    Broken("hook-returns-none", "?", RETURN, "[greet]"),
    Broken("hook-returns-a-tool", "?", RETURN, "return greet"),
    Broken("hook-returns-a-function", "?", RETURN, "return [greet.function]"),
    Broken("hook-returns-nothing", "?", RETURN, "return []"),
    Broken("slug-twice", "?", RETURN, "return [greet, greet]"),
]

SIGNATURES = [
    Broken("no-context", "?", "ctx: Context, ", ""),
    Broken("context-without-annotation", "?", "ctx: Context", "ctx"),
    Broken("unsupported-type", "?", NAME, "name: bytes"),
    Broken("no-annotation", "?", NAME, "name"),
    Broken("default-that-does-not-fit", "?", NAME, "name: str = 3"),
    Broken("default-none", "?", NAME, "name: str = None"),
    Broken("async", "?", "def greet", "async def greet"),
    Broken("stars", "?", NAME, "*names: str"),
    Broken("double-stars", "?", NAME, "name: str, **more: str"),
    Broken("underscore", "?", NAME, "_name: str"),
    Broken("positional-only", "?", NAME, "name: str, /"),
    Broken("mixed-literal", "?", NAME, "name: Literal['Ada', 2]", top="from typing import Literal\n"),
    Broken(
        "pattern",
        "?",
        NAME,
        "name: Annotated[str, Field(pattern='(')]",
        top="from typing import Annotated\n\nfrom gptstore.sdk import Field\n",
    ),
    Broken(
        "option-of-another-type",
        "?",
        NAME,
        "name: Annotated[str, Field(ge=1)]",
        top="from typing import Annotated\n\nfrom gptstore.sdk import Field\n",
    ),
    Broken(
        "annotation-for-type-checkers",
        "?",
        NAME,
        "name: 'Name'",
        top="from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from acme import Name\n",
    ),
    Broken(
        "parameter-on-a-line-of-its-own",
        "?",
        f"ctx: Context, {NAME}",
        f"\n    ctx: Context,\n    {NAME},\n    times: complex = 1,\n",
    ),
    Broken("tool-over-a-class", "?", "def greet(ctx: Context, name: str) -> str:", "class Greet:"),
]

CARDS = [
    Broken("no-docstring", "?", f"    {DOCSTRING}\n", ""),
    Broken("long-summary", "?", "Greet somebody.", "Greet somebody. " * 20),
    option("unicode-slug", "?", 'slug="grüße"'),
    Broken("unicode-function", "?", "greet", "grüße"),
    option("slug-with-capitals", "?", 'slug="Greet_Ada"'),
    option("long-slug", "?", f'slug="{"greet" * 11}"'),
    Broken("no-title", "?", 'title="Greeter"', 'title=" "'),
    Broken("category", "?", 'category="writing"', 'category="Great Writing"'),
    option("tags", "?", 'tags="hello"'),
    option("output", "?", 'output="html"'),
    option("code-without-language", "?", 'output="code"'),
    option("language-of-a-text", "?", 'language="python"'),
    option("long-language", "?", 'output="code"', f'language="{"p" * 41}"'),
    option("limit", "?", "max_memory_mb=1"),
    option("unknown-option", "?", 'titel="Greeter"'),
    option("network-without-a-reason", "?", "network=True"),
    option("slug-of-a-built-in-tool", "?", 'slug="summarizer"'),
    option("look-alike-slug", "?", 'slug="trans1ator"'),
    Broken("look-alike-title", "?", OPTION, 'title="Summаrizer"'),
    Broken("mixed-alphabets", "?", OPTION, 'title="Greеter"'),
    Broken("hidden-character", "?", OPTION, 'title="Greeter\\u202e"'),
]

EXAMPLES = [
    Broken("example-that-does-not-fit", "?", EXAMPLE, 'Example("Ada", {"name": 3})'),
    Broken("example-with-an-unknown-input", "?", EXAMPLE, 'Example("Ada", {"name": "Ada", "age": 36})'),
    Broken("example-without-a-title", "?", EXAMPLE, 'Example("", {"name": "Ada"})'),
    Broken("example-that-is-none", "?", EXAMPLE, '"Ada"'),
    Broken("example-that-fails", "?", BODY, "return name[99]"),
    Broken("example-with-wrong-output", "?", BODY, "return 42"),
    Broken("example-without-output", "?", BODY, "name.upper()"),
    Broken("parameter-of-the-model", "?", BODY, "return ctx.model.complete(name, temperature=-1)"),
    Broken("endless-example", "?", BODY, "while True: pass", options=("--seconds", "2")),
    Broken("example-that-ends-the-process", "?", BODY, "import os; os._exit(3)"),
]

TOOLS = [*HOOKS, *SIGNATURES, *CARDS, *EXAMPLES]
