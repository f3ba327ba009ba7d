"""Django's settings. `gptstore.env` holds those that an operator can change; this file derives the others from it."""

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from gptstore.admin_theme import ADMIN_LOOK
from gptstore.bundle_storage import storage_settings
from gptstore.env import BASE_DIR, MAX_BODY_BYTES, BadSetting, read_environment
from gptstore.logs import logging_config
from gptstore.mail import read_mail_server
from gptstore.requirements import WrongVersions, check_versions

try:
    check_versions()
    ENV = read_environment()
except (WrongVersions, BadSetting) as error:
    raise ImproperlyConfigured(str(error)) from None

SECRET_KEY = ENV.secret_key.get_secret_value()
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "GPTSTORE_SECRET_KEY is not set. Set it to 50 or more random characters, for example from "
        '`python -c "import secrets; print(secrets.token_urlsafe(50))"`. `make demo` does this for you.'
    )
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENV.trusted_origins
CSRF_FAILURE_VIEW = "gptstore.web.views.csrf_failure"

ROOT_URLCONF = "gptstore.urls"
ASGI_APPLICATION = "gptstore.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "gptstore.web",  # first: the templates of the pages replace those of the apps below
    "gptstore.web.apps.CatalogPages",
    "gptstore.web.apps.RunPages",
    "gptstore.web.apps.AccountPages",
    "gptstore.web.apps.PluginPages",
    "gptstore.web.apps.AdminPages",
    "gptstore.web.docs",
    "unfold",
    "unfold.contrib.filters",
    "gptstore.web.apps.DjangoAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "ninja",
    "gptstore.accounts",
    "gptstore.audit",
    "gptstore.catalog",
    "gptstore.jobs",
    "gptstore.releases",
    "gptstore.api",
    "gptstore.health",
]

MIDDLEWARE = [
    "gptstore.web.headers.HeadersMiddleware",  # first: every response has them, also those of the next ones
    "gptstore.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "gptstore.api.middleware.ApiMiddleware",
    "gptstore.web.request_errors.RejectionMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gptstore.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gptstore.web.context.site",
            ],
        },
    }
]

DATABASES = {"default": dj_database_url.parse(ENV.database)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    ENV.var.mkdir(parents=True, exist_ok=True)
    # mmap_size stays unset: with it, SQLite loses commits when processes are killed (docs/decisions/0008).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Opening a connection costs more than all queries of a job. One that the server has cut off is found before it is
    # used, and nobody waits long for a server that is away.
    POOL = {"min_size": 1, "max_size": 20, "timeout": 2, "reconnect_timeout": 2, "max_idle": 60}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 3, "pool": POOL} | DATABASES["default"].get("OPTIONS", {})

CACHES = {"default": {"BACKEND": "gptstore.shared_cache.SharedCache", "LOCATION": ENV.redis_url}}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "gptstore.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# The adapter's key is the pair of address and name: who guesses elsewhere does not lock the owner of a name out.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,100/h/ip,5/5m/key", "submit_release": "30/h/user"}

MAIL = read_mail_server(ENV.email_url.get_secret_value())
HAS_MAIL = MAIL is not None
if MAIL is not None:
    EMAIL_BACKEND = "gptstore.mail.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starttls, MAIL.tls
    EMAIL_TIMEOUT = 5.0  # for each step with the server: a person waits for the page
    DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

STATIC_URL = "static/"
STATIC_ROOT = ENV.var / "static"
STATICFILES_DIRS = [BASE_DIR / "gptstore" / "sdk" / "static"]  # which the page of `gptstore dev` uses, too
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "bundles": storage_settings(ENV.bundles_place),
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
SERVESTATIC_MANIFEST_STRICT = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "gptstore" / "locale", BASE_DIR / "gptstore" / "sdk" / "locale"]
FORMAT_MODULE_PATH = ["gptstore.formats"]
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = ENV.https
TIME_ZONE = "UTC"
USE_TZ = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = ENV.https
if ENV.https:
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.hsts in ("subdomains", "preload")
    SECURE_HSTS_PRELOAD = ENV.hsts == "preload"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for what GPTSTORE_HSTS leaves to the operator
DATA_UPLOAD_MAX_MEMORY_SIZE = ENV.max_body_bytes or MAX_BODY_BYTES

UNFOLD = ADMIN_LOOK

LOGGING = logging_config(ENV.log_level, ENV.log_format)
