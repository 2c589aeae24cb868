"""Editors of paths: of assets, of folders, of prims; each with a button to find one."""

from __future__ import annotations

from pathlib import Path

import omni.ui as ui

from isaacsim_agent_ext.errors import AgentError
from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.fields.scalars import TextView
from isaacsim_agent_ext.ui.host import PathQuestion
from isaacsim_agent_ext.ui.viewmodel.form import Kind

_ASSETS = (".usd", ".usda", ".usdc", ".usdz", ".yaml", ".yml", ".json")


class PathView(TextView):
    """A text with a button that browses the files."""

    icon = "folder"
    tip = "Browse"

    def build_editor(self) -> None:
        """Create the field and the button."""
        with ui.HStack(spacing=2):
            super().build_editor()
            self._browse = ui.Button(
                "",
                image_url=style.icon(self.icon),
                width=style.ROW,
                clicked_fn=lambda: self.form.host.schedule(self.browse()),
                tooltip=self.tip,
                style_type_name_override="Panel.Tool",
                name="browse",
            )

    async def browse(self) -> None:
        """Ask the user, and take the answer."""
        wanted = "folder" if self.field.kind is Kind.FOLDER_PATH else "open"
        chosen = await self.form.host.choose_path(
            PathQuestion(
                title=f"Choose {self.field.label}",
                wanted="folder" if wanted == "folder" else "open",
                start=self._start(),
                suffixes=() if wanted == "folder" else _ASSETS,
            )
        )
        if chosen is not None:
            self.set(str(chosen))

    def _start(self) -> Path:
        """Return what is written if it is there, else the folder of the config."""
        config = self.form.document.path
        folder = config.parent if config is not None else Path.cwd()
        written = self.field.value
        if isinstance(written, str) and written and "://" not in written:
            try:
                there = (folder / Path(written).expanduser()).resolve()
                if there.exists():
                    return there
            except OSError:
                return folder  # a name the system cannot even look for
        return folder


class PrimPathView(PathView):
    """A text with a button that shows the prims of the stage."""

    icon = "pick"
    tip = "Pick from the stage"

    async def browse(self) -> None:
        """Ask the user, and take the answer."""
        from isaacsim_agent_ext.ui.prim_picker import ask_prim

        try:
            tree = await self.form.prims()
        except AgentError as error:
            self.form.host.notify(str(error), warning=True)
            return
        if tree is None:
            self.form.host.notify("There is no stage yet to pick a prim from; type its path.", warning=True)
            return
        chosen = await ask_prim(self.form.host, tree, self.field.label, self.field.value)
        if chosen is not None:
            self.set(chosen)
