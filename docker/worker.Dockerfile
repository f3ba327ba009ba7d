# A worker with the shared model. PyPI's PyTorch for Linux brings CUDA; the host needs NVIDIA's driver and the NVIDIA
# Container Toolkit. (On a CPU, add `apt-get install gcc libc6-dev` to the last stage: attention is then built for it.)
#  docker build -f docker/worker.Dockerfile -t gptstore-worker .
# Every package is checked by its hash, and the base is named by its digest: docs/operating.md tells how to renew it.
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/gptstore
ENV PATH=/opt/gptstore/bin:$PATH
COPY requirements/torch.txt requirements/worker.txt /src/requirements/
RUN pip install --no-deps --require-hashes -r /src/requirements/torch.txt
RUN pip install --no-deps --require-hashes -r /src/requirements/worker.txt
# With S3=1: bundles of releases in a bucket.
ARG S3
COPY requirements/s3.txt /src/requirements/s3.txt
RUN if [ -n "$S3" ]; then pip install --no-deps --require-hashes -r /src/requirements/s3.txt; fi
COPY . /src
RUN cp /src/requirements/constraints.txt /opt/gptstore/
RUN pip install --no-deps --no-build-isolation /src/gptstore/sdk /src /src/plugins/*

FROM ${PYTHON_IMAGE}
RUN useradd --system --create-home --home-dir /var/lib/gptstore --uid 10001 gptstore \
    && install --directory --owner=gptstore /var/lib/gptstore/models /var/lib/gptstore/bundles /var/lib/gptstore/trusted
COPY --from=build /opt/gptstore /opt/gptstore
ENV PATH=/opt/gptstore/bin:$PATH PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=gptstore.settings GPTSTORE_VAR=/var/lib/gptstore GPTSTORE_LOG_FORMAT=json \
    HF_HOME=/var/lib/gptstore/models PIP_CONSTRAINT=/opt/gptstore/constraints.txt
USER gptstore
WORKDIR /var/lib/gptstore
STOPSIGNAL SIGTERM
CMD ["python", "-m", "worker"]
