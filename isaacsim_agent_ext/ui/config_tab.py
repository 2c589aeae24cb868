"""The tab with the form."""

from __future__ import annotations

from typing import Any

from isaacsim_agent_ext.ui.fields.base import FormContext
from isaacsim_agent_ext.ui.form_view import FormView
from isaacsim_agent_ext.ui.viewmodel.form import Path


class ConfigTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` that shows the config as a form."""

    title = "Config"

    def __init__(self, form: FormContext):
        self.form = FormView(form)

    def build(self, parent: Any) -> None:
        """Create the form."""
        with parent:
            self.form.build()

    def update(self, dt: float) -> None:
        """Show what has changed."""
        self.form.update()

    def show(self, path: Path) -> None:
        """Lead to a field."""
        self.form.show(path)

    def close(self) -> None:
        """Do nothing: the form holds nothing."""
