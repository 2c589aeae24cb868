"""What each tab looks like, against pictures that were judged by eye; ``PANEL_GOLDEN=write`` takes them anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

GOLDEN = Path(__file__).parent / "golden"
MOST_MEAN = 3.0
"""Largest mean difference of a colour channel: other versions of the rasteriser draw edges a little differently."""
MOST_CHANGED = 0.02
"""Largest share of pixels that differ clearly."""

TOYS = """\
# A box of toys.
toy.box:
  count: 3
  mode: fast
  span: [0.5, 2.0]
  shapes:
    - ball: {radius: 0.25}
    - brick: {size: [1.0, 2.0, 0.5]}
  boxes:
    first: {owner: Ada, weight: 2.5}
    second: {owner: Bob}
  notes: |
    Handle with care.
  prim: /World/Box
"""


@pytest.mark.parametrize("state", ["form", "open", "problems", "text", "broken"])
def test_looks_as_it_did(toy_panel: Any, hands: Any, desktop: Any, look: Any, tmp_path: Path, state: str) -> None:
    desktop.hide_pointer()
    panel = toy_panel(TOYS)
    if state == "open":
        look(panel, "shapes", 1).unfold()
        hands.wait(4)
        panel.config.form.scroll_to_top()
    if state in ("problems", "text"):
        panel.document.set(("count",), 70)
        panel.document.set(("boxes", "second", "owner"), "")
    if state in ("text", "broken"):
        panel.show_tab("YAML")
    if state == "broken":
        panel.document.set_text("toy.box: [" + TOYS)
    hands.wait(8)
    desktop.screenshot(tmp_path / "now.png")
    now = Image.open(tmp_path / "now.png").convert("RGB")
    golden = GOLDEN / f"{state}.png"
    if os.environ.get("PANEL_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        now.save(golden, optimize=True)
        pytest.skip("taken anew")
    expected = Image.open(golden).convert("RGB")
    assert now.size == expected.size
    difference = np.abs(np.asarray(now, dtype=int) - np.asarray(expected, dtype=int))
    assert difference.mean() < MOST_MEAN
    assert (difference.max(axis=-1) > 60).mean() < MOST_CHANGED
