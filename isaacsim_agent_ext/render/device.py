"""Warp and its devices: quiet, with compiled kernels in this package's cache folder.

The other modules of the renderer take ``wp`` from here, so that a missing Warp is explained.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.resources import cache_dir

try:
    import warp as wp
except ImportError as error:
    raise DependencyError(
        "Rendering needs the package 'warp-lang', which is not installed. "
        "Install the stand-alone extra: pip install 'isaacsim-agent-ext[standalone]'"
    ) from error

OLDEST_WARP = (1, 19)
"""Isaac Sim brings an older one: inside it the app draws, and `isaacsim_agent_ext.render.numpy_rays` casts rays."""

if tuple(int(part) for part in str(wp.config.version).split(".")[:2]) < OLDEST_WARP:
    raise DependencyError(
        f"Rendering needs the package 'warp-lang' in version {'.'.join(map(str, OLDEST_WARP))} or newer, and "
        f"{wp.config.version} is installed. Upgrade it: pip install --upgrade warp-lang"
    )


def choose_device(name: str) -> str:
    """Return the name of the device to draw with: ``name``, or for ``"auto"`` the first GPU, else the CPU.

    Raises:
        DependencyError: There is no such device; the text lists those there are.
    """
    if name != "auto":
        return str(open_device(name).alias)
    open_device("cpu")
    return "cuda:0" if wp.is_cuda_available() else "cpu"


def describe_devices() -> dict[str, str]:
    """Return every device Warp can use: its name, and what it is."""
    open_device("cpu")
    return {device.alias: str(device.name) for device in wp.get_devices()}


KERNEL_MODULES = ("antialias", "coverage", "output", "skinning", "visibility")


def open_device(name: str) -> Any:
    """Start Warp and return one of its devices.

    Args:
        name: ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.

    Raises:
        DependencyError: There is no such device; the text lists those there are.
    """
    # All kernels of one Warp module must be known before it is compiled, or it is compiled again for each new one.
    for module in KERNEL_MODULES:
        importlib.import_module(f"isaacsim_agent_ext.render.kernels.{module}")
    wp.config.log_level = wp.LOG_ERROR
    if wp.config.kernel_cache_dir is None and not os.environ.get("WARP_CACHE_PATH"):
        wp.config.kernel_cache_dir = str(cache_dir() / "warp")
    with contextlib.nullcontext() if _has_cuda_driver() else _silent_stderr():
        wp.init()
    try:
        return wp.get_device(name)
    except (ValueError, RuntimeError) as error:
        found = ", ".join(device.alias for device in wp.get_devices())
        hint = "" if wp.is_cuda_available() else "; Warp sees no CUDA driver here (does `nvidia-smi` work?)"
        raise DependencyError(f"There is no device {name!r}; found: {found}{hint}") from error


def _has_cuda_driver() -> bool:
    try:
        ctypes.CDLL("libcuda.so.1" if sys.platform == "linux" else "nvcuda.dll")
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Drop what native code writes to stderr: Warp warns of a missing CUDA driver, which a CPU job has no use for."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
