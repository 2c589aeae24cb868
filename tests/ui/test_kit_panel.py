"""The panel inside Kit: the double's app with the real omni.ui in it."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests"))

from kit_double.kit import Kit  # noqa: E402
from kit_double.modules import kit_modules  # noqa: E402


@pytest.fixture(params=["5.1", "6.0"])
def kit(request: pytest.FixtureRequest, desktop: Any) -> Iterator[Kit]:
    """Return an app whose omni.ui draws."""
    # All that hands and eyes need, while `omni` is still the real one.
    for name in ("testing", "standalone"):
        importlib.import_module(f"omni.ui.{name}")
    real = {name: module for name, module in kit_modules().items() if name.startswith("omni.ui")}
    with Kit(request.param, headless=False) as made:
        sys.modules |= real
        yield made
        assert made.violations == []


def test_the_menu_opens_the_panel_with_the_config_that_is_loaded(
    kit: Kit, desktop: Any, hands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "remembered"))
    config = tmp_path / "job.yaml"
    config.write_text((ROOT / "config/samples/minimal.yaml").read_text())
    kit.extensions.start(ROOT, f"--/exts/isaacsim_agent_ext/config={config}")
    kit.pump(30)
    kit.interface.click("Tools", "Agent Data Generation", "Panel")
    for _ in range(8):
        kit.pump(1)
        desktop.frames(1)
    [items] = kit.interface.menus["Tools"]
    panel = items[0].sub_menu[0]._onclick_fn.__self__.shown.panel
    assert panel.document.path == config
    assert panel.document.problems == ()
    assert panel.window.width > 0
    hands.click(panel.toolbar.save_as)
    for _ in range(8):
        kit.pump(1)
        desktop.frames(1)
    dialog = kit.interface.dialogs[-1]
    dialog._options["click_apply_handler"]("other", f"{tmp_path}/")
    kit.pump(5)
    assert (tmp_path / "other.yaml").read_text() == config.read_text()
    kit.extensions.stop()
    kit.pump(3)
    assert kit.leftovers() == []


def test_ten_starts_with_the_panel_open_leave_nothing_behind(
    kit: Kit, desktop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "remembered"))

    def screen() -> bytes:
        for _ in range(6):
            kit.pump(1)
            desktop.frames(1)
        desktop.screenshot(tmp_path / "screen.png")
        return Image.open(tmp_path / "screen.png").tobytes()

    empty = screen()
    for _ in range(10):
        kit.extensions.start(ROOT, f"--/exts/isaacsim_agent_ext/config={ROOT / 'config/samples/minimal.yaml'}")
        kit.pump(10)
        kit.interface.click("Tools", "Agent Data Generation", "Panel")
        assert screen() != empty
        kit.extensions.stop()
        assert screen() == empty
        assert kit.leftovers() == []
