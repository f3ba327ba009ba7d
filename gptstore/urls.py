"""Every address of the site, by the app that answers."""

from django.contrib import admin
from django.urls import include, path

admin.autodiscover()

urlpatterns = [
    path("", include("gptstore.web.catalog.urls")),
    path("runs/", include("gptstore.web.runs.urls")),
    path("plugins/", include("gptstore.web.plugins.urls")),
    path("account/", include("gptstore.web.account.urls")),
    path("accounts/", include("gptstore.web.account.allauth_urls")),
    path("", include("gptstore.web.urls")),
    path("docs/", include("gptstore.web.docs.urls")),
    path("api/", include("gptstore.api.rest.urls")),
    path("v1/", include("gptstore.api.openai.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("gptstore.health.urls")),
]

handler400 = "gptstore.web.views.bad_request"
handler403 = "gptstore.web.views.permission_denied"
handler404 = "gptstore.web.views.page_not_found"
handler500 = "gptstore.web.views.server_error"
