"""The panel on a desktop without a display, with hands and eyes: it is drawn, clicked and typed into for real."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SIZE = (560, 900)
KEYS = {"tab": 512, "enter": 525, "escape": 526, "backspace": 523, "delete": 522, "control": 641, "shift": 642} | {
    chr(ord("A") + index): 546 + index for index in range(26)
}
"""Codes of keys as they are injected: those of Dear ImGui; modifiers are bits of their own beside the key."""
MODIFIERS = {"control": (527, 1 << 12), "shift": (528, 1 << 13)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what draws where the standalone omni.ui cannot be; there it is no failure, in CI it would be."""
    if sys.version_info[:2] == (3, 12):
        return
    for item in items:
        if "desktop" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason="the standalone omni.ui (ovui) exists for Python 3.12 only"))


@pytest.fixture(scope="session")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the desktop, one for all tests: a process can have only one."""
    from isaacsim_agent_ext.ui.desktop import Desktop

    made = Desktop("Tests", *SIZE, headless=True, state_folder=tmp_path_factory.mktemp("state"))
    failures: list[dict[str, Any]] = []
    made.loop.set_exception_handler(lambda _loop, context: failures.append(context))
    made.failures = failures
    yield made
    made.shut_down()


class Hands:
    """Clicks and types, as a user would."""

    def __init__(self, desktop: Any):
        from omni.ui import testing

        self._desktop = desktop
        self._testing = testing

    def wait(self, frames: int = 3) -> None:
        """Let frames pass."""
        self._desktop.frames(frames)

    def click(self, widget: Any, button: int = 0) -> None:
        """Click in the middle of a widget."""
        self._desktop.do(self._testing.mouse_click(*middle(widget), button))
        self.wait(2)

    def click_at(self, x: float, y: float) -> None:
        """Click at a point."""
        self._desktop.do(self._testing.mouse_click(x, y))
        self.wait(2)

    def double_click(self, widget: Any) -> None:
        """Click twice, in as few frames as can be: on a busy machine they are long, and slow clicks are two."""
        from omni.ui import _ui

        _ui._inject_mouse_move(*middle(widget))
        self.wait(2)
        for down in (True, False, True, False):
            _ui._inject_mouse_button(0, down)
            self.wait(1)
        self.wait(2)

    def drag(self, widget: Any, dx: float, steps: int = 8) -> None:
        """Drag from the middle of a widget to the right or left."""
        x, y = middle(widget)
        self._desktop.do(self._testing.mouse_drag(x, y, x + dx, y, steps=steps))
        self.wait(2)

    def scroll(self, x: float, y: float, dy: float) -> None:
        """Turn the wheel."""
        self._desktop.do(self._testing.mouse_scroll(x, y, dy=dy))

    def type(self, text: str) -> None:
        """Type into what has the keyboard."""
        self._desktop.do(self._testing.type_text(text))
        self.wait(1)

    def press(self, key: str, *modifiers: str) -> None:
        """Press and release a key."""
        from omni.ui import _ui

        for modifier in modifiers:
            for code in MODIFIERS[modifier]:
                _ui._inject_key_event(code, True)
        self.wait(1)
        self._desktop.do(self._testing.press_key(KEYS[key]))
        for modifier in modifiers:
            for code in MODIFIERS[modifier]:
                _ui._inject_key_event(code, False)
        self.wait(2)

    def replace(self, widget: Any, text: str) -> None:
        """Put a text in place of the one in a field, and leave the field."""
        self.click(widget)
        self.press("A", "control")
        self.type(text)
        self.press("enter")

    def type_into_dialog(self, name: str) -> None:
        """Type a name into the file dialog that is open, and accept it."""
        from isaacsim_agent_ext.ui import file_dialog

        browser = file_dialog.shown[-1]
        self.click(browser.name_field)
        self.press("A", "control")
        self.type(name)
        self.click(browser.accept_button)
        self.wait(6)


def middle(widget: Any) -> tuple[float, float]:
    """Return the middle of a widget [px]."""
    return (
        widget.screen_position_x + widget.computed_width / 2,
        widget.screen_position_y + widget.computed_height / 2,
    )


@pytest.fixture
def hands(desktop: Any) -> Hands:
    """Return hands."""
    return Hands(desktop)


@pytest.fixture
def toy_panel(desktop: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return what opens a panel with a document of quite another kind, saved in a file; tabs for runs are not there."""
    from isaacsim_agent_ext.ui.viewmodel.document import Document
    from isaacsim_agent_ext.ui.window import PanelWindow

    sys.path.insert(0, str(Path(__file__).parent / "viewmodel"))
    from small_kind import toy_box

    opened: list[SimpleNamespace] = []

    def open_(text: str, kind: Any = None, **options: Any) -> Any:
        path = tmp_path / "toys.yaml"
        path.write_text(text)
        document = Document(kind or toy_box())
        document.open(path)
        panel = PanelWindow(desktop, document, **options)
        opened.append(SimpleNamespace(panel=panel, task=desktop.schedule(panel.keep_up_to_date())))
        desktop.frames(6)
        return panel

    desktop.failures.clear()
    yield open_
    _close(desktop, opened)


def _close(desktop: Any, opened: list[SimpleNamespace]) -> None:
    from omni.ui import _ui

    from isaacsim_agent_ext.ui import dialogs

    for button in (0, 1):
        _ui._inject_mouse_button(button, False)
    for dialog in tuple(dialogs.shown):
        dialog.answer(None)
    desktop.frames(3)
    for one in opened:
        one.task.cancel()
        one.panel.close()
    (desktop.state_folder / "sections.json").unlink(missing_ok=True)
    desktop.frames(2)
    assert not desktop.failures, desktop.failures


@pytest.fixture
def look(hands: Hands) -> Callable[..., Any]:
    """Return what brings a field into view, and returns its view."""

    def look_(panel: Any, *path: str | int) -> Any:
        panel.config.show(path)
        hands.wait(14)
        return panel.config.form.view(path)

    return look_


@pytest.fixture
def choose(hands: Hands) -> Callable[[str], None]:
    """Return what clicks on an item of the menu that is open."""

    def choose_(text: str) -> None:
        from isaacsim_agent_ext.ui.fields import entry_menu

        hands.click(next(item for item in entry_menu.shown() if item.text == text))

    return choose_


@pytest.fixture
def open_panel(desktop: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return what opens a panel with the text of a config; it is closed after the test and must not have failed."""
    from isaacsim_agent_ext.ui.panel import make_panel

    opened: list[SimpleNamespace] = []

    def open_(text: str | None = None, name: str = "config.yaml") -> Any:
        path = None
        if text is not None:
            path = tmp_path / name
            path.write_text(text)
        panel = make_panel(desktop, path)
        opened.append(SimpleNamespace(panel=panel, task=desktop.schedule(panel.keep_up_to_date())))
        desktop.frames(6)
        return panel

    desktop.failures.clear()
    yield open_
    _close(desktop, opened)


@pytest.fixture
def full_text() -> str:
    """Return the text of the sample with every feature."""
    return (ROOT / "config" / "samples" / "full_pipeline.yaml").read_text()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ.setdefault("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(autouse=True)
def _nothing_was_swallowed(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Fail a test in which a callback failed: omni.ui only writes such errors on standard error, and goes on."""
    yield
    told = "".join(capfd.readouterr())
    assert "[omni.ui] [error]" not in told, told
