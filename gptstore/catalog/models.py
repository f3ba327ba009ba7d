"""The catalogue: categories and tools, as the manifests of the installed plugins describe them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gptstore.accounts.models import User
from gptstore.catalog.index.index import index_rows
from gptstore.catalog.index.tokens import COLUMNS
from gptstore.catalog.limits import check_admin_limits, check_limits
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
    public_tools = models.PositiveIntegerField(_("public tools"), default=0, db_default=0, editable=False)
    member_tools = models.PositiveIntegerField(
        _("tools for who is signed in"), default=0, db_default=0, editable=False, help_text=_("The public ones too.")
    )

    class Meta:
        ordering = ["position", "title"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])

    def number_for(self, user: User | AnonymousUser) -> int:
        """Return the kept number of tools that everybody like this person sees; tools of groups are not in it."""
        return self.member_tools if user.is_authenticated else self.public_tools


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


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Everybody")
    SIGNED_IN = "signed_in", _("Who is signed in")
    GROUPS = "groups", _("Members of its groups")
    HIDDEN = "hidden", _("Who knows its address")


LISTED = Q(enabled=True, installed=True)
"""The condition of a tool that lists may show. The indexes of lists hold these alone."""

SEARCHED = {*COLUMNS, "category"}
"""The columns that the index of search follows, by all their names."""


class ToolQuerySet(models.QuerySet["Tool"]):
    """What changes tools here, and `Tool.save`, keeps the index of search like them."""

    def update(self, **values: Any) -> int:
        if SEARCHED.isdisjoint(values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            ids = list(self.order_by().values_list("pk", flat=True))
            changed = super().update(**values)
            index_rows(Tool, "pk", ids, self.db)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: "Iterable[Any]", *args: Any, **options: Any) -> "list[Any]":
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **options)
            index_rows(Tool, "slug", [tool.slug for tool in made], self.db)
        return made

    def listed(self) -> "ToolQuerySet":
        """Return the tools that are switched on and installed, with their categories, whoever may see them."""
        return self.filter(LISTED).select_related("category")

    def listed_for(self, user: User | AnonymousUser) -> "ToolQuerySet":
        """Return those that lists and searches show to this person."""
        return self.listed().filter(visible_in_lists(user))

    def open_to(self, user: User | AnonymousUser) -> "ToolQuerySet":
        """Return those that this person may open and launch: the listed ones, and those that lists leave out."""
        return self.listed().filter(visible_in_lists(user) | Q(visibility=Visibility.HIDDEN))


def visible_in_lists(user: User | AnonymousUser) -> Q:
    """Match the tools that lists show to this person.

    Without groups it is what is not for others: an equality would lead SQLite away from the index in a list's order.
    """
    seen = seen_by(user)
    if is_shown_groups(user):
        return Q(visibility__in=seen) | in_groups_of(user)
    return ~Q(visibility__in=[one for one in Visibility if one not in seen])


def seen_by(user: User | AnonymousUser) -> list[Visibility]:
    """Return the kinds of tools of which lists show all to this person."""
    if not user.is_authenticated:
        return [Visibility.PUBLIC]
    groups = [Visibility.GROUPS] if decides_who_sees(user) else []
    return [Visibility.PUBLIC, Visibility.SIGNED_IN, *groups]


def is_shown_groups(user: User | AnonymousUser) -> bool:
    """Return whether lists show this person the tools of their groups, and of no others."""
    return user.is_authenticated and not decides_who_sees(user)


def in_groups_of(user: User | AnonymousUser) -> Q:
    """Match the tools for the groups of which this person is a member."""
    member = Tool.groups.through.objects.filter(group__user=user.pk).values("tool")
    return Q(visibility=Visibility.GROUPS, pk__in=member)


def decides_who_sees(user: User | AnonymousUser) -> bool:
    """Return whether this person may change the tools in the admin: then none is kept from them."""
    return user.is_staff and user.has_perm("catalog.change_tool")


def list_index(name: str, *columns: str) -> models.Index:
    """Return the index of a list of tools; `gptstore.catalog.lists` reads each in this order."""
    return models.Index(fields=columns, name=name, condition=LISTED)


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
    admin_limits = models.JSONField(
        _("the admin's limits of a run"),
        default=dict,
        db_default={},
        blank=True,
        validators=[check_admin_limits],
        help_text=_("Where both name one, the smaller holds."),
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
    visibility = models.CharField(
        _("who may see and launch it"),
        max_length=10,
        choices=Visibility,
        default=Visibility.PUBLIC,
        db_default=Visibility.PUBLIC,
    )
    groups = models.ManyToManyField(
        Group, blank=True, related_name="tools", verbose_name=_("groups"), help_text=_("Whose members see it.")
    )
    featured_position = models.PositiveSmallIntegerField(
        _("position among the featured"),
        null=True,
        blank=True,
        help_text=_("Smaller comes first. Empty: it is not featured."),
    )
    category_chosen = models.BooleanField(
        _("category chosen by an admin"), default=False, db_default=False, help_text=_("A sync leaves it.")
    )
    authors_category = models.CharField(max_length=MAX_SLUG, default="", db_default="", blank=True, editable=False)
    runs = models.PositiveBigIntegerField(_("runs"), default=0, db_default=0, editable=False)
    runs_week = models.PositiveBigIntegerField(_("runs of the last week"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ToolQuerySet.as_manager()

    class Meta:
        ordering = ["category__position", "title"]
        verbose_name = _("tool")
        verbose_name_plural = _("tools")
        indexes = [
            models.Index(fields=["plugin", "installed", "released", "release", "slug"], name="tool_origin"),
            models.Index(fields=["category", "slug"], name="tool_of_category"),
            models.Index(fields=["plugin", "slug"], name="tool_of_plugin"),
            list_index("tool_popular", "-runs_week", "-id"),
            list_index("tool_title", "title", "id"),
            list_index("tool_category_popular", "category", "-runs_week", "-id"),
            list_index("tool_category_new", "category", "-id"),
            list_index("tool_category_title", "category", "title", "id"),
            list_index("tool_author_popular", "author", "-runs_week", "-id"),
            list_index("tool_author_new", "author", "-id"),
            list_index("tool_visibility", "visibility", "category"),
            models.Index(
                fields=["featured_position", "id"],
                name="tool_featured",
                condition=LISTED & Q(featured_position__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Store it, and what search finds it by."""
        fields = None if update_fields is None else {*update_fields}
        with transaction.atomic(using=options.get("using")):
            super().save(*args, update_fields=fields, **options)
            if fields is None or not SEARCHED.isdisjoint(fields):
                index_rows(Tool, "pk", [self.pk], self._state.db)

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

    def is_open_to(self, user: User | AnonymousUser) -> bool:
        """Return whether this person may open and launch it now, as `open_to` finds it among many."""
        if not self.is_listed or self.visibility in (Visibility.PUBLIC, Visibility.HIDDEN):
            return self.is_listed  # and a session that nobody has to read stays unread
        if not user.is_authenticated:
            return False
        return (
            self.visibility == Visibility.SIGNED_IN
            or decides_who_sees(user)
            or self.groups.filter(user=user.pk).exists()
        )

    def authors_limit(self, kind: LimitKind) -> int | None:
        return self.max_seconds if kind is SECONDS else self.limits.get(kind.name)

    def limit(self, kind: LimitKind) -> int | None:
        """Return the limit on a run, in the unit of authors: the smaller of the author's and the admin's, or None."""
        given = [limit for limit in (self.authors_limit(kind), self.admin_limits.get(kind.name)) if limit is not None]
        return min(given, default=None)

    def output_language(self, data: Mapping[str, object]) -> str:
        """Return the language of the code that a run with this input returns, or ""."""
        return str(data.get(self.language_input) or "") if self.language_input else self.language


class ToolTag(models.Model):
    """A tag of a tool, as the key of its page. The sync keeps them like `Tool.tags`."""

    tool = models.ForeignKey(Tool, models.CASCADE, related_name="tag_rows")
    tag = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "tool"], name="tool_tag")]

    def __str__(self) -> str:
        return self.tag


class DailyRuns(models.Model):
    """How many runs of a tool that have ended began on a day (UTC) of the last week.

    `gptstore.jobs.run_counts` keeps these, `Tool.runs`, and `Tool.runs_week`, which is their sum.
    """

    tool = models.ForeignKey(Tool, models.CASCADE, related_name="daily_runs")
    day = models.DateField()
    runs = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "tool"], name="runs_of_day")]

    def __str__(self) -> str:
        return f"{self.tool_id}, {self.day}"


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
