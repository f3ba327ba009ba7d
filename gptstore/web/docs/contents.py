"""The contents of the documentation: groups of pages in order, with one sentence on each in the reader's language.

A page of docs/ that is not named here stands under "More".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
DECISIONS = "decisions"


@dataclass(frozen=True)
class Group:
    """Pages for one kind of reader. sentences: each page's purpose, by its name; "" shows the title alone."""

    slug: str
    title: Words
    sentence: Words
    sentences: dict[str, Words] = field(default_factory=dict)


READERS = (
    Group(
        "launch",
        _("Launch tools"),
        _("For people and programs that want answers."),
        {
            "api": _("Run every tool over HTTP: keys, streaming, retries, errors."),
            "openai-api": _("The shared model through OpenAI's API: its own clients, streaming, JSON, errors."),
            "text": _("Which scripts, languages and formats the tools keep, and what they do not promise."),
            "mini-model": _("What the bundled demo model can do, measured, and how it was made."),
        },
    ),
    Group(
        "write",
        _("Write a tool"),
        _("For authors: one typed Python function becomes form, page and API."),
        {
            "writing-a-tool": _("From an idea to an installed tool in ten minutes."),
            "tool-guide": _("Every input, output and option of a tool, with examples."),
            "sdk": _("Every name of the SDK, with its signature."),
            "bundles": _("One file with a plugin and everything that it needs: build, sign and verify it."),
            "command-line": _("The gptstore command: every subcommand with its options."),
            "coming-from": _("Your function from Gradio, Dify or llm as a tool, side by side."),
            "hooks": _("The functions of a plugin that the store calls."),
        },
    ),
    Group(
        "run",
        _("Run a store"),
        _("For operators of a site and its GPU workers."),
        {
            "operating": _("Start it, by Docker Compose or by hand; watch it; what to do when something is wrong."),
            "settings": _("Every environment variable with its default."),
            "models": _("Open models by size: memory, GPU, licence, and how to do without a network."),
            "remote-engine": _("Let vLLM or another server run the model."),
            "operator-hooks": _("Your own code on inputs, outputs and ended runs: mask, refuse, count."),
            "security-model": _("How plugins are shut in, what that promises, and what it does not."),
            "reliability": _("What becomes of runs when workers, Redis or the database die."),
            "benchmarks": _("How fast it is, and how that is measured."),
        },
    ),
)


def arrange(names: Iterable[str]) -> list[Group]:
    """Return the groups with those of their pages that exist; every page that exists is in some group."""
    there = set(names)
    decided = sorted(name for name in there if name.split("/")[0] == DECISIONS)
    named = {name for group in READERS for name in group.sentences}
    other = sorted(there - named - set(decided))
    groups = (
        *READERS,
        Group("more", _("More"), "", dict.fromkeys(other, "")),
        Group(DECISIONS, _("Decisions"), _("Why it is built this way."), dict.fromkeys(decided, "")),
    )
    kept = [
        Group(group.slug, group.title, group.sentence, {n: text for n, text in group.sentences.items() if n in there})
        for group in groups
    ]
    return [group for group in kept if group.sentences]
