"""One bundle as it is installed on this machine: its file, its environment, and what that has to hold."""

from dataclasses import dataclass
from pathlib import Path

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import REQUIREMENTS
from worker.hosts.releases.build import build
from worker.hosts.releases.bundle_cache import FILE, check_file
from worker.hosts.releases.environment_locks import hold, locked_folder
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.integrity import Listing, check_environment, list_files
from worker.hosts.releases.release import Release, environment_digest
from worker.hosts.sandbox.plugin_config import Offered

UNPACKING = ".unpacking-"


@dataclass(frozen=True)
class Installation:
    """A verified bundle with its environment. folder: that of `bundle_cache`, named by the bundle's SHA-256.

    offered: the tools by the bundle's manifest.
    """

    folder: Path
    environment: Path
    listing: Listing
    offered: Offered

    def check(self) -> None:
        """Compare bundle and environment on disk with what was verified. Raises ReleaseError."""
        try:
            with (self.folder / FILE).open("rb") as file:
                check_file(file, self.folder)
        except OSError as error:
            raise ReleaseError(f"its bundle cannot be read: {error.strerror}") from None
        check_environment(self.environment, self.listing)


def install(folder: Path, place: Path) -> Installation:
    """Verify a fetched bundle and its environment in `place`, which is built if it is not there. Raises ReleaseError.

    Nothing of the bundle runs. The environment is in use until this process ends or gives it back.
    """
    try:
        with Bundle.open(folder / FILE) as bundle:
            check_file(bundle.archive.file, folder)
            environment = make_environment(bundle, place)
            made = Installation(folder, environment, list_files(bundle, environment), offered_by(bundle))
    except BundleError as error:
        raise ReleaseError(str(error)) from None
    check_environment(made.environment, made.listing)
    return made


def offered_by(bundle: Bundle) -> Offered:
    tools = bundle.contents.manifest.tools
    return Offered(tuple(one.slug for one in tools), tuple(one.slug for one in tools if one.network))


def make_environment(bundle: Bundle, place: Path) -> Path:
    header = bundle.contents.header
    name = f"{header.name}-{header.version}"
    built = place / f"{name}-{environment_digest(bundle.archive.read(REQUIREMENTS))}"
    if hold(built):
        return built
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    with locked_folder(place, UNPACKING) as made:
        bundle.unpack(made / name)
        return build(Release(made / name), place)
