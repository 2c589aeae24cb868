"""``isaacsim-agent doctor``: what is installed, which devices there are, where assets come from."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from isaacsim_agent_ext import __version__, resources

HELP = "tell what is installed, which devices there are and where assets come from"
DESCRIPTION = """\
Look at this machine and tell what jobs it can run, and for everything missing how to get it. Ends with 0 when the
quick start would run here, with 6 when something it needs is missing.
"""
EPILOG = """\
examples:
  isaacsim-agent doctor
  isaacsim-agent doctor --json
"""

INSTALL_STANDALONE = "pip install 'isaacsim-agent-ext[standalone]'"
PACKAGES = (
    # distribution, module, what for, needed by the quick start, how to get it
    ("usd-core", "pxr.Usd", "reads and composes stages", True, INSTALL_STANDALONE),
    ("warp-lang", "warp", "renders, on CPU and CUDA", True, INSTALL_STANDALONE),
    ("embreex", "embreex", "traces rays fast on x86-64 CPUs", False, INSTALL_STANDALONE),
    (
        "isaacsim-agent-recast",
        "isaacsim_agent_recast",
        "bakes NavMeshes",
        True,
        "apt install librecast-dev g++, then pip install ./packages/recast",
    ),
    ("fpng", "fpng", "encodes PNG", True, INSTALL_STANDALONE),
    ("pillow", "PIL.Image", "reads textures, draws contact sheets", True, INSTALL_STANDALONE),
    ("rich", "rich", "draws the progress bar", False, INSTALL_STANDALONE),
    ("av", "av", "encodes H.264 video", False, "pip install 'isaacsim-agent-ext[video]'"),
    ("mujoco", "mujoco", "lets bodies come to rest", False, "pip install 'isaacsim-agent-ext[physics]'"),
)


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        name: What was looked at.
        ok: Whether it is there.
        detail: Version, path or reason.
        needed: Whether the quick start needs it.
        fix: How to get it, when it is missing.
    """

    name: str
    ok: bool
    detail: str
    needed: bool = False
    fix: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("--asset-root", metavar="PATH", help="look at this assets root")


def execute(arguments: argparse.Namespace) -> int:
    """Print the findings; return 0, or 6 when something needed is missing."""
    findings = examine(asset_root=arguments.asset_root)
    ready = all(finding.ok for finding in findings if finding.needed)
    if arguments.json:
        print(json.dumps({"ok": ready, "findings": [asdict(finding) for finding in findings]}))
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            mark = "ok     " if finding.ok else ("MISSING" if finding.needed else "absent ")
            print(f"{mark} {finding.name:<{width}}  {finding.detail}")
            if not finding.ok and finding.fix:
                print(f"{'':<{width + 9}}  get it: {finding.fix}")
        print("ready to run without Kit" if ready else "not ready: get what is marked MISSING")
    return 0 if ready else 6


def examine(*, asset_root: str | None = None) -> list[Finding]:
    """Look at everything and return what was found."""
    return [
        Finding("isaacsim-agent-ext", True, __version__),
        Finding("Python", True, f"{platform.python_version()} at {sys.executable}"),
        Finding("machine", True, f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"),
        *(_examine_package(*package) for package in PACKAGES),
        _examine_devices(),
        _examine_asset_root(asset_root),
        _examine_cache(),
        _examine_panel(),  # last: on a machine without a CUDA driver it loads something in its place
    ]


def _examine_package(distribution: str, module: str, purpose: str, needed: bool, fix: str) -> Finding:
    from importlib.metadata import version  # here, because it is slow to import

    try:
        importlib.import_module(module)
        installed = version(distribution)
    except Exception as error:  # a broken binary can raise anything at import; the doctor reports it and goes on
        return Finding(distribution, False, f"{purpose}: {error}", needed, fix)
    return Finding(distribution, True, f"{installed}, {purpose}", needed)


def _examine_panel() -> Finding:
    from isaacsim_agent_ext.errors import DependencyError
    from isaacsim_agent_ext.ui.libraries import prepare_omni_ui

    purpose = "draws the panel"
    try:
        prepare_omni_ui(headless=False)
    except DependencyError as error:
        return Finding("ovui", False, f"{purpose}: {error}", fix="pip install 'isaacsim-agent-ext[ui]'")
    return _examine_package("ovui", "omni.ui", purpose, False, "pip install 'isaacsim-agent-ext[ui]'")


def _examine_devices() -> Finding:
    try:
        from isaacsim_agent_ext.render.device import describe_devices

        names = [f"{name} ({what})" for name, what in describe_devices().items()]
    except Exception as error:  # as above
        return Finding("devices", False, f"cannot be listed: {error}", True, INSTALL_STANDALONE)
    return Finding("devices", True, ", ".join(names), True)


def _examine_asset_root(asset_root: str | None) -> Finding:
    from isaacsim_agent_ext.assets.resolver import ASSET_ROOT_VARIABLE

    root = asset_root or os.environ.get(ASSET_ROOT_VARIABLE)
    pack = resources.asset_pack_root()
    if root is None:
        return Finding("assets root", pack.is_dir(), f"none set; the stand-in pack answers: {pack}", True)
    if "://" in root:
        return Finding("assets root", True, f"{root} (not contacted)")
    return Finding("assets root", Path(root).expanduser().is_dir(), root, True, f"set ${ASSET_ROOT_VARIABLE}")


def _examine_cache() -> Finding:
    from isaacsim_agent_ext.resources import cache_dir

    folder = cache_dir()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free / 2**30
    writable = os.access(existing, os.W_OK)
    return Finding("cache", writable, f"{folder}, {free:.1f} GiB free", True, "make the folder writable")
