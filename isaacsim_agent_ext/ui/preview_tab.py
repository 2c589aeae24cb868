"""The tab that looks through the cameras of the world that is set up."""

from __future__ import annotations

from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.preview_picture import FrameBar, Menu, PictureView, Switches
from isaacsim_agent_ext.ui.viewmodel.preview import PreviewModel


class PreviewTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` with the picture of one camera.

    Args:
        model: What is looked at.

    Attributes:
        model: The same.
    """

    title = "Preview"

    def __init__(self, model: PreviewModel):
        self.model = model
        self._picture = PictureView()

    def build(self, parent: Any) -> None:
        """Create the controls and the picture."""
        with parent, ui.HStack():
            ui.Spacer(width=8)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=4)
                self.cameras = Menu("Camera", self._choose_camera)
                self.annotators = Menu("Annotator", self._choose_annotator)
                self.switches = Switches(self.model.switch)
                self._picture.build()
                with ui.HStack(height=style.ROW, spacing=style.GAP):
                    self.frames = FrameBar(self.model.go_to, lambda delta: self.model.go_to(self.model.frame + delta))
                    self.follow = ui.Button(
                        "Follow",
                        width=64,
                        clicked_fn=self._follow,
                        tooltip="Show the frame that the running simulation is at",
                        style_type_name_override="Panel.Switch",
                    )
                ui.Spacer(height=6)
            ui.Spacer(width=8)
        self._show()

    def update(self, dt: float) -> None:
        """Show what was drawn."""
        if self.model.update():
            self._show()
        else:
            self._show_place()

    def close(self) -> None:
        """Stop drawing."""
        self.model.close()

    def _choose_camera(self, camera: str) -> None:
        self.model.camera = camera

    def _choose_annotator(self, annotator: str) -> None:
        self.model.annotator = annotator

    def _follow(self) -> None:
        self.model.follows = not self.model.follows

    def _show(self) -> None:
        model = self.model
        nothing = "" if model.cameras else "Set up the simulation to look through its cameras."
        self._picture.show(model.shot.picture if model.shot is not None else None, model.message or nothing)
        self._show_place()

    def _show_place(self) -> None:
        model = self.model
        self.cameras.show(model.cameras, model.camera)
        self.annotators.show(model.annotators, model.annotator)
        self.switches.show(model.overlays)
        self.follow.name = "on" if model.follows else ""
        self.frames.show(model.frame, model.frame_count, f"frame {model.frame}" if model.cameras else "")
