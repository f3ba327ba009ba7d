from django.urls import path, re_path

from gptstore.api.rest.site import api, docs
from gptstore.api.views import nothing_here

urlpatterns = [
    path("v1/", api.urls),
    path("docs", docs, name="api-docs"),
    re_path("", nothing_here),
]
