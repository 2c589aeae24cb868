"""What the script-editor API needs of a Kit app: its event loop, its events, its notifications."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import omni.kit.async_engine

from isaacsim_agent_ext.errors import AgentError
from isaacsim_agent_ext.hosts.kit.app import tell_error
from isaacsim_agent_ext.hosts.kit.events import KitEventBus
from isaacsim_agent_ext.hosts.kit.host import KitHost

T = TypeVar("T")


class KitRuntime:
    """A `isaacsim_agent_ext.session.runtime.Runtime` inside the app."""

    def __init__(self) -> None:
        self.events = KitEventBus()
        self.host = KitHost()
        self._begun: set[Future[Any]] = set()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the app's event loop, from any thread."""
        handle = _Handle[T]()
        handle.follow(omni.kit.async_engine.run_coroutine(work))
        self._begun.add(handle)
        handle.add_done_callback(self._begun.discard)
        return handle

    def report(self, error: BaseException) -> None:
        """Tell the user of an error: one notification, one line in the log."""
        tell_error(str(error) if isinstance(error, AgentError) else f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Cancel what was begun and leave nothing behind."""
        for handle in list(self._begun):
            handle.cancel()
        self.host.close()
        self.events.close()


class _Handle(Future[T]):
    """A future that ends with a task of the app, and whose cancelling cancels the task."""

    def follow(self, task: asyncio.Task[T] | Future[T]) -> None:
        self._task = task
        task.add_done_callback(self._finish)

    def cancel(self) -> bool:
        return self._task.cancel()

    def _finish(self, task: Any) -> None:
        if task.cancelled():
            super().cancel()
            self.set_running_or_notify_cancel()
        elif (error := task.exception()) is not None:
            self.set_exception(error)
        else:
            self.set_result(task.result())


def kit_runtime() -> KitRuntime:
    """Return a runtime in the app of this process."""
    return KitRuntime()
