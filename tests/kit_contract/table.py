"""Prints, as Markdown, every Kit call the product makes: how sure it is, what guards it, which tests reach it.

``PYTHONPATH=tests python -m kit_contract.table [--static]``
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from kit_contract.contract import PROFILES, Entry, Symbol, load_contract
from kit_contract.source_calls import PACKAGE, product_sources, walk_sources

ROOT = Path(__file__).parents[2]
TESTED_IN = ("tests/kit",)

INFERRED = {"omni.anim.navigation.core.INavigation.get_area_name"}
"""Names that are less sure than their entry as a whole."""

GUARDS = {
    "carb.eventdispatcher.Event.payload": "`hasattr`; else the keys we know are read one by one",
    "omni.anim.navigation.core.INavMesh.get_draw_triangles": "any failure of Kit's NavMesh; our own is baked",
    "omni.anim.navigation.core.INavigation.get_area_name": "`hasattr`; else the two default areas, then numbers",
    "omni.anim.navigation.core.NavAgentDesc": "only asked for with `hasattr`, by the smoke script",
    "omni.kit.loop._loop.RunLoopRunner.get_manual_mode": "`hasattr`; else the setting manualModeEnabled",
    "omni.kit.loop._loop.RunLoopRunner.get_manual_step_size": "`hasattr`; else 1/60 s",
}
"""What stands between the product and each name that is unsure, or that one version lacks: guard and fallback."""


Reached = Mapping[str, Mapping[str, Sequence[str]]]
"""Contract name to the product's places that reached it, each with the tests that ran it."""


def used_symbols() -> dict[str, list[str]]:
    """Return the contract names that the product uses, each with its places."""
    places: dict[str, list[str]] = defaultdict(list)
    for site in sorted(walk_sources(product_sources(ROOT), ROOT).sites):
        places[site.name].append(f"{site.path.removeprefix(f'{PACKAGE}/')}:{site.line}")
    return dict(places)


def needs_guard(symbol: Symbol) -> bool:
    """Whether a name may be missing: nobody has read it in source or documentation, or a version lacks it."""
    confidence = symbol.entry.confidence if symbol.entry else "V"
    return symbol.name in INFERRED or not {"V", "D"} & set(confidence) or symbol.profiles != frozenset(PROFILES)


def table(reached: Reached | None = None) -> str:
    """Return the table.

    Args:
        reached: What tests have reached; None leaves that column out, and with it the calls that only running shows.
    """
    contract = load_contract()
    used = {name: set(places) for name, places in used_symbols().items()}
    for name, places in (reached or {}).items():
        used.setdefault(name, set()).update(place.removeprefix(f"{PACKAGE}/") for place in places)
    rows: dict[Entry, list[tuple[Symbol, set[str]]]] = defaultdict(list)
    for name, places in sorted(used.items()):
        symbol = contract.find(name)
        if symbol is not None and symbol.entry is not None:
            rows[symbol.entry].append((symbol, places))
    header = [
        "Kit call",
        "Sure",
        "Versions",
        "Called at",
        "Guard and fallback",
        *(["Tests"] if reached is not None else []),
    ]
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for entry, symbols in sorted(rows.items(), key=lambda item: item[0].name):
        names = "<br>".join(f"`{symbol.name}`" for symbol, _ in symbols)
        versions = " ".join(sorted(frozenset().union(*(symbol.profiles for symbol, _ in symbols))))
        places = sorted({place for _, each in symbols for place in each})
        guards = [GUARDS[symbol.name] for symbol, _ in symbols if symbol.name in GUARDS]
        cells = [names, entry.confidence, versions, "<br>".join(places), "<br>".join(dict.fromkeys(guards))]
        if reached is not None:
            tests = {test for symbol, _ in symbols for each in reached.get(symbol.name, {}).values() for test in each}
            cells.append(_shown(sorted(tests)))
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _shown(tests: Sequence[str]) -> str:
    names = [test.partition("::")[2] or test for test in tests]
    return "<br>".join(names[:3]) + (f"<br>and {len(names) - 3} more" if len(names) > 3 else "")


def run_tests() -> Reached:
    """Run the tests of the adapter, and return what they reach."""
    with tempfile.TemporaryDirectory() as folder:
        coverage = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", *TESTED_IN]
        result = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "KIT_COVERAGE": str(coverage)}, stdout=sys.stderr, check=False
        )
        if result.returncode != 0 or not coverage.is_file():
            raise SystemExit("the tests failed: no table of what they cover")
        return json.loads(coverage.read_text(encoding="utf-8"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="kit_contract.table", description="Every Kit call the product makes.")
    parser.add_argument("--static", action="store_true", help="do not run the tests; leave their column out")
    print(table(None if parser.parse_args().static else run_tests()))


if __name__ == "__main__":
    main()
