from django.urls import path

from gptstore.web.docs import views

app_name = "docs"
urlpatterns = [
    path("", views.index, name="index"),
    path("images/<path:name>", views.image, name="image"),
    path("<path:name>/", views.page, name="page"),
]
