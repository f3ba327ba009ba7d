from django.urls import path

from gptstore.web.catalog import icons, lists, views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("categories/<slug:slug>/", lists.category, name="category"),
    path("tags/<path:tag>/", lists.tag, name="tag"),
    path("publishers/<path:name>/", lists.publisher, name="publisher"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("tools/<slug:slug>/icon", icons.icon, name="icon"),
    path("tools/<slug:slug>/check", views.check_field, name="check"),
]
