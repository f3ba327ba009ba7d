from django.urls import path

from gptstore.web import views

app_name = "web"
urlpatterns = [
    path("model/", views.model, name="model"),
    path("favicon.ico", views.favicon),
    path("robots.txt", views.robots),
    path("admin/r/<path:row>/", views.nothing_here),  # Django's own tells staff without rights which rows there are
]
