"""The small files that a config names, checked with it: robots' files, behavior trees, the script of events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from isaacsim_agent_ext.actors.trees.find import find_trees
from isaacsim_agent_ext.assets.resolver import AssetResolver
from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.hosts.protocol import config_folder
from isaacsim_agent_ext.hosts.robots import load_robot_configs
from isaacsim_agent_ext.session.event_script import scripted_events, unheard_events


def check_named_files(loaded: LoadedConfig) -> tuple[str, ...]:
    """Read the files that a config names beside assets, and check them as a run would.

    Args:
        loaded: A valid config.

    Returns:
        What is worth telling.

    Raises:
        ConfigError: A file is missing or wrong; it holds the problems of all of them.
    """
    config, folder = loaded.config, config_folder(loaded)
    resolver = AssetResolver(config_dir=folder)
    problems: list[Problem] = []
    warnings: list[str] = []
    with _collecting(problems, loaded):
        robots = load_robot_configs(config, folder)
        # Only now, because trees play states that the robots' files declare.
        states = {name: robot.states for name, robot in robots.items()}
        trees = find_trees(config, lambda path: resolver.resolve(path).local_path, config_dir=folder, states=states)
        warnings += trees.warnings
    with _collecting(problems, loaded):
        warnings += unheard_events(scripted_events(loaded), config)
    if problems:
        raise ConfigError(problems)
    return tuple(warnings)


@contextmanager
def _collecting(problems: list[Problem], loaded: LoadedConfig) -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        problems += (loaded.placed(problem) for problem in error.problems)
