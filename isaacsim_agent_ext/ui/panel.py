"""Putting the panel together, the same for every program around it."""

from __future__ import annotations

from pathlib import Path

from isaacsim_agent_ext import api
from isaacsim_agent_ext.session.agent_session import AgentSession
from isaacsim_agent_ext.ui.config_stage import ConfigStage
from isaacsim_agent_ext.ui.dataset_tab import DatasetTab
from isaacsim_agent_ext.ui.folds import Folds
from isaacsim_agent_ext.ui.host import UiHost
from isaacsim_agent_ext.ui.map_tab import MapTab
from isaacsim_agent_ext.ui.preview_tab import PreviewTab
from isaacsim_agent_ext.ui.run_footer import RunFooter
from isaacsim_agent_ext.ui.run_tab import RunTab
from isaacsim_agent_ext.ui.viewmodel.dataset import DatasetModel
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config
from isaacsim_agent_ext.ui.viewmodel.map import MapModel
from isaacsim_agent_ext.ui.viewmodel.preview import PreviewModel
from isaacsim_agent_ext.ui.viewmodel.run import RunModel
from isaacsim_agent_ext.ui.window import PanelWindow


def make_panel(host: UiHost, config: Path | None = None, session: AgentSession | None = None) -> PanelWindow:
    """Return the panel, in a window of ``host``.

    Args:
        host: The program around it.
        config: File to begin with; a new config without one.
        session: Where to run it; that of `isaacsim_agent_ext.api` by default.

    Raises:
        ConfigError: The file cannot be read.
    """
    document = Document(agent_config())
    if config is not None:
        document.open(config)
    session = session or api.session()
    run = RunModel(document, session)
    dataset = DatasetTab(host, DatasetModel())
    folds = Folds(host.state_folder / "sections.json")

    def look_into(folder: Path) -> None:
        dataset.open(folder)
        window.show_tab(dataset.title)

    tabs = (
        RunTab(host, run, look_into, folds),
        PreviewTab(PreviewModel(session)),
        MapTab(MapModel(session)),
        dataset,
    )
    stage = ConfigStage(document, session.options.asset_root)
    window = PanelWindow(
        host, document, tabs, footer=RunFooter(run), loose="Simulation", prims=stage.prims, folds=folds
    )
    return window
