"""The standalone `omni.ui` as the panel's host: a window on a desktop, or pictures without one."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.errors import DependencyError, OutputError
from isaacsim_agent_ext.ui.host import PathQuestion, PrimTree
from isaacsim_agent_ext.ui.libraries import keep_no_layout_file, prepare_omni_ui
from isaacsim_agent_ext.ui.viewmodel.recent_files import state_folder as default_state_folder

FRAMES_PER_SECOND = 60
_GLFW_KEYS = {ord(letter): letter for letter in "NOSYZ"} | {256: "ESCAPE", 257: "ENTER", 335: "ENTER"}
"""Names of the keys that GLFW reports by these codes."""


class Desktop:
    """An application of one window, outside Kit; a `isaacsim_agent_ext.ui.host.UiHost`.

    One process has one at a time. It belongs to the thread that made it.
    """

    def __init__(
        self,
        title: str,
        width: int,
        height: int,
        *,
        headless: bool = False,
        scale: float = 1.0,
        state_folder: Path | None = None,
    ):
        """Open the window.

        Args:
            title: Of the window.
            width: Of the window [px].
            height: Of the window [px].
            headless: Whether to draw without a display.
            scale: How large to draw without a display.
            state_folder: Where the panel keeps what it remembers; the user's config folder by default.

        Raises:
            DependencyError: Something is not installed, or there is no display.
        """
        self.state_folder = state_folder or default_state_folder()
        self.font_scale = scale if headless else 1.0
        self.loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        if not headless:
            _require_display()
        prepare_omni_ui(headless=headless, scale=scale)
        with _told() as told:
            import omni.ui as ui
            from omni.ui import testing

            self._ui, self._testing = ui, testing
            try:
                ui.init(title, width, height)
            except RuntimeError as error:
                raise DependencyError(_cannot_draw(told(), headless)) from error
            keep_no_layout_file()

    # ---- what the panel needs of its host --------------------------------------------------------------------------

    def make_window(self, title: str) -> Any:
        """Return a window that fills the application's."""
        ui = self._ui
        width, height = self._size()
        self._panel = ui.Window(
            title,
            width=width,
            height=height,
            flags=ui.WINDOW_FLAGS_NO_TITLE_BAR
            | ui.WINDOW_FLAGS_NO_RESIZE
            | ui.WINDOW_FLAGS_NO_MOVE
            | ui.WINDOW_FLAGS_NO_SCROLLBAR
            | ui.WINDOW_FLAGS_NO_SAVED_SETTINGS,
            padding_x=0,
            padding_y=0,
            position_x=0,
            position_y=0,
        )
        return self._panel

    def _size(self) -> tuple[float, float]:
        workspace, scale = self._ui.Workspace, self.font_scale  # without a display, windows are measured in pixels
        return workspace.get_main_window_width() * scale, workspace.get_main_window_height() * scale

    def _fill(self) -> None:
        if (self._panel.width, self._panel.height) != self._size():
            self._panel.width, self._panel.height = self._size()

    async def next_frame(self) -> None:
        """Wait for the next frame."""
        await self._ui.next_frame()

    def schedule(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        """Start a coroutine beside the drawing."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def choose_path(self, question: PathQuestion) -> Path | None:
        """Ask for a file or a folder in a window of our own."""
        from isaacsim_agent_ext.ui.file_dialog import ask_path

        return await ask_path(self, question)

    def notify(self, text: str, *, warning: bool = False) -> None:
        """Show a message for a while."""
        from isaacsim_agent_ext.ui.toast import show_toast

        self.schedule(show_toast(self, text, warning=warning))

    def key_name(self, code: int) -> str:
        """Return the name of a GLFW key."""
        return _GLFW_KEYS.get(code, "")

    def prims(self) -> PrimTree | None:
        """Return None: no stage is open on a desktop."""
        return None

    def show_folder(self, path: Path) -> None:
        """Open a folder in the system's file browser."""
        if sys.platform == "linux":
            subprocess.Popen(["xdg-open", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        else:
            webbrowser.open(path.as_uri())

    # ---- frames ----------------------------------------------------------------------------------------------------

    def run(self, may_close: Callable[[], bool], dropped: Callable[[str], object]) -> None:
        """Draw until the window is closed.

        Args:
            may_close: Asked when the user closes the window; it may say no, ask the user, and call `close` later.
            dropped: Told the path of each file that the user drops on the window.
        """
        self._glfw = _Glfw(Path(self._ui.__file__).parent)
        self._glfw.take_drops(dropped)
        self.loop.run_until_complete(self._draw(may_close))

    async def _draw(self, may_close: Callable[[], bool]) -> None:
        self._closing = False
        while not self._closing:
            start = time.perf_counter()
            self._fill()
            await self._testing.next_frame()
            if self._ui._ui._standalone_should_close():
                if may_close():
                    return
                self._glfw.keep_open()
            await asyncio.sleep(max(0.0, 1 / FRAMES_PER_SECOND - (time.perf_counter() - start)))

    def close(self) -> None:
        """End `run`."""
        self._closing = True

    def frames(self, count: int = 1) -> None:
        """Draw so many frames at once."""
        self.loop.run_until_complete(self._testing.wait_frames(count))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end; it has to draw the frames that it waits for."""
        return self.loop.run_until_complete(work)

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window [px]."""
        self._ui.standalone.set_window_size(width, height)
        self._fill()
        self.frames(2)

    def hide_pointer(self) -> None:
        """Draw no pointer: without a display omni.ui draws one of its own."""
        self._ui.standalone.set_software_cursor(False)

    def screenshot(self, path: Path) -> None:
        """Write what is on the screen into a PNG file.

        Raises:
            OutputError: It cannot be written.
        """
        path = path.absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.stem}.part.png")
        with _told() as told:
            if not self._testing.capture_screenshot(str(new)) or not new.exists():
                raise OutputError(f"{path}: the picture cannot be written\n{told()}")
        new.replace(path)

    def shut_down(self) -> None:
        """Let go of the window and of everything that was begun."""
        for task in list(self._tasks):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        self._ui.shutdown()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.loop.call_exception_handler({"message": "the panel failed", "exception": error, "task": task})


def _require_display() -> None:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise DependencyError(
            "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): run this on a desktop or through "
            "`ssh -X`, or take a picture with `isaacsim-agent ui CONFIG --screenshot panel.png`"
        )


def _cannot_draw(told: str, headless: bool) -> str:
    advice = (
        "drawing without a display needs Vulkan; install it with `apt install libvulkan1 mesa-vulkan-drivers`"
        if headless
        else "a window cannot be opened on this display"
    )
    return f"{advice}\n{told}".strip()


class _Glfw:
    """The window of the application, as GLFW has it; omni.ui itself does not tell of drops, nor stay open."""

    def __init__(self, package: Path):
        self._library = ctypes.CDLL(str(package / "libomniui_standalone.so.3"))
        self._library.glfwGetCurrentContext.restype = ctypes.c_void_p
        self._window = ctypes.c_void_p(self._library.glfwGetCurrentContext())
        self._told: Any = None

    def keep_open(self) -> None:
        """Take the wish to close the window back, so that it can be wished again."""
        self._library.glfwSetWindowShouldClose(self._window, 0)

    def take_drops(self, dropped: Callable[[str], object]) -> None:
        """Tell the path of every file that is dropped on the window."""
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p))

        def tell(_window: int, count: int, paths: Any) -> None:
            for path in paths[:count]:
                dropped(path.decode(errors="replace"))

        self._told = kind(tell)  # held, because GLFW does not
        self._library.glfwSetDropCallback(self._window, self._told)


@contextlib.contextmanager
def _told() -> Iterator[Callable[[], str]]:
    """Keep what native code prints meanwhile off the terminal; the value returns it."""
    sys.stdout.flush()
    sys.stderr.flush()
    before = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as file:
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)

            def told() -> str:
                file.seek(0)
                return file.read().decode(errors="replace")

            yield told
        finally:
            for saved, descriptor in zip(before, (1, 2), strict=True):
                os.dup2(saved, descriptor)
                os.close(saved)
