"""How much processor time edits of a config with many groups take, without drawing anything.

::

    python benchmarks/bench_panel_document.py [--groups 50] [--repeat 30] [--json]

An edit is done when the text, the form and the problems are those after it. At 60 frames per second it has 16 ms.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.document import read_document
from isaacsim_agent_ext.config.dump import dump_config
from isaacsim_agent_ext.config.schema import ROOT_KEY
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config

SAMPLE = Path(__file__).parents[1] / "config" / "samples" / "full_pipeline.yaml"
GROUP = ("character", "groups", "group_7")


def many_groups(count: int) -> str:
    """Return the text of a config with so many groups of people, each with routines, triggers and colliders."""
    section = read_document(SAMPLE.read_text()).data[ROOT_KEY]
    groups = section["character"]["groups"]
    template = groups["warehouse_workers"]
    section["character"]["groups"] = {f"group_{i}": copy.deepcopy(template) for i in range(count)}
    return dump_config(section)


def edits(document: Document) -> dict[str, Callable[[int], Any]]:
    """Return edits by name; each takes the number of the repetition."""
    wander = (*GROUP, "routines", 0, "wander")
    return {
        "number": lambda i: document.set((*GROUP, "num"), i + 1),
        "range, deep": lambda i: document.set((*wander, "walk", "speed_range"), [0.5, 1.0 + i / 10]),
        "wrong value": lambda i: document.set((*GROUP, "num"), -1 - i),
        "new key, reset": lambda i: (
            document.reset((*GROUP, "spawn_areas")) if i % 2 else document.set((*GROUP, "spawn_areas"), ["dock"])
        ),
        "top-level value": lambda i: document.set(("simulation_duration",), 60.0 + i),
        "add a trigger": lambda _: document.add((*GROUP, "triggers"), option="time_trigger"),
        "another behavior": lambda i: document.choose((*GROUP, "routines", 1), ("patrol", "stop")[i % 2]),
        "add a group": lambda _: document.add(("character", "groups")),
        "duplicate a group": lambda _: document.duplicate(("character", "groups", "group_9")),
        "move a group": lambda i: document.move(("character", "groups", "group_9"), (1, -1)[i % 2]),
        "undo": lambda _: document.undo(),
    }


def measure(groups: int, repeat: int) -> dict[str, float]:
    """Return the time of everything that is measured [ms]: the median of its repetitions."""
    text = many_groups(groups)
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "many.yaml"
        file.write_text(text)
        document = Document(agent_config())
        begun = time.process_time()
        document.open(file)
        document.form()
        times["open"] = 1000 * (time.process_time() - begun)
    for name, edit in edits(document).items():
        spent = []
        for i in range(repeat if name != "move a group" else 4):
            document.end_edit()
            begun = time.process_time()
            edit(i)
            document.form(), document.problems, document.text  # what views ask for
            spent.append(1000 * (time.process_time() - begun))
        times[name] = statistics.median(spent)
    begun = time.process_time()
    document.set_text(document.text.replace("num: 10", "num: 107", 1))
    document.form()
    times["typed text"] = 1000 * (time.process_time() - begun)
    return times


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    times = measure(options.groups, options.repeat)
    if options.json:
        print(json.dumps({"groups": options.groups, "milliseconds": times}))
        return
    print(f"{options.groups} groups, {many_groups(options.groups).count(chr(10))} lines")
    for name, spent in times.items():
        print(f"{name:<20} {spent:8.1f} ms")


if __name__ == "__main__":
    main()
