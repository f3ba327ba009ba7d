"""Tags and filters that templates share, for small marks and words: `{% load web %}`."""

from collections.abc import Mapping

from django import template
from django.forms import BoundField, CheckboxInput
from django.template.loader import select_template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gptstore.catalog.models import Tool
from gptstore.releases.descriptions import describe_denied
from gptstore.releases.outcomes import in_words
from gptstore.sdk.output import OutputKind
from gptstore.web.catalog.audience import audience_of
from gptstore.web.render.renderer import render_output

register = template.Library()


@register.filter
def as_tokens(sentence: str) -> SafeString:
    """Put each word in a block of its own, as a tokenizer sees them.

    Spaces mark the words in every translation; Chinese is then written without them.
    """
    return format_html_join(
        "" if in_chinese() else " ", '<span class="token">{}</span>', ((word,) for word in str(sentence).split())
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    return select_template([f"web/icons/{name}.html"]).render()


@register.simple_tag
def tool_art(tool: Tool) -> SafeString:
    """Draw a tool's picture: its author's, else the site's for it, else its category's, else the one for all."""
    if tool.icon_path:
        return format_html('<span class="tile own"><img src="{}" alt="" width="48" height="48"></span>', tool.icon_path)
    names = [f"web/icons/tool-{tool.slug}.html", f"web/icons/category-{tool.category.slug}.html", "web/icons/tool.html"]
    return format_html('<span class="tile">{}</span>', select_template(names).render())


@register.simple_tag
def audience(tool: Tool) -> str:
    """Say who sees a tool, where not everybody does."""
    return audience_of(tool)


@register.filter
def markdown(text: str) -> SafeString:
    """Render Markdown of a tool's author."""
    return render_output(OutputKind.MARKDOWN, text)


@register.filter
def denied_calls(denied: Mapping[str, int]) -> str:
    """Say how many calls of a run the sandbox denied."""
    return describe_denied(denied)


@register.filter
def outcome(text: str) -> str:
    """Put what the store says of a rollout into the reader's language."""
    return in_words(text)


@register.filter
def short_number(number: int) -> str:
    """Shorten a number: 5_120_000 → "5.1 million"; in Chinese, which counts by ten thousands, "512 万"."""
    if in_chinese():
        return in_myriads(number)
    if number >= 1_000_000_000:
        return _("%(n)s billion") % {"n": number_format(round(number / 1e9, 1))}
    if number >= 1_000_000:
        return _("%(n)s million") % {"n": number_format(round(number / 1e6, 1))}
    return number_format(number, force_grouping=True)


def in_myriads(number: int) -> str:
    for size, word in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            many = round(number / size, 1)
            return f"{number_format(int(many) if many.is_integer() else many, force_grouping=True)} {word}"
    return number_format(number, force_grouping=True)


def in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def as_control(field: BoundField) -> SafeString:
    """Draw the field in this site's look, for forms that bring their own widgets."""
    return field.as_widget(attrs={"class": "control", "placeholder": ""})
