"""Every Kit call the product makes: how sure it is in each version, what guards it, and a test that reaches it.

``PYTHONPATH=tests python -m kit_contract.table --write`` runs the tests of the adapter and writes
``docs/reference/kit-calls.md``; without ``--write`` it prints the table.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kit_contract.contract import PROFILES, Entry, Symbol, load_contract
from kit_contract.source_calls import PACKAGE, product_sources, walk_sources

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/kit-calls.md"
TESTED_IN = ("tests/kit", "tests/physics", "tests/ui/test_kit_panel.py")

INFERRED = {"omni.anim.navigation.core.INavigation.get_area_name"}
"""Names that are less sure than their entry as a whole."""


class Guard(NamedTuple):
    """What stands between the product and a name that is unsure, or that one version lacks."""

    test: str
    fallback: str


_REHEARSAL = Guard("setting `character_animation`; everything is tried before recording", "our own animation of people")
_BAKE = Guard("any failure of the app's NavMesh", "ours is baked")
_STEP = Guard("`hasattr`", "what Isaac Sim sets: 1/60 s, and the setting manualModeEnabled")

GUARDS: dict[str, Guard] = {
    "carb.eventdispatcher.Event.payload": Guard("`hasattr`", "the keys we know are read one by one"),
    "omni.anim.behavior.core": _REHEARSAL,
    "omni.anim.navigation.core.INavMesh.get_draw_triangles": _BAKE,
    "omni.anim.navigation.core.INavigation.get_area_name": Guard("`hasattr`", "the two default areas, then numbers"),
    "omni.anim.navigation.core.NavAgentDesc": Guard("`hasattr`, in the smoke script only", "it is not used"),
    "omni.kit.commands": _REHEARSAL,
    "omni.kit.loop._loop.RunLoopRunner.get_manual_mode": _STEP,
    "omni.kit.loop._loop.RunLoopRunner.get_manual_step_size": _STEP,
    "omni.physx": Guard("any failure, also no step in 30 updates", "MuJoCo"),
    "omni.replicator.core.Annotator.initialize": Guard("any failure", "the annotator's other names and parameters"),
}
"""Guards by name, or by the module or class that names are in."""

PANEL = "hosts/kit/ui.py"
PANEL_TEST = "tests/ui, with the real `omni.ui` in the double's place"
"""What tests the calls of the panel's window: the double records none of them."""

Reached = Mapping[str, Mapping[str, Sequence[str]]]
"""Contract name to the product's places that reached it, each with the tests that ran it."""

HEADER = """\
# Kit calls

Every call into Kit and Isaac Sim that the extension makes. *5.1* and *6.0* say how sure it is that the version has it:
**V** read in its source, **D** in its documentation, **L** seen in public code that others have run, **I** inferred,
`–` not there. What is only L or I, or missing in one version, has a guard and something to fall back to. The test is
one of those that make the call in the [emulated app](../../tests/kit_double/README.md); the
[smoke script](../how-to/isaac-sim.md#when-something-differs) makes the guarded ones in a real one.

This page is generated: `PYTHONPATH=tests python -m kit_contract.table --write`.

"""
_COLUMNS = ("Call", *PROFILES, "Where", "Guard", "Fallback", "Test")


def guard_of(name: str) -> Guard | None:
    """Return what guards a name."""
    while name:
        if name in GUARDS:
            return GUARDS[name]
        name = name.rpartition(".")[0]
    return None


def used_symbols() -> dict[str, set[str]]:
    """Return the contract names that the product uses, each with the files that do."""
    places: dict[str, set[str]] = defaultdict(set)
    for site in walk_sources(product_sources(ROOT), ROOT).sites:
        places[site.name].add(_file(site.path))
    return dict(places)


def needs_guard(symbol: Symbol) -> bool:
    """Whether a name may be missing: nobody has read it in source or documentation, or a version lacks it."""
    confidence = symbol.entry.confidence if symbol.entry else "V"
    return symbol.name in INFERRED or not {"V", "D"} & set(confidence) or symbol.profiles != frozenset(PROFILES)


def table(reached: Reached) -> str:
    """Return the table.

    Args:
        reached: What tests have reached, which also knows of calls that the source alone does not show.
    """
    contract = load_contract()
    used = {name: set(files) for name, files in used_symbols().items()}
    for name, places in reached.items():
        used.setdefault(name, set()).update(_file(place.rpartition(":")[0] or place) for place in places)
    rows: dict[tuple[Entry, Guard | None], list[tuple[Symbol, set[str]]]] = defaultdict(list)
    for name, files in sorted(used.items()):
        symbol = contract.find(name)
        if symbol is not None and symbol.entry is not None:
            rows[symbol.entry, guard_of(name) if needs_guard(symbol) else None].append((symbol, files))
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    for (entry, guard), symbols in sorted(rows.items(), key=lambda item: item[1][0][0].name):
        mark = "".join(dict.fromkeys(re.findall(r"\b[VDLI]\b", entry.confidence)))
        mark = "I" if {symbol.name for symbol, _ in symbols} <= INFERRED else mark
        profiles = frozenset().union(*(symbol.profiles for symbol, _ in symbols))
        tests = {test for symbol, _ in symbols for each in reached.get(symbol.name, {}).values() for test in each}
        cells = [
            "<br>".join(f"`{symbol.name}`" for symbol, _ in symbols),
            *(mark if profile in profiles else "–" for profile in PROFILES),
            "<br>".join(sorted(_all_files(symbols))),
            *(guard or ("", "")),
            min(
                tests,
                default=PANEL_TEST if _all_files(symbols) == {PANEL} else "",
                key=lambda test: ("smoke" in test, test),
            ),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _all_files(symbols: Sequence[tuple[Symbol, set[str]]]) -> set[str]:
    return {file for _, files in symbols for file in files}


def read_page() -> dict[str, dict[str, list[str]]]:
    """Return what the written page says tests have reached, as `table` takes it."""
    reached = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            files = cells[_COLUMNS.index("Where")].split("<br>")
            for name in cells[0].replace("`", "").split("<br>"):
                reached[name] = {file: [cells[-1]] if "::" in cells[-1] else [] for file in files}
    return reached


def _file(path: str) -> str:
    return path.removeprefix(f"{PACKAGE}/")


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
    """Print the table, or write the page."""
    parser = argparse.ArgumentParser(prog="kit_contract.table", description="Every Kit call the product makes.")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    parser.add_argument("--static", action="store_true", help="take the tests from the page instead of running them")
    options = parser.parse_args()
    text = table(read_page() if options.static else run_tests())
    if options.write:
        PAGE.write_text(HEADER + text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
