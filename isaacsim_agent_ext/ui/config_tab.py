"""The tab with the form."""

from __future__ import annotations

from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui.fields.base import FormContext
from isaacsim_agent_ext.ui.form_view import FormView
from isaacsim_agent_ext.ui.viewmodel.form import Path


class ConfigTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` that shows the config as a form.

    Args:
        form: What the fields need around them.
        loose: Title of the section for fields that stand in none.
    """

    title = "Config"

    def __init__(self, form: FormContext, loose: str = ""):
        self.form = FormView(form, loose)
        self._document = form.document

    def build(self, parent: Any) -> None:
        """Create the form, and above it a note for when it cannot be edited."""
        with parent, ui.VStack():
            self.note = ui.VStack(height=0, visible=False)
            with self.note, ui.ZStack(height=28):
                ui.Rectangle(style_type_name_override="Panel.Banner")
                with ui.HStack(spacing=8):
                    ui.Spacer(width=6)
                    ui.Label(
                        "The text cannot be read as YAML. Correct it before editing here.",
                        elided_text=True,
                        style_type_name_override="Panel.Label",
                    )
            self.frame = ui.Frame()
            with self.frame:
                self.form.build()
        self.update(0.0)

    def update(self, dt: float) -> None:
        """Show what has changed."""
        readable = self._document.is_readable
        if self.frame.enabled != readable:
            self.frame.enabled = readable
            self.note.visible = not readable
        self.form.update()

    def show(self, path: Path) -> None:
        """Lead to a field."""
        self.form.show(path)

    def close(self) -> None:
        """Do nothing: the form holds nothing."""
