"""The running app: its updates, waits that end, its extensions, and what it shows the user."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import carb
import omni.kit.app

from isaacsim_agent_ext.errors import AgentError, SceneError

T = TypeVar("T")

UPDATE_SECONDS = 900.0
"""Longest that one update of the app may take [s]: the first ones compile shaders, which takes minutes."""


async def next_updates(count: int = 1) -> None:
    """Let the app update so many times.

    Raises:
        SceneError: An update takes longer than `UPDATE_SECONDS`.
    """
    for _ in range(count):
        await within(omni.kit.app.get_app().next_update_async(), UPDATE_SECONDS, "the app's next update")


async def within(
    work: Awaitable[T], seconds: float, what: str, *, advice: str = "", error: type[AgentError] = SceneError
) -> T:
    """Wait for something, but not forever.

    Args:
        work: What to wait for; cancelled when the time is up.
        seconds: How long [s].
        what: What is waited for, as a noun phrase for the message.
        advice: What the user can do, as a clause for the message.
        error: The class to raise.

    Raises:
        AgentError: Of class ``error``, when the time is up.
    """
    try:
        # Not wait_for: in Python 3.11 its waiting goes by way of a second task, which costs updates of the app.
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as late:
        raise error(_late(seconds, what, advice)) from late


async def until(
    condition: Callable[[], bool],
    seconds: float,
    what: str,
    *,
    settled: int = 1,
    advice: str = "",
    error: type[AgentError] = SceneError,
) -> None:
    """Let the app update until a condition holds.

    Args:
        condition: Asked before the first and after every update.
        seconds: How long at most [s].
        what: See `within`.
        settled: How many times in a row the condition has to hold.
        advice: See `within`.
        error: See `within`.

    Raises:
        AgentError: Of class ``error``, when the time is up.
    """
    clock = asyncio.get_running_loop()
    end = clock.time() + seconds
    held = 0
    while True:
        held = held + 1 if condition() else 0
        if held >= settled:
            return
        if clock.time() > end:
            raise error(_late(seconds, what, advice))
        await next_updates()


def _late(seconds: float, what: str, advice: str) -> str:
    return f"waited {seconds:g} s for {what}, in vain" + (f"; {advice}" if advice else "")


async def enable_extension(name: str) -> bool:
    """Make sure that an extension is enabled; return whether it is. One that this Kit does not have is no error."""
    manager = omni.kit.app.get_app().get_extension_manager()
    if manager.is_extension_enabled(name):
        return True
    if not manager.set_extension_enabled_immediate(name, True):
        return False
    await next_updates(2)
    return bool(manager.is_extension_enabled(name))


def tell(text: str) -> None:
    """Say something in the log and, where there is a window, in a notification."""
    carb.log_info(text)
    _notify(text, warning=False)


def tell_error(text: str) -> None:
    """Report an error: one line in the log, one notification."""
    carb.log_error("isaacsim_agent_ext: " + "; ".join(line.strip() for line in text.splitlines() if line.strip()))
    _notify(text, warning=True)


def _notify(text: str, *, warning: bool) -> None:
    try:
        import omni.kit.notification_manager as notifications
    except ImportError:
        return  # without a window there is nobody to notify
    status = notifications.NotificationStatus.WARNING if warning else notifications.NotificationStatus.INFO
    notifications.post_notification(text, duration=10 if warning else 5, status=status)


def quit_app(exit_code: int) -> None:
    """End the app after the present update."""
    omni.kit.app.get_app().post_quit(exit_code)
