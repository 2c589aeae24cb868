"""Run every benchmark, one after the other, and print their tables.

::

    python benchmarks/run_all.py [--only render navigation ...] [--device cuda:0]

Nothing else should be running on the machine: two busy cores slow each other down.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BENCHMARKS = (
    "render",
    "animation",
    "navigation",
    "simulation",
    "crowd",
    "crowd_speed",
    "crowd_flow",
    "writers",
    "reader",
    "panel",
    "panel_document",
    "quick_start",
)


def main() -> int:
    """Run them; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS)
    parser.add_argument("--device", help="where the renderer is measured (default: the CPU)")
    options = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
    failed = 0
    for name in options.only:
        print(f"\n== {name}", flush=True)
        arguments = ["--device", options.device] if name == "render" and options.device else []
        failed += subprocess.run([sys.executable, FOLDER / f"bench_{name}.py", *arguments], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
