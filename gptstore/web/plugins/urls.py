from django.urls import path

from gptstore.web.plugins import views

app_name = "plugins"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:name>/", views.plugin, name="plugin"),
    path("<slug:name>/<int:release_id>/withdraw/", views.withdraw_release, name="withdraw"),
    path("<slug:name>/<int:release_id>/yank/", views.yank_release, name="yank"),
]
