from django.urls import path

from gptstore.web.account import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("keys/<int:pk>/revoke/", views.revoke_key, name="revoke-key"),
]
