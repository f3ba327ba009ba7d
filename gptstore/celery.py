"""The Celery application. The site only sends messages; `worker.process.tasks` is imported by workers alone."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gptstore.settings")

from django.conf import settings

RUN_NEXT_JOB = "worker.tasks.run_next_job"
"""The task's name on the wire, older than its module: workers of any release answer to it."""

CHECK_NEXT_RELEASE = "gptstore.check_next_release"

# Redis gives a message that was not acknowledged to another worker after this long: more than twice the longest run
# that GPTSTORE_JOB_MAX_SECONDS allows. Jobs are claimed in the database, so an early redelivery is harmless.
VISIBILITY_SECONDS = 4 * 60 * 60
# A connection that went half-open while a worker waits on it is dropped after up to twice as long, and a second.
HEALTH_SECONDS = 5
TRANSPORT = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": HEALTH_SECONDS,
}
# No request waits for a Redis that is away or hangs: it is answered soon, or the job is left to a worker's sweep.
IMPATIENT = {"socket_timeout": 2, "max_retries": 1, "interval_start": 0}

app = Celery("gptstore")
app.conf.update(
    broker_url=settings.ENV.broker_url,
    broker_transport_options=TRANSPORT | IMPATIENT,
    result_backend_transport_options=TRANSPORT,
    visibility_timeout=VISIBILITY_SECONDS,
    broker_connection_timeout=2,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    imports=["worker.process.tasks"],
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_default_queue="gptstore",
    worker_prefetch_multiplier=1,
    worker_pool="threads",
    worker_consumer="worker.process.consumer:SteadyConsumer",
    worker_concurrency=settings.ENV.worker_concurrency,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
)
