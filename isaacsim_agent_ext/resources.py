"""Where the files that ship with this package are: schema, sample configs, stand-in assets."""

from __future__ import annotations

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
