"""Where the files that ship with this package are: schema, sample configs, stand-in assets."""

from __future__ import annotations

import os
from pathlib import Path


def extension_root() -> Path:
    """Return the folder that holds ``config/`` and ``data/``.

    In a checkout, and as a Kit extension, that is the folder around the package; in an installed wheel, a folder
    inside it.
    """
    package = Path(__file__).resolve().parent
    bundled = package / "_bundled"
    return bundled if bundled.is_dir() else package.parent


def schema_path() -> Path:
    """Return the JSON Schema of the agent config."""
    return extension_root() / "config" / "agent_config.schema.json"


def asset_pack_root() -> Path:
    """Return the root of the stand-in asset pack, laid out like the Isaac Sim assets root."""
    return extension_root() / "data" / "assets"


def sample_config_dir() -> Path:
    """Return the folder of the sample configs."""
    return extension_root() / "config" / "samples"


CACHE_VARIABLE = "ISAACSIM_AGENT_CACHE"
"""Environment variable that names the cache folder."""


def cache_dir() -> Path:
    """Return the user's cache folder of this package, which may not exist yet; all in it can be made again."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "isaacsim_agent_ext"
