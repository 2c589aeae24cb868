"""Time the quick start as a user sees it: one process started, one dataset made; time, speed and memory of all of it.

Run it with ``python benchmarks/bench_quick_start.py [--json] [-- arguments of isaacsim-agent run]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = Path(__file__).resolve().parent.parent / "config" / "samples" / "quick_start.yaml"


def tree_memory(pid: int) -> int:
    """Return the proportional memory of a process and all below it [B] (shared pages counted once)."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                total += tree_memory(int(child))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass  # it ended while we looked
    return total


def measure(arguments: list[str]) -> dict[str, float]:
    """Run the quick start once and return its figures."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "isaacsim_agent_ext.cli", "run", str(CONFIG), "--output", folder, "--json"]
        since = time.perf_counter()
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
        peak = 0
        while process.poll() is None:
            peak = max(peak, tree_memory(process.pid))
            time.sleep(0.25)
        seconds = time.perf_counter() - since
        assert process.stdout is not None
        report = json.loads(process.stdout.read())["report"]
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return {
        "seconds": round(seconds, 2),
        **{f"seconds in {phase}": spent for phase, spent in report["seconds"].items()},
        "frames": report["frames"],
        "images": report["views"],
        "frames per second while recording": report["frames_per_second"],
        "images per second over all": round(report["views"] / seconds, 2),
        "peak memory [MiB]": round(peak / 2**20),
        "dataset [MiB]": round(size / 2**20, 1),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("arguments", nargs="*", help="arguments of isaacsim-agent run, after --")
    options = parser.parse_args()
    figures = measure(options.arguments)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<36} {value:>10}")


if __name__ == "__main__":
    main()
