"""What the settings say about a store that others reach."""

from django.conf import settings

from gptstore.health.finding import Finding, fail, ok, warn
from gptstore.health.secret import STAND_IN

MIN_KEY = 50
LOCAL = {"localhost", "127.0.0.1", "[::1]"}
MAKE_KEY = '`python -c "import secrets; print(secrets.token_urlsafe(50))"`'


def check_secret_key() -> Finding:
    key = settings.SECRET_KEY
    if key == STAND_IN:
        return fail("secret key", "GPTSTORE_SECRET_KEY is not set.", f"Set it to what {MAKE_KEY} prints.")
    if len(key) < MIN_KEY:
        said = f"GPTSTORE_SECRET_KEY has {len(key)} characters."
        return warn("secret key", said, f"Set it to what {MAKE_KEY} prints; everybody signs in again.")
    return ok("secret key", "It is long enough.")


def check_debug() -> Finding:
    if settings.DEBUG:
        return warn("debug", "Error pages show the code and the settings.", "Unset GPTSTORE_DEBUG.")
    return ok("debug", "It is off.")


def check_https() -> Finding:
    hosts = [host for host in settings.ALLOWED_HOSTS if host not in LOCAL]
    if settings.ENV.https:
        return ok("https", "It is on.")
    if not hosts:
        return ok("https", "It is off, and the site answers to this machine's own names only.")
    return warn(
        "https", f"It is off, and the site answers to {', '.join(hosts)}.", "Set GPTSTORE_HTTPS=true behind a proxy."
    )
