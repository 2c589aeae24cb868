"""The trees that a config names: finding their files, reading them once, checking them for everyone who runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from isaacsim_agent_ext.actors.trees.library import PEOPLE, ROBOTS
from isaacsim_agent_ext.actors.trees.load import Mover, Overrides, build_tree, read_tree_file
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, TreeKey
from isaacsim_agent_ext.config.model import ActorGroup, Behavior, Config, RobotGroup, RunTree
from isaacsim_agent_ext.config.wording import code, found, nearest
from isaacsim_agent_ext.errors import AssetError, ConfigError, Problem
from isaacsim_agent_ext.resources import sample_config_dir

Resolve = Callable[[str], Path]
"""From a path of the config to a file; raises AssetError."""


@dataclass(frozen=True, kw_only=True)
class FoundTrees:
    """The trees of a config.

    Attributes:
        trees: By path and overrides.
        warnings: What is worth telling about them.
    """

    trees: Mapping[TreeKey, BehaviorTree]
    warnings: tuple[str, ...]


def sample_tree_dir() -> Path:
    """Return the folder of the trees that ship with this package."""
    return sample_config_dir() / "behavior_tree"


def named_trees(config: Config) -> Iterator[tuple[str, ActorGroup, RunTree]]:
    """Yield every tree that a populated group runs, with its key path and the group."""
    for section, groups in (
        ("character", config.character.groups if config.character else ()),
        ("robot", config.robot.groups if config.robot else ()),
    ):
        for group in groups:
            if group.num:
                base = f"{section}.groups.{group.name}"
                for key_path, behavior in _behaviors(group, base):
                    if isinstance(behavior, RunTree):
                        yield key_path, group, behavior


def _behaviors(group: ActorGroup, base: str) -> Iterator[tuple[str, Behavior]]:
    for number, behavior in enumerate(group.routines):
        whole = group.behavior_tree is not None  # then the tree stands at the group itself
        yield base if whole else f"{base}.routines.{number}.behavior_tree", behavior
    for number, trigger in enumerate(group.triggers):
        for place, behavior in enumerate(trigger.behavior):
            yield f"{base}.triggers.{number}.behavior.{place}.behavior_tree", behavior


def find_trees(
    config: Config,
    resolve: Resolve,
    *,
    config_dir: Path | None,
    states: Mapping[str, Collection[str]] | None = None,
) -> FoundTrees:
    """Return every tree of a config, read and checked.

    Args:
        config: The whole config.
        resolve: Finds a path below the assets root, absolute, or on the web.
        config_dir: The config file's folder, where a tree is looked for first, or None.
        states: The states of each group's robots, by the group's name.

    Raises:
        ConfigError: A file is missing or wrong, or its overrides do not fit; it holds every problem.
    """
    trees: dict[TreeKey, BehaviorTree] = {}
    warnings: dict[str, None] = {}
    problems: dict[Problem, None] = {}
    for key_path, group, run in named_trees(config):
        of_group = group.behavior_tree is not None
        overrides_key = f"{key_path}.overrides"
        path_key = f"{key_path}.behavior_tree" if of_group else f"{key_path}.path"
        mover = Mover(actors=PEOPLE)
        if isinstance(group, RobotGroup):
            mover = Mover(actors=ROBOTS, states=(states or {}).get(group.name, ()))
        try:
            document = read_tree_file(_find_file(run.path, resolve, config_dir, path_key))
            overrides = read_overrides(run.overrides, overrides_key)
            tree, texts = build_tree(document, mover, overrides, overrides_key=overrides_key)
        except ConfigError as error:
            problems.update(dict.fromkeys(error.problems))
            continue
        trees[run.path, run.overrides] = tree
        warnings.update(dict.fromkeys(texts))
    if problems:
        raise ConfigError(list(problems))
    return FoundTrees(trees=trees, warnings=tuple(warnings))


def _find_file(path: str, resolve: Resolve, config_dir: Path | None, key_path: str) -> Path:
    """Return the file that a path means: beside the config, where assets are, or among the samples.

    Raises:
        ConfigError: There is none; says where it was looked for.
    """
    asked = Path(path).expanduser()
    beside = [folder / asked for folder in ([config_dir] if config_dir else []) if not asked.is_absolute()]
    for candidate in beside:
        if candidate.is_file():
            return candidate
    sample = sample_tree_dir() / asked.name
    try:
        return resolve(path)
    except AssetError as error:
        if len(asked.parts) == 1 and sample.is_file():
            return sample
        samples = sorted(one.name for one in sample_tree_dir().glob("*.json"))
        guess = nearest(asked.name, samples)
        hint = f"\ndid you mean {guess}, which ships with this package?" if guess else ""
        message = f"there is no behavior tree {path}: {error}{hint}"
        raise ConfigError([Problem(key_path, message)]) from error


def read_overrides(text: str | None, key_path: str) -> Overrides:
    """Return what an ``overrides`` text says: values of ports, by node path and port.

    Raises:
        ConfigError: It is no JSON of the form ``{"schemaVersion": ..., "instanceOverrides": {path: {port: value}}}``.
    """
    if text is None:
        return {}
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError([Problem(key_path, f"the text is no valid JSON: {error}")]) from None
    by_path = data.get("instanceOverrides") if isinstance(data, dict) else None
    if not isinstance(by_path, dict):
        message = f"found {found(by_path)} as `instanceOverrides`, expected a map from node paths to values"
        raise ConfigError([Problem(key_path, message)])
    wrong = [path for path, values in by_path.items() if not isinstance(values, dict)]
    if wrong:
        message = f"{code(wrong[0])}: found {found(by_path[wrong[0]])}, expected a map from ports to values"
        raise ConfigError([Problem(key_path, message)])
    return by_path
