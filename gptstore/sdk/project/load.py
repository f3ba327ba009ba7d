"""Imports the plugin of a project into this process, as if it were installed."""

from __future__ import annotations

import sys

from gptstore.sdk.plugins import LoadedPlugin, load_plugin
from gptstore.sdk.project.distribution import ProjectDistribution
from gptstore.sdk.project.project import GROUP, Project


def load_project(project: Project) -> LoadedPlugin:
    """Import it and call its hook. Raises PluginError, or what the plugin raises.

    Its sources come first in `sys.path`, before a version of it that may be installed. The code of a plugin may do
    anything to the process: `gptstore.sdk.project.describe_project` has one of its own.
    """
    if str(project.sources) not in sys.path:
        sys.path.insert(0, str(project.sources))
    distribution = ProjectDistribution(project)
    points = [*distribution.entry_points.select(group=GROUP)]
    return load_plugin(distribution.name, distribution, points)
