"""omni.usd over real OpenUSD: stages open and load over several updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

STREAM = "omni.usd stage"


class Stages:
    """The one stage of the application.

    Attributes:
        stage: The stage that is open, or None.
        opening_updates: Updates that opening a stage takes.
        loading_updates: Updates that its assets take to load.
        never_loads: Assets stay in loading for good.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.stage: Any = None
        self.url = ""
        self.opening_updates = 2
        self.loading_updates = 4
        self.never_loads = False
        self.loading = 0
        self.recent_files_on = True
        self.selection: list[str] = []
        self._last: Any = None

    def update(self) -> None:
        """Load a little."""
        if self.loading and not self.never_loads:
            self.loading -= 1
            if not self.loading:
                self.tell("ASSETS_LOADED")

    def tell(self, event: str) -> None:
        """Send a stage event, both ways."""
        kind = self._kit.enum("omni.usd.StageEventType")[event]
        self._kit.events.dispatch(_event_name(kind))
        self._kit.events.push(STREAM, int(kind))

    def drop(self) -> None:
        """Close the stage: every handle into it dies."""
        if self.stage is not None:
            self.tell("CLOSING")
            self._last = self.stage = None
            self.loading = 0
            self._kit.replicator.forget_stage()
            self._kit.navigation.forget_stage()
            self.tell("CLOSED")

    def adopt(self, stage: Any, url: str) -> None:
        """Make a stage the application's."""
        self.drop()
        self.stage, self.url = stage, url
        self._kit.timeline.adopt(stage)
        self.loading = self.loading_updates
        self.tell("OPENED")
        if self.loading:
            self.tell("ASSETS_LOADING")

    async def sleep(self, updates: int) -> None:
        """Wait for updates."""
        for _ in range(updates):
            await self._kit.application.wait("main")


def _event_name(kind: Any) -> str:
    return f"omni.usd.stage:{kind.name}"


@emulate("omni.usd.get_context")
def get_context(kit: Kit, name: str = "") -> Any:
    return kit.one("omni.usd.UsdContext")


@emulate("omni.usd.UsdContext")
class UsdContext:
    _kit: Kit

    def get_stage(self) -> Any:
        return self._kit.stages.stage

    def get_stage_id(self) -> int:
        from pxr import UsdUtils

        stage = self._kit.stages.stage
        return UsdUtils.StageCache.Get().Insert(stage).ToLongInt() if stage else 0

    async def new_stage_async(self) -> tuple[bool, str]:
        from pxr import Usd

        await self._kit.stages.sleep(1)
        self._kit.stages.adopt(Usd.Stage.CreateInMemory(), "")
        return True, ""

    async def open_stage_async(self, url: str, load_set: Any = None) -> tuple[bool, str]:
        from pxr import Tf, Usd

        stages = self._kit.stages
        await stages.sleep(stages.opening_updates)
        try:
            # Held by nothing else: an open layer of the same path must not answer for a file that has gone.
            stage = Usd.Stage.Open(str(url))
        except Tf.ErrorException as error:
            stages.tell("OPEN_FAILED")
            return False, str(error)
        stages.adopt(stage, str(url))
        return True, ""

    async def close_stage_async(self) -> Any:
        await self._kit.stages.sleep(1)
        self._kit.stages.drop()
        return True, ""

    async def save_as_stage_async(self, url: str) -> Any:
        self._kit.stages.stage.Export(str(url))
        return True, "", []

    def get_stage_loading_status(self) -> tuple[str, int, int]:
        left = self._kit.stages.loading
        return ("loading", 0, left) if left else ("", 0, 0)

    def stage_event_name(self, event: Any, immediate: bool = False) -> str:
        return _event_name(event)

    def stage_rendering_event_name(self, event: Any, immediate: bool) -> str:
        return f"omni.usd.rendering:{event.name}"

    def get_stage_event_stream(self) -> Any:
        return self._kit.events.stream(STREAM)

    def get_selection(self) -> Any:
        return self._kit.one("omni.usd.Selection")

    def disable_save_to_recent_files(self) -> None:
        self._kit.stages.recent_files_on = False

    def enable_save_to_recent_files(self) -> None:
        self._kit.stages.recent_files_on = True


@emulate("omni.usd.Selection")
class Selection:
    _kit: Kit

    def get_selected_prim_paths(self) -> list[str]:
        return list(self._kit.stages.selection)

    def set_selected_prim_paths(self, paths: list[str], expand: bool) -> None:
        self._kit.stages.selection = list(paths)
        self._kit.stages.tell("SELECTION_CHANGED")
