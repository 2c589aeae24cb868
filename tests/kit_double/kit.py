"""A Kit application that is not one: updates on demand, its modules guarded by the contract."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kit_contract.contract import Symbol, load_contract
from kit_double import emulation
from kit_double.guard import Guard
from kit_double.loop import UpdateLoop
from kit_double.modules import KitFinder, forget_kit_modules, kit_modules

T = TypeVar("T")

FRAME_SECONDS = 1.0 / 60.0
_BETWEEN = tuple(str(Path(__file__).with_name(name)) for name in ("kit.py", "guard.py", "modules.py", "events.py"))
"""Files of the double that a call of the product passes through before it is noted."""

REPOSITORY = Path(__file__).parents[2]
PRODUCT = (str(REPOSITORY / "isaacsim_agent_ext"), str(REPOSITORY / "tools"))
COVERAGE: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
"""Contract name to the product's places that reached it, and to the tests that ran them, over the test session."""


class Stuck(AssertionError):  # noqa: N818 - what happened, in one word
    """Something did not finish within its updates."""


@dataclass
class _Fault:
    """What a call does in place of its work."""

    hangs: bool = False
    error: BaseException | None = None
    answer: Any = None


class Kit:
    """One emulated application, from start to exit.

    Attributes:
        profile: ``"5.1"`` or ``"6.0"``.
        headless: Without user interface: its extensions are not there.
        violations: What the product asked for that the contract does not list; a test with any of them fails.
        log: Messages logged, as ``(level, text)``.
        quit_codes: Return codes of every quit that was posted.
        updates: Updates so far.
        blocked: Calls that stopped the user interface while they worked.
    """

    def __init__(self, profile: str, *, headless: bool = True):
        self.profile = profile
        self.headless = headless
        self.contract = load_contract()
        self.guard = Guard(self)
        self.violations: list[str] = []
        self.log: list[tuple[str, str]] = []
        self.quit_codes: list[int] = []
        self.updates = 0
        self.blocked: list[str] = []
        self.loop = UpdateLoop()
        self.loop.set_exception_handler(self._task_failed)
        self._faults: dict[str, _Fault] = {}
        self._released = threading.Event()
        self._in_update = False
        self._single: dict[str, Any] = {}
        emulation.start(self)

    # -- for tests -----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Run one application update."""
        if self._in_update:
            message = "IApp.update() called from within an update: it re-enters the application"
            self.violations.append(message)
            raise RuntimeError(message)
        self._in_update = True
        try:
            self.updates += 1
            self.loop.advance(FRAME_SECONDS)
            emulation.update(self)
        finally:
            self._in_update = False

    def pump(self, updates: int = 1) -> None:
        """Run so many updates."""
        for _ in range(updates):
            self.update()

    def pump_until(self, condition: Callable[[], object], *, updates: int = 5000, what: str = "the condition") -> None:
        """Run updates until a condition holds.

        Raises:
            Stuck: It does not within so many updates.
        """
        for _ in range(updates):
            if condition():
                return
            self.update()
        if not condition():
            raise Stuck(f"{what} did not come true within {updates} updates\n{self.pending()}")

    def run(self, coroutine: Coroutine[Any, Any, T], *, updates: int = 5000) -> T:
        """Run a coroutine to its end, and return what it returns.

        Raises:
            Stuck: It has not finished within so many updates.
        """
        task = self.loop.create_task(coroutine)
        self.pump_until(task.done, updates=updates, what=f"the end of {coroutine.__qualname__}()")
        return task.result()

    def hang(self, name: str) -> None:
        """Let a call never finish, by its contract name such as ``omni.usd.UsdContext.open_stage_async``."""
        self._faults[self._known(name)] = _Fault(hangs=True)

    def fail(self, name: str, error: BaseException) -> None:
        """Let a call raise."""
        self._faults[self._known(name)] = _Fault(error=error)

    def answer(self, name: str, value: Any) -> None:
        """Let a call return a value without doing anything."""
        self._faults[self._known(name)] = _Fault(answer=value)

    def heal(self, name: str) -> None:
        """Let a call work again."""
        self._faults.pop(name, None)

    def forgive(self) -> list[str]:
        """Return the violations so far, and forget them: for tests that commit them on purpose."""
        violations, self.violations = self.violations, []
        return violations

    def logged(self, level: str) -> list[str]:
        """Return the messages of one level: ``info``, ``warn``, ``error`` or ``verbose``."""
        return [text for each, text in self.log if each == level]

    def pending(self) -> str:
        """Say which tasks have not finished, and where they stand."""
        lines = []
        for task in asyncio.all_tasks(self.loop):
            frames = task.get_stack()
            where = f"{frames[-1].f_code.co_filename}:{frames[-1].f_lineno}" if frames else "?"
            lines.append(f"  waiting: {task.get_coro().__qualname__} at {where}")
        return "\n".join(sorted(lines))

    def leftovers(self) -> list[str]:
        """Name everything an extension registered and has not taken back; Kit's own is not counted."""
        tasks = [f"task {task.get_coro().__qualname__}" for task in asyncio.all_tasks(self.loop)]
        return sorted(tasks) + emulation.leftovers(self)

    # -- for the emulation -----------------------------------------------------------------------------------------

    def make(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Return a new object of a contract class, made by Kit itself."""
        symbol = self.contract.find(name)
        assert symbol is not None, name
        made = object.__new__(self.guard.build(symbol))
        type(made).__mro__[1].__init__(made, *args, **kwargs)
        return made

    def one(self, name: str) -> Any:
        """Return the only object of a contract class."""
        if name not in self._single:
            self._single[name] = self.make(name)
        return self._single[name]

    def enum(self, name: str) -> Any:
        """Return a contract enumeration."""
        symbol = self.contract.find(name)
        assert symbol is not None, name
        return self.guard.build(symbol)

    def note(self, symbol: Symbol) -> None:
        """Remember that the running test has led the product to a contract name."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" (")[0].partition("[")[0]
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith((*_BETWEEN, "<frozen importlib")):
            frame = frame.f_back
        if test and frame is not None and frame.f_code.co_filename.startswith(PRODUCT):
            place = f"{Path(frame.f_code.co_filename).relative_to(REPOSITORY).as_posix()}:{frame.f_lineno}"
            COVERAGE[symbol.name][place].add(test)

    def blocks(self, what: str) -> None:
        """Note that a call has stopped the user interface."""
        if threading.current_thread() is threading.main_thread():
            self.blocked.append(what)

    def perform(self, symbol: Symbol, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict) -> Any:
        """Call what emulates a symbol, or do what its fault says."""
        fault = self._faults.get(symbol.name)
        if fault is None:
            return function(*args, **kwargs)
        if symbol.overloads and symbol.overloads[0].is_async:
            return self._faulty(fault)
        if fault.hangs:
            if threading.current_thread() is threading.main_thread():
                self.violations.append(f"{symbol.name}() never returns and was called on the main thread")
                raise Stuck(f"{symbol.name}() never returns: on the main thread the application stops here for good")
            self.loop.hang(self._released)
        if fault.error is not None:
            raise fault.error
        return fault.answer

    async def _faulty(self, fault: _Fault) -> Any:
        if fault.hangs:
            await self.loop.create_future()
        if fault.error is not None:
            raise fault.error
        return fault.answer

    def _known(self, name: str) -> str:
        if self.contract.find(name) is None:
            raise KeyError(f"{name} is not in the Kit contract{self.contract.nearest(name)}")
        return name

    def _task_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.log.append(("error", f"{context['message']}: {context.get('exception')!r}"))

    # -- life ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Kit:
        self._real = kit_modules()
        forget_kit_modules()
        self._finder = KitFinder(self)
        sys.meta_path.insert(0, self._finder)
        asyncio.set_event_loop(self.loop)
        return self

    def __exit__(self, *exception: object) -> None:
        self._released.set()
        self.loop.finish()
        asyncio.set_event_loop(None)
        sys.meta_path.remove(self._finder)
        forget_kit_modules()
        sys.modules |= self._real
