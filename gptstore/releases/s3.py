"""Bundles in a bucket, by django-storages, which is the extra `gptstore[s3]`."""

from botocore.config import Config
from storages.backends.s3 import S3Storage

ANSWER_SECONDS = 10
TRIES = 3


class BundleBucket(S3Storage):
    """A bucket whose server may be away: nobody waits for long."""

    client_config: Config

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        bounds = Config(
            connect_timeout=ANSWER_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"max_attempts": TRIES, "mode": "standard"},
        )
        self.client_config: Config = self.client_config.merge(bounds)
