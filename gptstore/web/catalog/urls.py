from django.urls import path

from gptstore.web.catalog import icons, views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("tools/<slug:slug>/icon", icons.icon, name="icon"),
    path("tools/<slug:slug>/check", views.check_field, name="check"),
]
