"""Random clicks, keys and wheel turns: nothing may fail, and the document stays one that can be saved.

``PANEL_RANDOM_STEPS=10000 pytest tests/ui/test_random_use.py`` does so for longer.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

STEPS = int(os.environ.get("PANEL_RANDOM_STEPS", "150"))
WORDS = ("7", "-1", "0.25", "abc", "a: [", "/World/A", "\n", "é", " ")
TYPED = ("tab", "enter", "escape", "backspace", "delete")
SHORTCUTS = (("Z", "control"), ("Y", "control"), ("S", "control"), ("A", "control"), ("N", "control"), ("O", "control"))


@pytest.mark.parametrize("seed", [1])
def test_nothing_fails(
    toy_panel: Any,
    hands: Any,
    desktop: Any,
    full_text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    from omni.ui import _ui

    from isaacsim_agent_ext.ui.viewmodel.document import Document
    from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config

    draw = random.Random(seed)

    async def some_path(question: Any) -> Path | None:
        return draw.choice([None, tmp_path / "toys.yaml", tmp_path / "new.yaml"])

    monkeypatch.setattr(desktop, "choose_path", some_path)
    monkeypatch.setattr(desktop, "notify", lambda text, warning=False: None)
    panel = toy_panel(full_text, agent_config())
    document = panel.document
    width, height = panel.window.width, panel.window.height
    for _ in range(STEPS):
        action = draw.random()
        if action < 0.5:
            _ui._inject_mouse_move(draw.uniform(0, width), draw.uniform(0, height))
            desktop.frames(1)
            button = int(draw.random() < 0.1)
            for down in (True, False) * draw.choice((1, 1, 1, 2)):
                _ui._inject_mouse_button(button, down)
                desktop.frames(1)
        elif action < 0.6:
            _ui._inject_mouse_button(0, True)
            for _ in range(3):
                _ui._inject_mouse_move(draw.uniform(0, width), draw.uniform(0, height))
                desktop.frames(1)
            _ui._inject_mouse_button(0, False)
        elif action < 0.75:
            hands.type(draw.choice(WORDS))
        elif action < 0.85:
            hands.press(draw.choice(TYPED))
        elif action < 0.93:
            _ui._inject_mouse_scroll(0, draw.choice((-3, 3)))
        else:
            hands.press(*draw.choice(SHORTCUTS))
        desktop.frames(1)
        assert not desktop.failures, desktop.failures
    document.save(tmp_path / "end.yaml")
    again = Document(agent_config())
    again.open(tmp_path / "end.yaml")
    assert again.text == document.text
    assert again.section == document.section or not document.is_readable
