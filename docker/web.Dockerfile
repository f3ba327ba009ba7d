# The web process. Build from the repository's root:  docker build -f docker/web.Dockerfile -t gptstore-web .
# Every package is checked by its hash, and the base is named by its digest: docs/operating.md tells how to renew it.
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/gptstore
ENV PATH=/opt/gptstore/bin:$PATH
COPY requirements/web.txt /src/requirements/web.txt
RUN pip install --no-deps --require-hashes -r /src/requirements/web.txt
# With S3=1: bundles of releases in a bucket.
ARG S3
COPY requirements/s3.txt /src/requirements/s3.txt
RUN if [ -n "$S3" ]; then pip install --no-deps --require-hashes -r /src/requirements/s3.txt; fi
COPY . /src
RUN cp /src/requirements/constraints.txt /opt/gptstore/
RUN pip install --no-deps --no-build-isolation /src/gptstore/sdk /src
# The catalogue is read from the installed plugins; the web process itself never imports them.
RUN pip install --no-deps --no-build-isolation /src/plugins/*
RUN GPTSTORE_SECRET_KEY=only-for-this-step GPTSTORE_VAR=/opt/gptstore/var GPTSTORE_DATABASE_URL=sqlite://:memory: \
    django-admin collectstatic --no-input --settings gptstore.settings

FROM ${PYTHON_IMAGE}
RUN useradd --system --create-home --home-dir /var/lib/gptstore --uid 10001 gptstore \
    && install --directory --owner=gptstore /var/lib/gptstore/bundles /var/lib/gptstore/signing /var/lib/gptstore/trusted
COPY --from=build /opt/gptstore /opt/gptstore
ENV PATH=/opt/gptstore/bin:$PATH PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=gptstore.settings GPTSTORE_VAR=/opt/gptstore/var GPTSTORE_LOG_FORMAT=json \
    PIP_CONSTRAINT=/opt/gptstore/constraints.txt
USER gptstore
WORKDIR /var/lib/gptstore
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["uvicorn", "gptstore.asgi:application", "--http=gptstore.server.protocol:BoundedProtocol", \
     "--host=0.0.0.0", "--port=8000", "--lifespan=off", "--no-proxy-headers", \
     "--timeout-graceful-shutdown=10"]
