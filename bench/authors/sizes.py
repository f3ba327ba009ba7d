"""How often everything is measured."""

from dataclasses import dataclass

from bench.authors.projects import DEPENDENCIES


@dataclass(frozen=True)
class Sizes:
    """rounds: of each command. installs: of an installation and of its baseline. dependencies: of what is installed."""

    rounds: int = 7
    installs: int = 3
    dependencies: tuple[tuple[str, ...], ...] = ((), DEPENDENCIES)


QUICK = Sizes(rounds=1, installs=1, dependencies=((),))
