"""Where bundles lie, as GPTSTORE_BUNDLES says: a folder, or a bucket of a server with S3's API.

    s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1

Without an endpoint it is Amazon's. Credentials come from AWS' own variables (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY),
its files or the machine's role, as boto3 finds them: they are no part of the address, which logs may show.
"""

import re
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

SCHEME = "s3://"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[A-Za-z0-9._/-]{0,200}")
REGION = re.compile(r"[a-z0-9-]{1,40}")
FORM = "write s3://bucket/prefix, with ?endpoint=https://… and &region=… where it is not Amazon's"
SECONDS = 10


@dataclass(frozen=True)
class S3Address:
    """A place in a bucket. endpoint, region: "" for boto3's own defaults."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an address. Raises ValueError with what is wrong, without the value: somebody may put a key into it."""
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        if "@" in parts.netloc or ":" in parts.netloc:
            raise ValueError(f"it has a user or a port beside the bucket: {FORM}. Credentials are AWS' own variables")
        if not BUCKET.fullmatch(parts.netloc):
            raise ValueError(f"it names no bucket: {FORM}")
        prefix = parts.path.strip("/")
        if not PREFIX.fullmatch(prefix) or ".." in prefix.split("/") or parts.fragment:
            raise ValueError(f"its prefix has more than letters, digits and . _ / -: {FORM}")
        if unknown := sorted({*options} - {"endpoint", "region"}):
            raise ValueError(f"it has the option {unknown[0]!r}: {FORM}")
        endpoint, region = (options.get(name, [""])[-1] for name in ("endpoint", "region"))
        where = urlsplit(endpoint)
        if endpoint and (where.scheme not in ("http", "https") or not where.hostname or where.username):
            raise ValueError(f"its endpoint is no http:// or https:// address of a server: {FORM}")
        if region and not REGION.fullmatch(region):
            raise ValueError(f"its region is no name of one: {FORM}")
        return cls(parts.netloc, prefix, endpoint, region)


def storage_settings(place: str) -> dict[str, Any]:
    """Return Django's settings of the storage at this address, or in this folder."""
    if not place.startswith(SCHEME):
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": place, "base_url": None},
        }
    address = S3Address.parse(place)
    options: dict[str, Any] = {
        "bucket_name": address.bucket,
        "location": address.prefix,
        "endpoint_url": address.endpoint or None,
        "region_name": address.region or None,
        "addressing_style": "path" if address.endpoint else None,
        "file_overwrite": True,  # a name is the digest of its content
        "default_acl": None,
        "querystring_auth": True,
        "max_memory_size": 10_000_000,
    }
    return {"BACKEND": "gptstore.releases.s3.BundleBucket", "OPTIONS": options}
