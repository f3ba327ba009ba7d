from django.urls import path, re_path

from gptstore.api.http.views import nothing_here
from gptstore.api.rest.site import api, docs

urlpatterns = [
    path("v1/", api.urls),
    path("docs", docs, name="api-docs"),
    re_path("", nothing_here),
]
