"""Getting the standalone `omni.ui` loaded: on machines without an NVIDIA driver, and on those without a display.

Inside Kit nothing of this is needed: there `omni.ui` is part of the app.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from isaacsim_agent_ext.errors import DependencyError
from isaacsim_agent_ext.resources import cache_dir

_SOURCES = Path(__file__).parent / "native"


def prepare_omni_ui(*, headless: bool, scale: float = 1.0) -> None:
    """Make ``import omni.ui`` work in this process; to be called before it is imported.

    Args:
        headless: Whether to draw without a display.
        scale: How large to draw without a display; with one, the display knows.

    Raises:
        DependencyError: Something is not installed.
    """
    if importlib.util.find_spec("omni") is None or importlib.util.find_spec("omni.ui") is None:
        raise DependencyError(_advice())
    if sys.platform != "linux":
        if headless:
            raise DependencyError("the panel can be drawn without a display on Linux only")
        return
    if not _loads("libcuda.so.1"):
        ctypes.CDLL(str(_built("cuda_driver", "-Wl,-soname,libcuda.so.1")), mode=ctypes.RTLD_GLOBAL)
    if headless:
        os.environ["OMNIUI_HEADLESS"] = "1"
        library = ctypes.CDLL(str(_built("headless_scale")), mode=ctypes.RTLD_GLOBAL)
        ctypes.c_float.in_dll(library, "headless_scale").value = scale


_INI_NAME_OFFSET = 32
"""Where Dear ImGui's ``ImGuiIO`` has the name of the file for window positions, in the version that ovui 0.3 brings."""


def keep_no_layout_file() -> None:
    """Keep omni.ui from writing ``imgui.ini`` into the working directory; to be called before the first frame."""
    library = Path(importlib.import_module("omni.ui").__file__ or "").with_name("libimgui.so")
    if not library.exists():
        return
    get_io = ctypes.CDLL(str(library))._ZN5ImGui5GetIOEv
    get_io.restype = ctypes.c_void_p
    name = ctypes.c_char_p.from_address(get_io() + _INI_NAME_OFFSET)
    if name.value == b"imgui.ini":
        name.value = None


def _advice() -> str:
    if sys.version_info[:2] != (3, 12):
        return (
            "the panel needs omni.ui, whose standalone package ovui exists for Python 3.12 only; "
            f"this is Python {sys.version_info[0]}.{sys.version_info[1]}"
        )
    return "the panel needs omni.ui, which is not installed; install it with `pip install 'isaacsim-agent-ext[ui]'`"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _built(name: str, *flags: str) -> Path:
    """Return a shared library of ours, built from its C file once per machine."""
    source = _SOURCES / f"{name}.c"
    digest = hashlib.sha256(source.read_bytes() + " ".join(flags).encode()).hexdigest()[:16]
    library = cache_dir() / "native" / f"{name}-{digest}.so"
    if library.exists():
        return library
    compiler = next((found for found in map(shutil.which, ("cc", "gcc", "clang", "g++")) if found), None)
    if compiler is None:
        raise DependencyError(
            f"the panel needs a C compiler to build {source}, once; install one with `apt install gcc`"
        )
    library.parent.mkdir(parents=True, exist_ok=True)
    new = library.with_suffix(f".{os.getpid()}.part")
    command = [compiler, "-x", "c", "-shared", "-fPIC", "-O1", *flags, "-o", str(new), str(source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise DependencyError(f"{source} cannot be compiled:\n{result.stderr.strip()}")
    new.replace(library)
    return library
