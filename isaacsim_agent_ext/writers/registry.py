"""From a writer's configuration to the writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.base import Sink, Writer
from isaacsim_agent_ext.writers.basic import basic_writer
from isaacsim_agent_ext.writers.ira_basic import ira_basic_writer

WRITER_TYPES = ("BasicWriter", "IRABasicWriter")
"""The writers there are."""


def create_writer(config: WriterConfig, sink: Sink, *, cameras: Sequence[str] = (), seed: int | None = None) -> Writer:
    """Return the writer that a config asks for; nothing is written yet.

    Args:
        config: The writer's configuration.
        sink: Where its files go.
        cameras: Prim paths of the cameras it records; a BasicWriter needs to know how many there are.
        seed: The run's seed, which goes into ``metadata.txt``.

    Raises:
        ConfigError: There is no such writer, or a parameter cannot be used.
        DependencyError: A parameter needs a package that is not installed.
    """
    match config.type:
        case "IRABasicWriter":
            return ira_basic_writer(config, sink, seed=seed)
        case "BasicWriter":
            return basic_writer(config, sink, cameras=cameras, seed=seed)
    message = f"`{config.type}` is not available yet; available are {', '.join(WRITER_TYPES)}"
    raise ConfigError([Problem(f"replicator.writers.{config.key}", message)])


def check_writers(configs: Sequence[WriterConfig]) -> None:
    """Make sure that every writer can do its work, before anything is loaded.

    Raises:
        ConfigError: With the problems of all of them.
        DependencyError: A package is missing.
    """
    problems: list[Problem] = []
    for config in configs:
        try:
            create_writer(config, LocalSink(Path(config.output_dir)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
