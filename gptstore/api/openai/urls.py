from django.urls import path, re_path

from gptstore.api.http.views import nothing_here
from gptstore.api.openai import completions, models

urlpatterns = [
    path("models", models.list_models),
    path("models/<path:name>", models.get_model),
    path("completions", completions.create_completion),
    path("chat/completions", completions.create_chat_completion),
    re_path("", nothing_here),
]
