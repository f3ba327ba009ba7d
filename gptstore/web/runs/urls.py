from django.urls import path

from gptstore.web.runs import views

app_name = "jobs"
urlpatterns = [
    path("", views.my_runs, name="list"),
    path("<uuid:job_id>/", views.run, name="detail"),
    path("<uuid:job_id>/events", views.events, name="events"),
    path("<uuid:job_id>/queue", views.queue, name="queue"),
    path("<uuid:job_id>/output", views.output, name="output"),
    path("<uuid:job_id>/cancel", views.cancel_run, name="cancel"),
    path("<uuid:job_id>/download", views.download_output, name="download"),
]
