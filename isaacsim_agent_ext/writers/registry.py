"""From a writer's configuration to the writer.

A ``CustomWriter`` that names one of ours is that writer with its own defaults; where Replicator is there, it looks
after all of them itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from isaacsim_agent_ext.config.defaults import fill_defaults
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.config.schema import dotted
from isaacsim_agent_ext.config.validation import check
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.base import Sink, Writer
from isaacsim_agent_ext.writers.basic import basic_writer
from isaacsim_agent_ext.writers.ira_basic import ira_basic_writer

WRITER_TYPES = ("BasicWriter", "IRABasicWriter")
"""The writers there are."""

CUSTOM = "CustomWriter"


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
    config = _own(config)
    match config.type:
        case "IRABasicWriter":
            return ira_basic_writer(config, sink, seed=seed)
        case "BasicWriter":
            return basic_writer(config, sink, cameras=cameras, seed=seed)
    there = ", ".join(WRITER_TYPES)
    if config.type == CUSTOM:
        name = config.parameters.get("writer_name")
        message = f"`{name}` is a writer of Replicator's, which runs inside Isaac Sim only; available here are {there}"
        raise ConfigError([Problem(f"replicator.writers.{config.key}.writer_name", message)])
    message = f"`{config.type}` is not available yet; available are {there}"
    raise ConfigError([Problem(f"replicator.writers.{config.key}", message)])


def _own(config: WriterConfig) -> WriterConfig:
    """Return the config of one of our writers in place of a ``CustomWriter`` that names it.

    Raises:
        ConfigError: The writer has no such parameters.
    """
    name = config.parameters.get("writer_name")
    if config.type != CUSTOM or name not in WRITER_TYPES:
        return config
    given = {key: value for key, value in config.parameters.items() if key not in ("writer_name", "writer_scope")}
    section = {"replicator": {"writers": {name: given}}}
    place = ("replicator", "writers", name)
    problems = [
        Problem(dotted((*place[:-1], config.key, *finding.path[len(place) :])), finding.message)
        for finding in check(section)
        if finding.path[: len(place)] == place
    ]
    if problems:
        raise ConfigError(problems)
    shared = ("output_dir", "sensor_prim_list")
    filled = fill_defaults(section)["replicator"]["writers"][name]
    return replace(config, type=name, parameters={key: filled[key] for key in filled if key not in shared})


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
