"""The tab in which a dataset is looked through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.host import PathQuestion, UiHost
from isaacsim_agent_ext.ui.preview_picture import FrameBar, Menu, PictureView, Switches
from isaacsim_agent_ext.ui.viewmodel.dataset import DatasetModel


class DatasetTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` that steps through the frames of an output folder.

    Args:
        host: The program around the panel.
        model: The dataset.

    Attributes:
        model: The same.
    """

    title = "Dataset"

    def __init__(self, host: UiHost, model: DatasetModel):
        self._host = host
        self.model = model
        self._picture = PictureView()
        self._is_built = False

    def build(self, parent: Any) -> None:
        """Create the controls and the picture."""
        with parent, ui.HStack():
            ui.Spacer(width=8)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=4)
                with ui.HStack(height=style.ROW, spacing=style.GAP):
                    ui.Label("Folder", width=74, style_type_name_override="Panel.Label")
                    self._folder = ui.Label("", elided_text=True, style_type_name_override="Panel.Where")
                    self.open_button = ui.Button(
                        "Open",
                        width=64,
                        clicked_fn=lambda: self._host.schedule(self._ask()),
                        tooltip="Open a folder that a writer filled",
                        style_type_name_override="Panel.Button",
                    )
                self.cameras = Menu("Camera", self.model.choose_camera)
                self.annotators = Menu("Annotator", self.model.choose_annotator)
                self.switches = Switches(self._switch)
                self._picture.build()
                self.frames = FrameBar(self.model.go_to, self.model.step)
                ui.Spacer(height=6)
            ui.Spacer(width=8)
        self._is_built = True
        self._show()

    def open(self, folder: Path) -> None:
        """Open an output folder."""
        self.model.open(folder)
        if self._is_built:
            self._show()

    def update(self, dt: float) -> None:
        """Show what was found."""
        if self.model.update():
            self._show()
        else:
            self._show_place()

    def close(self) -> None:
        """Stop reading."""
        self.model.close()

    async def _ask(self) -> None:
        start = self.model.folder or Path.home()
        folder = await self._host.choose_path(PathQuestion(title="Open a dataset", wanted="folder", start=start))
        if folder is not None:
            self.open(folder)

    def _switch(self, overlay: str) -> None:
        self.model.switch(overlay)
        self._show_place()

    def _show(self) -> None:
        model = self.model
        nothing = "Open the output folder of a run to step through its frames." if model.folder is None else ""
        self._picture.show(model.picture, model.message or nothing)
        self._show_place()

    def _show_place(self) -> None:
        model = self.model
        self._folder.text = str(model.folder or "none")
        self._folder.set_tooltip(str(model.folder or ""))
        self.cameras.show(model.cameras, model.camera)
        self.annotators.show(model.annotators, model.annotator)
        self.switches.show(model.overlays)
        count = len(model.frames)
        self.frames.show(model.position, count, f"frame {model.frame}" if count else "")
