"""Plugins whose hook, or whose tool, no store takes."""

from tests.authors.broken.plugin import Broken

OPTION = 'title="Greeter"'
EXAMPLE = 'Example("Ada", {"name": "Ada"})'
NAME = "name: str"
HEAD = "def greet(ctx: Context, name: str) -> str:"
DOCSTRING = '"""Greet somebody."""'
BODY = 'return f"Hello, {name}!"'
RETURN = "return [greet]"


def option(name: str, line: str, *options: str) -> Broken:
    """Return a plugin whose @tool has other options beside its title."""
    return Broken(name, line, OPTION, ", ".join([OPTION, *options]))


UNSAFE_ICON = '<svg xmlns="http://www.w3.org/2000/svg"><rect onload="alert(1)"/></svg>'

HOOKS = [
    Broken(
        "misspelt-hook",
        "acme_greeter.py:11: hook: there is no hook 'gptstore_tolls' → did you mean 'gptstore_tools'?",
        "gptstore_tools",
        "gptstore_tolls",
    ),
    Broken(
        "hook-of-another-kind",
        "acme_greeter.py:11: hook: there is no hook 'gptstore_categories' → hooks are: gptstore_tools",
        "gptstore_tools",
        "gptstore_categories",
    ),
    Broken(
        "forgotten-hookimpl",
        "acme_greeter.py:10: hook: acme_greeter implements no hook → write @hookimpl over gptstore_tools",
        "@hookimpl\n",
        "",
    ),
    Broken(
        "hookimpl-of-another-project",
        "acme_greeter.py:14: hook: acme_greeter implements no hook → write @hookimpl over gptstore_tools",
        "@hookimpl\n",
        "@other\n",
        top="import pluggy\n\nother = pluggy.HookimplMarker('other')\n",
    ),
    Broken(
        "no-hook",
        "acme_greeter.py:1: hook: acme_greeter implements no hook → define gptstore_tools with @hookimpl",
        "@hookimpl\ndef gptstore_tools():\n    return [greet]\n",
        "",
    ),
    Broken(
        "hook-with-an-argument",
        "acme_greeter.py:11: hook: a hook has no argument 'settings' → take none",
        "gptstore_tools()",
        "gptstore_tools(settings)",
    ),
    Broken(
        "hook-raises",
        "acme_greeter.py:12: hook: gptstore_tools raises IndexError: list index out of range → let it only return the list of tools",
        RETURN,
        "return [greet][1:][0]",
    ),
    Broken(
        "hook-returns-none",
        "acme_greeter.py:11: hook: gptstore_tools returned None → return a list of tools",
        RETURN,
        "[greet]",
    ),
    Broken(
        "hook-returns-a-tool",
        "acme_greeter.py:11: hook: gptstore_tools returned <Tool 'greet'> → return a list of tools",
        RETURN,
        "return greet",
    ),
    Broken(
        "hook-returns-a-function",
        "acme_greeter.py:11: hook: gptstore_tools returned a list with the function greet, which is no tool → write @tool over it",
        RETURN,
        "return [greet.function]",
    ),
    Broken(
        "slug-twice",
        "acme_greeter.py:11: slug: two of its tools have the slug 'greet' → give one another with slug=",
        RETURN,
        "return [greet, greet]",
    ),
]

SIGNATURES = [
    Broken(
        "no-context",
        "acme_greeter.py:5: signature: tool greet: the first parameter must be the context, but 'name' is str → write def greet(ctx: Context, …)",
        "ctx: Context, ",
        "",
    ),
    Broken(
        "context-without-annotation",
        "acme_greeter.py:5: signature: tool greet: the first parameter must be the context, but 'ctx' has no annotation → write def greet(ctx: Context, …)",
        "ctx: Context",
        "ctx",
    ),
    Broken(
        "unsupported-type",
        "acme_greeter.py:5: signature: tool greet, parameter 'name': the type bytes is not supported → Supported are {supported}",
        NAME,
        "name: bytes",
    ),
    Broken(
        "no-annotation",
        "acme_greeter.py:5: signature: tool greet, parameter 'name': a type annotation is missing → Supported are {supported}",
        NAME,
        "name",
    ),
    Broken(
        "default-that-does-not-fit",
        "acme_greeter.py:5: signature: tool greet, parameter 'name': the default 3 does not fit: This must be a text → change the parameter: docs/tool-guide.md has a table of what is supported",
        NAME,
        "name: str = 3",
    ),
    Broken(
        "default-none",
        "acme_greeter.py:5: signature: tool greet, parameter 'name': the default None needs an optional type, such as `str | None` → change the parameter: docs/tool-guide.md has a table of what is supported",
        NAME,
        "name: str = None",
    ),
    Broken(
        "async",
        "acme_greeter.py:5: signature: tool greet: async functions are not supported → write `def` instead of `async def`",
        "def greet",
        "async def greet",
    ),
    Broken(
        "stars",
        "acme_greeter.py:5: signature: tool greet, parameter 'names': *names is not supported → name each input",
        NAME,
        "*names: str",
    ),
    Broken(
        "double-stars",
        "acme_greeter.py:5: signature: tool greet, parameter 'more': **more is not supported → name each input",
        NAME,
        "name: str, **more: str",
    ),
    Broken(
        "underscore",
        "acme_greeter.py:5: signature: tool greet, parameter '_name': the name of an input must not start with an underscore → change the parameter: docs/tool-guide.md has a table of what is supported",
        NAME,
        "_name: str",
    ),
    Broken(
        "positional-only",
        "acme_greeter.py:5: signature: tool greet, parameter 'name': positional-only is not supported, because inputs go by name → change the parameter: docs/tool-guide.md has a table of what is supported",
        NAME,
        "name: str, /",
    ),
    Broken(
        "mixed-literal",
        "acme_greeter.py:6: signature: tool greet, parameter 'name': the choices 'Ada', 2 are neither all texts nor all whole numbers → Supported are {supported}",
        NAME,
        "name: Literal['Ada', 2]",
        top="from typing import Literal\n",
    ),
    Broken(
        "pattern",
        "acme_greeter.py:8: signature: tool greet, parameter 'name': Field(pattern='(') is not a regular expression ({python}) → change the parameter: docs/tool-guide.md has a table of what is supported",
        NAME,
        "name: Annotated[str, Field(pattern='(')]",
        top="from typing import Annotated\n\nfrom gptstore.sdk import Field\n",
    ),
    Broken(
        "option-of-another-type",
        "acme_greeter.py:8: signature: tool greet, parameter 'name': Field(ge=…) fits int, float, not str → change the parameter: docs/tool-guide.md has a table of what is supported",
        NAME,
        "name: Annotated[str, Field(ge=1)]",
        top="from typing import Annotated\n\nfrom gptstore.sdk import Field\n",
    ),
    Broken(
        "annotation-for-type-checkers",
        "acme_greeter.py:9: signature: tool greet, parameter 'name': the annotation 'Name' can't be evaluated (name 'Name' is not defined) → import its names at the top of the module, outside `if TYPE_CHECKING`",
        NAME,
        "name: 'Name'",
        top="from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from acme import Name\n",
    ),
    Broken(
        "parameter-on-a-line-of-its-own",
        "acme_greeter.py:8: signature: tool greet, parameter 'times': the type complex is not supported → Supported are {supported}",
        f"ctx: Context, {NAME}",
        f"\n    ctx: Context,\n    {NAME},\n    times: complex = 1,\n",
    ),
    Broken(
        "tool-over-a-class",
        "acme_greeter.py:4: signature: @tool needs a plain function, not <class 'acme_greeter.greet'> → change the parameter: docs/tool-guide.md has a table of what is supported",
        f"{HEAD}\n    {DOCSTRING}\n    {BODY}",
        f"class greet:\n    {DOCSTRING}",
    ),
]

CARDS = [
    Broken(
        "no-docstring",
        "acme_greeter.py:5: docstring: tool greet: a summary is missing → write a docstring, or give summary=",
        f"    {DOCSTRING}\n",
        "",
    ),
    Broken(
        "long-summary",
        "acme_greeter.py:5: docstring: tool greet: the summary has 319 characters, at most 300 fit → keep the first paragraph of the docstring short, or give summary=",
        "Greet somebody.",
        "Greet somebody. " * 20,
    ),
    option(
        "unicode-slug",
        "acme_greeter.py:5: slug: tool grüße: the slug 'grüße' must be lower-case letters, digits and single hyphens, at most 50 → give one with slug=",
        'slug="grüße"',
    ),
    Broken(
        "unicode-function",
        "acme_greeter.py:5: slug: tool grüße: the slug 'grüße' must be lower-case letters, digits and single hyphens, at most 50 → give one with slug=",
        "def greet(",
        "def grüße(",
    ),
    option(
        "slug-with-capitals",
        "acme_greeter.py:5: slug: tool Greet_Ada: the slug 'Greet_Ada' must be lower-case letters, digits and single hyphens, at most 50 → give one with slug=",
        'slug="Greet_Ada"',
    ),
    option(
        "long-slug",
        "acme_greeter.py:5: slug: tool greetgreetgreetgreetgreetgreetgreetgreetgreetgreetgreet: the slug 'greetgreetgreetgreetgreetgreetgreetgreetgreetgreetgreet' must be lower-case letters, digits and single hyphens, at most 50 → give one with slug=",
        f'slug="{"greet" * 11}"',
    ),
    Broken(
        "icon-with-an-event",
        "acme_greeter.py:5: icon: tool greet: its icon icon.svg has the event attribute onload= → save it as a plain SVG of 16 KB at most: shapes and texts, no scripts, no links, no pictures within it",
        OPTION,
        f'{OPTION}, icon="icon.svg"',
        files={"icon.svg": UNSAFE_ICON},
    ),
    Broken(
        "no-title",
        "acme_greeter.py:5: card: tool greet: the title must have 1 to 80 characters → change the option",
        'title="Greeter"',
        'title=" "',
    ),
    Broken(
        "category",
        "acme_greeter.py:5: card: tool greet: the category 'Great Writing' must be lower-case letters, digits and single hyphens, at most 50 → change the option",
        'category="writing"',
        'category="Great Writing"',
    ),
    option(
        "tags",
        'acme_greeter.py:5: card: tool greet: tags must be a list of texts, such as tags=["short", "email"] → change the option',
        'tags="hello"',
    ),
    option(
        "output",
        "acme_greeter.py:5: card: tool greet: output='html' is not supported → choose one of text, markdown, "
        "code, json, table, file",
        'output="html"',
    ),
    option(
        "code-without-language",
        'acme_greeter.py:5: card: tool greet: output="code" needs language="python" (always the same), or language_input="…" (the name of the input that holds it), and not both → change the option',
        'output="code"',
    ),
    option(
        "language-of-a-text",
        'acme_greeter.py:5: card: tool greet: language= is for output="code" only → leave it out',
        'language="python"',
    ),
    option(
        "long-language",
        "acme_greeter.py:5: card: tool greet: language= has 41 characters, at most 40 fit → change the option",
        'output="code"',
        f'language="{"p" * 41}"',
    ),
    option(
        "limit",
        "acme_greeter.py:5: card: tool greet: max_memory_mb=1 must be a whole number of megabytes, 16 or more → change the option",
        "max_memory_mb=1",
    ),
    option(
        "unknown-option",
        "acme_greeter.py:5: card: @tool takes no titel= → it takes {options}",
        'titel="Greeter"',
    ),
    option(
        "network-without-a-reason",
        'acme_greeter.py:5: network: tool greet: network=True has no reason → write a paragraph "Network: …" into the docstring that says which addresses it asks, and for what',
        "network=True",
    ),
    option(
        "slug-of-a-built-in-tool",
        "acme_greeter.py:5: slug: its tool 'summarizer' belongs to the plugin gptstore-summarizer, which had it first → give another one with slug=",
        'slug="summarizer"',
    ),
    option(
        "look-alike-slug",
        "acme_greeter.py:5: name: the slug 'trans1ator' is easily mistaken for the built-in tool 'translator' → give one with slug= that differs in more than one letter",
        'slug="trans1ator"',
    ),
    Broken(
        "look-alike-title",
        "acme_greeter.py:5: name: the title 'Summаrizer' is easily mistaken for that of the built-in tool 'summarizer' → give another one with title=",
        OPTION,
        'title="Summаrizer"',
    ),
    Broken(
        "mixed-alphabets",
        "acme_greeter.py:5: name: the title 'Greеter' has a word of letters of two alphabets → write each word in one alphabet",
        OPTION,
        'title="Greеter"',
    ),
    Broken(
        "hidden-character",
        "acme_greeter.py:5: name: the title of greet has the invisible character U+202E → take it out",
        OPTION,
        'title="Greeter\\u202e"',
    ),
]

EXAMPLES = [
    Broken(
        "example-that-does-not-fit",
        "acme_greeter.py:5: example: tool greet: the example 'Ada' does not fit the parameters: name: This must be a text. → change the example",
        EXAMPLE,
        'Example("Ada", {"name": 3})',
    ),
    Broken(
        "example-with-an-unknown-input",
        "acme_greeter.py:5: example: tool greet: the example 'Ada' does not fit the parameters: age: There is no such field. Known fields: name. → change the example",
        EXAMPLE,
        'Example("Ada", {"name": "Ada", "age": 36})',
    ),
    Broken(
        "example-without-a-title",
        "acme_greeter.py:5: example: tool greet: an example needs a title → change the example",
        EXAMPLE,
        'Example("", {"name": "Ada"})',
    ),
    Broken(
        "example-that-is-none",
        "acme_greeter.py:5: example: tool greet: an example is an Example(title, input) or a dict with these keys, not 'Ada' → change the example",
        EXAMPLE,
        '"Ada"',
    ),
    Broken(
        "example-that-fails",
        "acme_greeter.py:7: example: tool greet: the example 'Ada' fails: IndexError: string index out of range → mend the tool or the example",
        BODY,
        "return name[99]",
    ),
    Broken(
        "example-with-wrong-output",
        "acme_greeter.py:5: example: tool greet: the example 'Ada' fails: it returned a value of type int → return a str, yield str, or return a pydantic model",
        BODY,
        "return 42",
    ),
    Broken(
        "example-without-output",
        "acme_greeter.py:5: example: tool greet: the example 'Ada' fails: it returned None → return a str, yield str, or return a pydantic model",
        BODY,
        "name.upper()",
    ),
    Broken(
        "parameter-of-the-model",
        "acme_greeter.py:7: example: tool greet: the example 'Ada' fails: ParameterError: temperature must be 0 or more, not -1. → mend the tool or the example",
        BODY,
        "return ctx.model.complete(name, temperature=-1)",
    ),
    Broken(
        "endless-example",
        "acme_greeter.py:5: example: tool greet: the example 'Ada' does not end within 2 s on a scripted model → check ctx.canceled in long computations, and keep examples short",
        BODY,
        "while True: pass",
        options=("--seconds", "2"),
    ),
    Broken(
        "example-that-ends-the-process",
        "acme_greeter.py:5: example: its examples can't be run: its process ended with status 3 → a run must not end its process",
        BODY,
        "import os; os._exit(3)",
    ),
]

TOOLS = [*HOOKS, *SIGNATURES, *CARDS, *EXAMPLES]
