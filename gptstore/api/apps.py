from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "gptstore.api"
