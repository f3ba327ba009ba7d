"""The theme of the admin: the site's name and colour. The settings import it, so it imports nothing of Django."""

from typing import Any

ADMIN_LOOK: dict[str, Any] = {
    "SITE_TITLE": "gptstore",
    "SITE_HEADER": "gptstore",
    "SITE_SYMBOL": "shelves",
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "SIDEBAR": {"show_search": True, "navigation": "gptstore.web.admin.navigation.sidebar"},
    "DASHBOARD_CALLBACK": "gptstore.web.admin.dashboard.add_dashboard",
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .013 168)",
            "100": "oklch(94.5% .028 168)",
            "200": "oklch(89% .052 168)",
            "300": "oklch(82% .093 167)",
            "400": "oklch(78% .128 166)",
            "500": "oklch(56% .105 166)",
            "600": "oklch(46.5% .092 166)",
            "700": "oklch(39.5% .078 166)",
            "800": "oklch(33% .062 166)",
            "900": "oklch(28% .048 166)",
            "950": "oklch(21% .034 166)",
        },
    },
}
