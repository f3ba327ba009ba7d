"""Where the bundles of releases lie: a folder by default, see GPTSTORE_BUNDLES."""

from django.core.files.storage import Storage, storages


def bundles() -> Storage:
    return storages["bundles"]
