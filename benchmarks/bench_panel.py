"""How fast the panel is: opening, an edit until it is seen, scrolling; drawn without a display, in software.

``python benchmarks/bench_panel.py [--groups 50]`` prints a table. Every figure is the median of its repetitions;
on a machine that is busy, only the processor time tells something.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SIZE = (480, 900)


def config_with(groups: int) -> str:
    """Return the sample with every feature, its first group so many times."""
    text = (ROOT / "config/samples/full_pipeline.yaml").read_text()
    data = yaml.safe_load(text)
    character = data["isaacsim.replicator.agent"]["character"]
    one = character["groups"]["warehouse_workers"]
    character["groups"] = {f"group_{index:02}": one for index in range(groups)}
    yaml.SafeDumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign]
    return yaml.safe_dump(data, sort_keys=False)


def timed(what: str, action: Callable[[], None], repetitions: int, frames: int = 1) -> None:
    """Print how long an action takes per frame [ms]: the median by the clock, and of the processors' time."""
    clock, work = [], []
    for _ in range(repetitions):
        start, begun = time.perf_counter(), time.process_time()
        action()
        clock.append(time.perf_counter() - start)
        work.append(time.process_time() - begun)
    medians = [statistics.median(times) * 1000 / frames for times in (clock, work)]
    print(f"{what:40} {medians[0]:8.1f} ms {medians[1]:8.1f} ms of processor time", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(config_with(arguments.groups))
        measure(config, Path(folder))


def measure(config: Path, state_folder: Path) -> None:
    """Measure with one config and print each figure."""
    begin = time.perf_counter()
    from isaacsim_agent_ext.ui.desktop import Desktop

    desktop = Desktop("Benchmark", *SIZE, headless=True, state_folder=state_folder)
    from omni.ui import testing

    from isaacsim_agent_ext.ui.panel import make_panel

    made = time.perf_counter()
    panel = make_panel(desktop, config)
    desktop.schedule(panel.keep_up_to_date())
    desktop.frames(3)
    done = time.perf_counter()
    print(f"{'start of omni.ui and its window':40} {made - begin:8.2f} s")
    print(f"{'open the panel until the third frame':40} {done - made:8.2f} s")
    numbers = iter(range(100, 10000))

    def edit() -> None:
        panel.document.set(("seed",), next(numbers))
        desktop.frames(2)  # the panel sees the edit after the first frame, and the second shows it

    def scroll() -> None:
        desktop.do(testing.mouse_scroll(SIZE[0] / 2, SIZE[1] / 2, dy=-2))  # takes three frames

    desktop.frames(10)
    timed("a frame in which nothing happens", desktop.frames, 60)
    timed("an edit until it is drawn", edit, 20)
    timed("a frame of scrolling, groups folded", scroll, 40, 3)
    for view in panel.config.form.views:
        unfold(desktop, view, levels=3)
    desktop.frames(5)
    timed("a frame of scrolling, groups open", scroll, 40, 3)
    timed("an edit, groups open", edit, 20)
    panel.show_tab(panel.yaml.title)
    desktop.frames(5)
    timed("a frame of scrolling the text", scroll, 40, 3)
    panel.close()
    desktop.shut_down()


def unfold(desktop: Any, view: Any, levels: int) -> None:
    """Open a section and those in it, down to a level."""
    if hasattr(view, "unfold"):
        view.unfold()
        desktop.frames(2)
    if levels:
        for child in getattr(view, "views", ()):
            unfold(desktop, child, levels - 1)


if __name__ == "__main__":
    main()
