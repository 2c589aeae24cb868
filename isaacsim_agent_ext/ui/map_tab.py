"""The tab with the map."""

from __future__ import annotations

from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.preview_picture import PictureView
from isaacsim_agent_ext.ui.viewmodel.map import MapModel

_LEGEND = 20
_LEAST = 64
_MOST_GROUPS = 6


class MapTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` that shows the world from above.

    Args:
        model: The map.

    Attributes:
        model: The same.
    """

    title = "Map"

    def __init__(self, model: MapModel):
        self.model = model
        self._picture = PictureView()

    def build(self, parent: Any) -> None:
        """Create the picture and the legend."""
        with parent, ui.HStack():
            ui.Spacer(width=8)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=4)
                self._place = ui.Frame()
                with self._place:
                    self._picture.build()
                self._legend = ui.Frame(height=_LEGEND, build_fn=self._build_legend)
                ui.Spacer(height=4)
            ui.Spacer(width=8)
        self._show()

    def update(self, dt: float) -> None:
        """Show what was drawn, in the size that there is room for."""
        width, height = round(self._place.computed_width), round(self._place.computed_height)
        if width >= _LEAST and height >= _LEAST:
            self.model.size = (width, height)
        if self.model.update():
            self._show()

    def close(self) -> None:
        """Stop drawing."""
        self.model.close()

    def _show(self) -> None:
        model = self.model
        waiting = "Drawing the map …" if model.has_world else "Set up the simulation to see it from above."
        self._picture.show(model.picture, model.message or waiting)
        self._legend.rebuild()

    def _build_legend(self) -> None:
        with ui.HStack(spacing=style.GAP):
            for name, color in self.model.legend[:_MOST_GROUPS]:
                with ui.VStack(width=10):
                    ui.Spacer()
                    ui.Circle(width=10, height=10, style={"background_color": style.rgb(color)})
                    ui.Spacer()
                ui.Label(name, width=0, style_type_name_override="Panel.Note")
                ui.Spacer(width=6)
            ui.Spacer()
