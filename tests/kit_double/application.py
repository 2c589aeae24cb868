"""omni.kit.app, omni.kit.async_engine, omni.kit.loop and SimulationApp."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

STREAM = "omni.kit.app update"


class Application:
    """The update loop's waiters and its manual stepping."""

    def __init__(self, kit: Kit):
        self._kit = kit
        self._waiters: dict[str, list[asyncio.Future[float]]] = {"pre": [], "main": [], "post": []}
        self.manual_mode = True
        self.manual_step = 0.01667
        self.tokens = {"app_name": "Isaac-Sim", "omni_data": "/tmp/kit/data", "omni_cache": "/tmp/kit/cache"}
        self.ready_after = 3

    def before(self, dt: float) -> None:
        """Open an update."""
        self._kit.events.dispatch("omni.kit.app.GLOBAL_EVENT_PRE_UPDATE", {"dt": dt}, quiet=True)
        self._wake("pre", dt)

    def main(self, dt: float) -> None:
        """Tell everybody of the update."""
        self._kit.events.dispatch("omni.kit.app.GLOBAL_EVENT_UPDATE", {"dt": dt}, quiet=True)
        self._kit.events.push(STREAM)
        self._wake("main", dt)

    def after(self, dt: float) -> None:
        """Close an update."""
        self._wake("post", dt)

    async def wait(self, phase: str) -> float:
        """Wait for a phase of an update."""
        waiter = self._kit.loop.create_future()
        self._waiters[phase].append(waiter)
        return await waiter

    def _wake(self, phase: str, dt: float) -> None:
        waiters, self._waiters[phase] = self._waiters[phase], []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(dt)


@emulate("omni.kit.app.get_app")
def get_app(kit: Kit) -> Any:
    return kit.one("omni.kit.app.IApp")


@emulate("omni.kit.app.IApp")
class IApp:
    _kit: Kit

    async def next_update_async(self) -> float:
        return await self._kit.application.wait("main")

    async def pre_update_async(self) -> float:
        return await self._kit.application.wait("pre")

    async def post_update_async(self) -> float:
        return await self._kit.application.wait("post")

    def update(self) -> None:
        self._kit.update()

    def post_quit(self, return_code: int = 0) -> None:
        self._kit.quit_codes.append(int(return_code))
        if self._kit.profile == "6.0":
            self._kit.events.dispatch("omni.kit.app.GLOBAL_EVENT_POST_QUIT")

    def post_uncancellable_quit(self, return_code: int = 0) -> None:
        self.post_quit(return_code)

    def get_extension_manager(self) -> Any:
        return self._kit.one("omni.ext.ExtensionManager")

    def get_update_event_stream(self) -> Any:
        return self._kit.events.stream(STREAM)

    def is_running(self) -> bool:
        return not self._kit.quit_codes

    def is_app_ready(self) -> bool:
        return self._kit.updates >= self._kit.application.ready_after

    def print_and_log(self, msg: str) -> None:
        self._kit.log.append(("info", msg))

    def get_kit_version_short(self) -> str:
        return {"5.1": "107.3", "6.0": "110.1"}[self._kit.profile]


@emulate("omni.kit.async_engine.run_coroutine")
def run_coroutine(kit: Kit, coro: Any) -> Any:
    if threading.current_thread() is threading.main_thread():
        return kit.loop.create_task(coro)
    return asyncio.run_coroutine_threadsafe(coro, kit.loop)


@emulate("omni.kit.loop._loop.acquire_loop_interface")
def acquire_loop_interface(kit: Kit) -> Any:
    return kit.one("omni.kit.loop._loop.RunLoopRunner")


@emulate("omni.kit.loop._loop.RunLoopRunner")
class RunLoopRunner:
    _kit: Kit

    def set_manual_mode(self, enabled: bool = True, name: str = "") -> None:
        self._kit.application.manual_mode = enabled

    def set_manual_step_size(self, dt: float = 0.01667, name: str = "") -> None:
        self._kit.application.manual_step = dt

    def get_manual_mode(self, name: str = "") -> bool:
        return self._kit.application.manual_mode

    def get_manual_step_size(self, name: str = "") -> float:
        return self._kit.application.manual_step


@emulate("isaacsim.SimulationApp")
class SimulationApp:
    """The application, started by a script; it updates when the script says so."""

    _kit: Kit

    def __init__(self, launch_config: dict[str, Any] | None = None, experience: str = ""):
        words = (launch_config or {}).get("extra_args", [])
        self._kit.settings.command_line(*[word for word in words if word.startswith("--/")])
        for option, name in pairwise(words):
            if option == "--enable":
                self._kit.extensions.enable(name)
        self._closed = False
        self._kit.pump(5)

    @property
    def app(self) -> Any:
        return self._kit.one("omni.kit.app.IApp")

    @property
    def context(self) -> Any:
        return self._kit.one("omni.usd.UsdContext")

    def run_coroutine(self, coro: Any, run_until_complete: bool = True) -> Any:
        task = self._kit.loop.create_task(coro)
        if run_until_complete:
            self._kit.pump_until(task.done, what="run_coroutine")
            return task.result()
        return task

    def update(self) -> None:
        self._kit.update()

    def is_running(self) -> bool:
        return not self._closed and not self._kit.quit_codes

    def is_exiting(self) -> bool:
        return self._closed or bool(self._kit.quit_codes)

    def set_setting(self, k: str, v: Any) -> None:
        self._kit.settings.set(k, v)

    def close(self, wait_for_replicator: bool = True, skip_cleanup: bool = False, exit_code: int = 0) -> None:
        self._closed = True
        self._kit.quit_codes.append(exit_code)
