"""What the script-editor API needs from the place it runs in: a Kit app, or plain Python."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from isaacsim_agent_ext.config.load import LoadedConfig
from isaacsim_agent_ext.events import EventBus, LocalEventBus
from isaacsim_agent_ext.hosts.protocol import (
    AsyncHost,
    AsyncScenario,
    Host,
    HostOptions,
    RecordingTally,
    Scenario,
    never,
)
from isaacsim_agent_ext.session.event_log import EventPort
from isaacsim_agent_ext.session.progress import Reporter
from isaacsim_agent_ext.session.recording import RecordingPlan

if TYPE_CHECKING:
    from isaacsim_agent_ext.hosts.world import World

T = TypeVar("T")

_GLANCE = 0.03
"""How often a paused job looks whether it may go on [s]."""


class Runtime(Protocol):
    """A place in which a session lives."""

    @property
    def events(self) -> EventBus:
        """Where events are announced and heard."""

    @property
    def host(self) -> AsyncHost:
        """What sets up and records."""

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine at once, without waiting for it, from any thread.

        The future is one that ``asyncio.wrap_future`` takes, so that it can be awaited on any event loop.
        """

    def report(self, error: BaseException) -> None:
        """Tell the user of an error that ended what was begun: one message, one line in the log."""

    def close(self) -> None:
        """Give everything back."""


class StandaloneRuntime:
    """Plain Python: work goes on in a thread of its own, errors go to the log."""

    def __init__(self, host: Callable[[], Host] | None = None):
        """Start nothing yet.

        Args:
            host: Makes the host when it is first needed; the standalone one by default.
        """
        self.events: EventBus = LocalEventBus()
        self.host: AsyncHost = _ThreadedHost(host or _standalone_host)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the background thread."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # A daemon: a script that ends while generating ends; files are whole at any time.
                threading.Thread(target=self._loop.run_forever, name="isaacsim-agent", daemon=True).start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def report(self, error: BaseException) -> None:
        """Log the error; Python prints it on standard error unless logging is configured otherwise."""
        logging.getLogger("isaacsim_agent_ext").error("%s", error)

    def close(self) -> None:
        """End the background thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)


def _standalone_host() -> Host:
    from isaacsim_agent_ext.hosts.standalone.host import StandaloneHost

    return StandaloneHost()


class _ThreadedHost:
    """A host that blocks, made one that can be awaited by working in a thread."""

    hosted_writers: Collection[str] = ()

    def __init__(self, make_host: Callable[[], Host]):
        self._make_host = make_host

    async def set_up(self, loaded: LoadedConfig, options: HostOptions, reporter: Reporter) -> AsyncScenario:
        return _ThreadedScenario(await asyncio.to_thread(lambda: self._make_host().set_up(loaded, options, reporter)))


class _ThreadedScenario:
    def __init__(self, scenario: Scenario):
        self._scenario = scenario

    @property
    def cameras(self) -> Sequence[str]:
        return self._scenario.cameras

    @property
    def actor_count(self) -> int:
        return self._scenario.actor_count

    @property
    def warnings(self) -> Sequence[str]:
        return self._scenario.warnings

    @property
    def world(self) -> World:
        return self._scenario.world

    async def record(
        self,
        plan: RecordingPlan,
        reporter: Reporter,
        cancelled: Callable[[], bool],
        *,
        port: EventPort | None = None,
        paused: Callable[[], bool] = never,
    ) -> RecordingTally:
        def waits_or_is_cancelled() -> bool:
            while paused() and not cancelled():
                time.sleep(_GLANCE)
            return cancelled()

        return await asyncio.to_thread(lambda: self._scenario.record(plan, reporter, waits_or_is_cancelled, port=port))

    async def close(self) -> None:
        await asyncio.to_thread(self._scenario.close)
