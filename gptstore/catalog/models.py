"""The catalogue: categories and tools, as the manifests of the installed plugins describe them."""

from collections.abc import Mapping

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gptstore.catalog.limits import check_limits
from gptstore.catalog.localized import LocalizedTool
from gptstore.catalog.ordered_json import OrderedJSONField
from gptstore.sdk.limits import SECONDS, LimitKind
from gptstore.sdk.output import OutputKind
from gptstore.sdk.text_limits import MAX_KEY, MAX_LANGUAGE, MAX_PLUGIN, MAX_SLUG, MAX_SUMMARY, MAX_TITLE, MAX_VERSION

OUTPUT_CHOICES = [(kind.value, _(kind.label)) for kind in OutputKind]


class Category(models.Model):
    slug = models.SlugField(_("slug"), unique=True)
    title = models.CharField(_("title"), max_length=80)
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=100, help_text=_("Smaller comes first."))

    class Meta:
        ordering = ["position", "title"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.title


class BrokenPlugin(models.Model):
    """A plugin, or a release, that the last sync left out."""

    name = models.CharField(_("name"), max_length=255, unique=True)
    reason = models.TextField(_("reason"))
    released = models.BooleanField(_("released"), default=False, help_text=_("It is a release."))
    since = models.DateTimeField(_("since"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen"), auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("broken plugin")
        verbose_name_plural = _("broken plugins")

    def __str__(self) -> str:
        return self.name


class ToolQuerySet(models.QuerySet["Tool"]):
    def listed(self) -> "ToolQuerySet":
        """Return the tools that people may see and launch, with their categories."""
        return self.filter(enabled=True, installed=True).select_related("category")


class Tool(models.Model):
    slug = models.SlugField(_("slug"), max_length=MAX_SLUG, unique=True)
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    summary = models.CharField(_("summary"), max_length=MAX_SUMMARY)
    description = models.TextField(_("description"), blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="tools", verbose_name=_("category"))
    tags = models.JSONField(_("tags"), default=list, blank=True)
    output = models.CharField(_("output"), max_length=16, choices=OUTPUT_CHOICES, default=OutputKind.TEXT)
    language = models.CharField(
        _("language"), max_length=MAX_LANGUAGE, blank=True, help_text=_("Of code output, when it is fixed.")
    )
    language_input = models.CharField(
        _("language input"), max_length=80, blank=True, help_text=_("The input that names the language of code output.")
    )
    max_seconds = models.PositiveIntegerField(
        _("longest run, in seconds"), null=True, blank=True, help_text=_("Empty: as long as the site allows.")
    )
    limits = models.JSONField(
        _("other limits of a run"),
        default=dict,
        db_default={},
        blank=True,
        validators=[check_limits],
        help_text=_("Empty: as much as the site allows."),
    )
    network = models.BooleanField(_("asks for the network"), default=False, db_default=False)
    settings_schema = OrderedJSONField(_("settings schema"), null=True, blank=True)
    input_schema = OrderedJSONField(_("input schema"))
    examples = OrderedJSONField(_("examples"), default=list, blank=True)
    translations = models.JSONField(_("translations"), default=dict, db_default={}, blank=True)
    version = models.CharField(_("version"), max_length=MAX_VERSION)
    author = models.CharField(_("author"), max_length=200, blank=True)
    plugin = models.CharField(_("plugin"), max_length=MAX_PLUGIN)
    icon_hash = models.CharField(max_length=16, default="", db_default="", blank=True, editable=False)
    installed = models.BooleanField(_("installed"), default=True, help_text=_("Its plugin was there at the last sync."))
    released = models.BooleanField(
        _("released"), default=False, db_default=False, help_text=_("Its plugin was deployed as a release.")
    )
    release = models.CharField(
        _("deployed release"), max_length=MAX_KEY, default="", db_default="", blank=True, editable=False
    )
    canary = OrderedJSONField(_("canary"), null=True, blank=True, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True, help_text=_("People see it and can launch it."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ToolQuerySet.as_manager()

    class Meta:
        ordering = ["category__position", "title"]
        verbose_name = _("tool")
        verbose_name_plural = _("tools")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:tool", args=[self.slug])

    @property
    def icon_path(self) -> str:
        """Return the path of its icon, which changes with the icon; "" where it has none of its own."""
        return f"{reverse('catalog:icon', args=[self.slug])}?v={self.icon_hash}" if self.icon_hash else ""

    @property
    def localized(self) -> LocalizedTool:
        """Return the tool with its texts in the reader's language."""
        return LocalizedTool(self, get_language() or "en")

    @property
    def is_listed(self) -> bool:
        return self.enabled and self.installed

    def limit(self, kind: LimitKind) -> int | None:
        """Return the author's limit on a run, in the unit of authors; None when they named none."""
        return self.max_seconds if kind is SECONDS else self.limits.get(kind.name)

    def output_language(self, data: Mapping[str, object]) -> str:
        """Return the language of the code that a run with this input returns, or ""."""
        return str(data.get(self.language_input) or "") if self.language_input else self.language


class ToolIcon(models.Model):
    """The icon of a tool, apart from it: nobody but the page that serves it reads it."""

    tool = models.OneToOneField(Tool, models.CASCADE, related_name="icon", verbose_name=_("tool"))
    kind = models.CharField(max_length=20, editable=False)
    data = models.BinaryField()

    class Meta:
        verbose_name = _("icon")
        verbose_name_plural = _("icons")

    def __str__(self) -> str:
        return self.tool.title


class ToolSettings(models.Model):
    """What an admin filled in for a tool that declares settings.

    encrypted: the values, as JSON, encrypted by `gptstore.catalog.encryption`; "" without any.
    plugin: the one that they were given to; a plugin that takes the tool over does not get them.
    """

    tool = models.OneToOneField(Tool, models.CASCADE, related_name="given_settings", verbose_name=_("tool"))
    plugin = models.CharField(_("plugin"), max_length=200, editable=False)
    encrypted = models.TextField(blank=True, default="", editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        ordering = ["tool__title"]
        verbose_name = _("settings of a tool")
        verbose_name_plural = _("settings of tools")

    def __str__(self) -> str:
        return self.tool.title
