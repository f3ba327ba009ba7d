from django.urls import path

from gptstore.health.views import healthz, readyz

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
]
