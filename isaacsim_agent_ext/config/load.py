"""Loading a config: read, change, check, fill in, and hand out as typed data.

::

    loaded = load_config("warehouse.yaml", overrides=["character.groups.workers.num=20"], seed=7)
    loaded.config.character.groups[0].num

Everything that is wrong with a config is reported at once, before anything else is loaded.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.build import build_config
from isaacsim_agent_ext.config.defaults import fill_defaults
from isaacsim_agent_ext.config.document import MAX_BYTES, read_document
from isaacsim_agent_ext.config.dump import dump_config
from isaacsim_agent_ext.config.locate import Locator
from isaacsim_agent_ext.config.model import Config
from isaacsim_agent_ext.config.overrides import apply_overrides, as_argument
from isaacsim_agent_ext.config.root import agent_section
from isaacsim_agent_ext.config.rules import check_rules, version_refusal
from isaacsim_agent_ext.config.text_files import read_start
from isaacsim_agent_ext.config.validation import Finding, check
from isaacsim_agent_ext.errors import ConfigError, Problem

__all__ = ["LoadedConfig", "dump_config", "load_config", "parse_config"]

_MOST_PROBLEMS = 200


@dataclass(frozen=True, kw_only=True)
class LoadedConfig:
    """A valid config in all its forms.

    Attributes:
        config: Typed, with every default filled in.
        data: What the user wrote and set, under the root key.
        resolved: The same with every default and the seed filled in: dumped by `dump_config`, it repeats the run.
        warnings: What is allowed and probably not meant.
        seed_drawn: Whether the seed was drawn because none was given.
        path: The file it comes from, or None.
        locator: Where everything stands.
    """

    config: Config
    data: dict[str, Any]
    resolved: dict[str, Any]
    warnings: tuple[Problem, ...]
    seed_drawn: bool
    path: Path | None
    locator: Locator | None = field(default=None, repr=False, compare=False)

    def placed(self, problem: Problem) -> Problem:
        """Return a problem found after loading, which knows a key path, with its place in the file."""
        return problem if self.locator is None else self.locator.placed(problem)


def load_config(path: str | Path, *, overrides: Sequence[str] = (), seed: int | None = None) -> LoadedConfig:
    """Load a config file.

    Args:
        path: The YAML file.
        overrides: Changes in order, each ``key.path=value`` with the path below the root key and the value as YAML.
        seed: Replaces the file's seed.

    Raises:
        ConfigError: The file cannot be read, or anything in it is wrong; it holds every problem.
    """
    path = Path(path)
    return _load(read_start(path, MAX_BYTES), str(path), overrides, seed, path)


def parse_config(
    text: str, *, name: str = "<config>", overrides: Sequence[str] = (), seed: int | None = None
) -> LoadedConfig:
    """Load a config from YAML text.

    Args:
        text: The YAML text of a whole config file.
        name: What to call it in problems.
        overrides: As for `load_config`.
        seed: As for `load_config`.

    Raises:
        ConfigError: Anything in it is wrong; it holds every problem.
    """
    return _load(text, name, overrides, seed, None)


def _load(text: str | bytes, name: str, overrides: Sequence[str], seed: int | None, path: Path | None) -> LoadedConfig:
    document = read_document(text, name)
    section, problems = agent_section(document)
    section, origins, refusals = apply_overrides(section, overrides)
    arguments = [as_argument(override) for override in overrides]
    if seed is not None:
        section["seed"] = seed
        arguments.append(f"--seed {seed}")
        origins[("seed",)] = arguments[-1]
    locate = Locator(document, origins, arguments)
    problems += [*document.problems, *refusals, *map(locate.problem, _findings(section))]
    problems.sort(key=locate.order)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ConfigError(_shortened(errors, name))

    data = copy.deepcopy(section)
    seed_drawn = "seed" not in section
    if seed_drawn:
        from isaacsim_agent_ext.randomness import draw_seed

        section["seed"] = draw_seed()
    resolved = fill_defaults(section)
    return LoadedConfig(
        config=build_config(resolved),
        data=data,
        resolved=resolved,
        warnings=tuple(problems),
        seed_drawn=seed_drawn,
        path=path,
        locator=locate,
    )


def _findings(section: dict[str, Any]) -> list[Finding]:
    refusal = version_refusal(section)
    if refusal is not None:
        return [refusal]
    findings = list(islice(check(section), _MOST_PROBLEMS + 1))
    return findings + list(islice(check_rules(section), _MOST_PROBLEMS))


def _shortened(errors: list[Problem], name: str) -> list[Problem]:
    if len(errors) <= _MOST_PROBLEMS:
        return errors
    return [
        *errors[:_MOST_PROBLEMS],
        Problem("", f"there are more than {_MOST_PROBLEMS} problems; correct these first", name),
    ]
