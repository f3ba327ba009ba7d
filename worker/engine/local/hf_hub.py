"""Downloads models from the Hugging Face hub into its cache. Each failure is a ModelLoadError of one sentence."""

import json
import logging
from pathlib import Path

from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    IncompleteSnapshotError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from worker.engine.errors import ModelLoadError, first_line
from worker.engine.local.weights import INDEX, SINGLE

logger = logging.getLogger(__name__)

_TEXT_FILES = ["*.json", "*.txt", "*.model", "*.jinja"]


def fetch(model: str, max_bytes: int | None, endpoint: str | None = None) -> Path:
    """Return the local folder of a hub model, downloading what is missing.

    max_bytes: refuse before the download when the weights are larger.
    endpoint: the hub's address; None: HF_ENDPOINT, else huggingface.co.
    Raises ModelLoadError.
    """
    logger.info("looking for the model on the hub", extra={"model": model})
    try:
        hf_hub_download(model, "config.json", endpoint=endpoint)
        files, size = _weight_files(model, endpoint)
        if max_bytes is not None and size > max_bytes:
            raise ModelLoadError(
                f'The model "{model}" is too large for this machine: its weights take {size / 1e9:.1f} GB. '
                "Choose a smaller model or a machine with more memory."
            )
        wanted = [*_TEXT_FILES, *files]
        return Path(snapshot_download(model, allow_patterns=wanted, ignore_patterns=["*/*"], endpoint=endpoint))
    except (RepositoryNotFoundError, GatedRepoError, HFValidationError) as error:
        raise ModelLoadError(_no_access(model, error)) from error
    except (OfflineModeIsEnabled, LocalEntryNotFoundError, IncompleteSnapshotError, ConnectionError) as error:
        raise ModelLoadError(
            f'The model "{model}" is not in the local cache, and the Hugging Face hub can\'t be reached. Check the '
            "network, or give the path of a folder that holds the model."
        ) from error
    except EntryNotFoundError as error:
        raise ModelLoadError(f'"{model}" has no config.json: not a transformers model.') from error
    except ModelLoadError:
        raise
    except Exception as error:
        raise ModelLoadError(f'The model "{model}" could not be downloaded: {first_line(error)}') from error


def _weight_files(model: str, endpoint: str | None) -> tuple[list[str], int]:
    """Return the names of the safetensors files and their size in bytes, 0 when it is unknown."""
    try:
        index = json.loads(Path(hf_hub_download(model, INDEX, endpoint=endpoint)).read_text())
        return sorted(set(index["weight_map"].values())), int(index.get("metadata", {}).get("total_size", 0))
    except LocalEntryNotFoundError:
        return [SINGLE], 0
    except EntryNotFoundError:
        try:
            url = hf_hub_url(model, SINGLE, endpoint=endpoint)
            return [SINGLE], get_hf_file_metadata(url, endpoint=endpoint).size or 0
        except EntryNotFoundError as error:
            raise ModelLoadError(
                f'The model "{model}" has no safetensors weights. Other formats can run code when opened and are not '
                "loaded. Choose a model that has them."
            ) from error


def _no_access(model: str, error: Exception) -> str:
    if isinstance(error, GatedRepoError):
        return (
            f'The model "{model}" needs its owner\'s consent. Ask for it on https://huggingface.co/{model} and set '
            "HF_TOKEN to your token."
        )
    if isinstance(error, RepositoryNotFoundError):
        return (
            f'There is no model "{model}" on the Hugging Face hub, or it is private. Check the spelling '
            "(owner/name), set HF_TOKEN for a private one, or give the path of a folder."
        )
    return f'"{model}" is neither a folder nor the name of a model (owner/name). Check the spelling.'
