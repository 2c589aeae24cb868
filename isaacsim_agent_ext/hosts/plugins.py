"""The plug-ins that a config names: allowed or not, loaded, and their parameters checked."""

from __future__ import annotations

from pathlib import Path

from isaacsim_agent_ext.actors.plugins import PluginKey, PluginSource, key_of, load_plugin, parameter_problems
from isaacsim_agent_ext.config.model import Config, CustomBehavior
from isaacsim_agent_ext.errors import ConfigError, PluginError, Problem
from isaacsim_agent_ext.hosts.targets import behaviors_of

ALLOW = (
    "plug-ins run code of their own, and you have not allowed it: if you trust them, use --allow-plugins on the "
    "command line, allow_plugins=True from Python, or the setting /exts/isaacsim_agent_ext/allow_plugins in Isaac Sim"
)


def find_plugins(config: Config, *, allowed: bool, config_dir: Path | None) -> dict[PluginKey, PluginSource]:
    """Return where the plug-ins of a config come from, after loading each and checking what it is told.

    Args:
        config: The whole config.
        allowed: Whether the user allows plug-ins; without, none is loaded.
        config_dir: Folder that their files are looked up in.

    Raises:
        ConfigError: Plug-ins are not allowed, or one is missing, broken or told what it does not understand.
    """
    sources: dict[PluginKey, PluginSource] = {}
    problems: list[Problem] = []
    for key_path, _, behavior in behaviors_of(config):
        if not isinstance(behavior, CustomBehavior):
            continue
        where = f"{key_path}.custom_behavior"
        if not allowed:
            problems.append(Problem(where, f"{behavior.name}: {ALLOW}"))
            continue
        file = None if behavior.module is None else _find(behavior.module, config_dir)
        source = PluginSource(behavior.name, file)
        try:
            plugin = load_plugin(source)
        except PluginError as error:
            problems.append(Problem(f"{where}.{'name' if file is None else 'module'}", str(error)))
            continue
        sources[key_of(behavior)] = source
        problems += [
            Problem(f"{where}.parameters{path}", message)
            for path, message in parameter_problems(getattr(plugin, "parameters_schema", None), behavior.parameters)
        ]
    if problems:
        raise ConfigError(problems)
    return sources


def _find(module: str, config_dir: Path | None) -> Path:
    path = Path(module).expanduser()
    return (path if path.is_absolute() else (config_dir or Path.cwd()) / path).resolve()
