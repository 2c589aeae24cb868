"""The tab that follows a run: progress, output, events, actors and the log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.folds import Folds
from isaacsim_agent_ext.ui.host import UiHost
from isaacsim_agent_ext.ui.run_footer import speed_in_words
from isaacsim_agent_ext.ui.run_section import Section
from isaacsim_agent_ext.ui.viewmodel.run import LogLine, RunModel, RunState

_PERIOD = 0.1  # s
_MOST_ACTORS = 200
_MOST_LINES = 100
_ROW = 18
_EVENTS_A_ROW = 2


class RunTab:
    """A `isaacsim_agent_ext.ui.tabs.Tab` that follows a run.

    Args:
        host: The program around the panel.
        model: The run, which the footer brings up to date.
        show_dataset: Told a folder that the user wants to look into.
        folds: Which of its sections are open.
    """

    title = "Run"

    def __init__(self, host: UiHost, model: RunModel, show_dataset: Callable[[Path], None], folds: Folds):
        self._host = host
        self._model = model
        self._show_dataset = show_dataset
        self._folds = folds
        self._wait = 0.0
        self._shown = RunState()
        self._logged: LogLine | None = None
        self._rows: list[tuple[ui.Label, ui.Label, ui.Label]] = []

    def build(self, parent: Any) -> None:
        """Create all parts."""
        with (
            parent,
            ui.ScrollingFrame(
                horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF,
                vertical_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_AS_NEEDED,
            ),
            ui.VStack(height=0, spacing=style.GAP),
        ):
            ui.Spacer(height=2)
            for draw in (self._build_progress, self._build_sections):
                with ui.HStack(height=0):
                    ui.Spacer(width=6)
                    with ui.VStack(height=0, spacing=style.GAP):
                        draw()
                    ui.Spacer(width=6)
            ui.Spacer(height=6)
        self._show()

    def update(self, dt: float) -> None:
        """Show what has changed, some times a second."""
        self._wait -= dt
        if self._wait <= 0:
            self._wait = _PERIOD
            self._show()

    def close(self) -> None:
        """Do nothing: the run goes on, or was cancelled by the window."""

    # ---- parts -----------------------------------------------------------------------------------------------------

    def _build_progress(self) -> None:
        with ui.ZStack(height=0):
            ui.Rectangle(style_type_name_override="Panel.Section", name="outer")
            with ui.HStack(height=0):
                ui.Spacer(width=10)
                with ui.VStack(height=0):
                    ui.Spacer(height=8)
                    self._headline = ui.Label("", height=20, elided_text=True, style_type_name_override="Panel.Title")
                    self._detail = ui.Label("", height=0, word_wrap=True, style_type_name_override="Panel.Note")
                    ui.Spacer(height=6)
                    self._bar = ui.ProgressBar(height=6, style_type_name_override="Panel.Progress")
                    ui.Spacer(height=4)
                    self._speed = ui.Label("", height=18, style_type_name_override="Panel.Note")
                    ui.Spacer(height=4)
                ui.Spacer(width=10)

    def _build_sections(self) -> None:
        self.output = Section("Output", self._build_output, self._folds)
        self.events = Section("Events", self._build_events, self._folds)
        self.actors = Section("Actors", self._build_actors, self._folds)
        self.log = Section("Log", self._build_log, self._folds)

    def _build_output(self) -> None:
        with ui.VStack(height=0, spacing=2):
            ui.Spacer(height=2)
            if not self._shown.outputs:
                _note("The folders of the dataset stand here when data was generated.")
            for writer, folder in self._shown.outputs:
                with ui.HStack(height=style.ROW, spacing=style.GAP):
                    ui.Spacer(width=style.INDENT)
                    ui.Label(
                        writer, width=120, elided_text=True, tooltip=writer, style_type_name_override="Panel.Label"
                    )
                    ui.Label(str(folder), elided_text=True, tooltip=str(folder), style_type_name_override="Panel.Where")
                    _small_button("Look", "Step through the frames", partial(self._show_dataset, folder))
                    _small_button("Open", "Open the folder", partial(self._host.show_folder, folder))
                    ui.Spacer(width=2)
            ui.Spacer(height=2)

    def _build_events(self) -> None:
        names = self._shown.events
        self.event_buttons: dict[str, ui.Button] = {}
        with ui.VStack(height=0, spacing=style.GAP):
            ui.Spacer(height=0)
            if not names:
                _note("No trigger of the config waits for an event.")
            for start in range(0, len(names), _EVENTS_A_ROW):
                with ui.HStack(height=24, spacing=style.GAP):
                    ui.Spacer(width=style.INDENT - style.GAP)
                    for name in names[start : start + _EVENTS_A_ROW]:
                        self.event_buttons[name] = ui.Button(
                            name,
                            clicked_fn=partial(self._fire, name),
                            tooltip=f"Fire the event {name}: actors whose triggers wait for it react at once",
                            style_type_name_override="Panel.Button",
                        )
                    for _ in range(start + _EVENTS_A_ROW - len(names)):
                        ui.Spacer()
                    ui.Spacer(width=2)
            ui.Spacer(height=2)
        self._enable_events()

    def _build_actors(self) -> None:
        self._rows = []
        actors = self._shown.actors.actors[:_MOST_ACTORS]
        with ui.VStack(height=0):
            ui.Spacer(height=4)
            if not actors:
                _note("Who does what is shown while data is generated.")
            else:
                _three_labels("Actor", "Does", "Because of", "Panel.Note")
            for actor in actors:
                self._rows.append(_three_labels(actor.name, actor.action, actor.trigger or "routine", "Panel.Where"))
            hidden = len(self._shown.actors.actors) - len(actors)
            if hidden > 0:
                _note(f"and {hidden} more")
            ui.Spacer(height=4)

    def _build_log(self) -> None:
        with ui.VStack(height=0):
            ui.Spacer(height=4)
            if not self._model.log:
                _note("Nothing has happened yet.")
            for line in reversed(list(self._model.log)[-_MOST_LINES:]):
                with ui.HStack(height=0, spacing=style.GAP):
                    ui.Spacer(width=style.INDENT - style.GAP)
                    ui.Label(
                        line.time,
                        width=56,
                        height=_ROW,
                        alignment=ui.Alignment.LEFT_TOP,
                        style_type_name_override="Panel.Note",
                    )
                    look = {"error": "Panel.Problem", "warning": "Panel.Problem"}.get(line.kind, "Panel.Where")
                    ui.Label(
                        line.text,
                        height=0,
                        word_wrap=True,
                        style_type_name_override=look,
                        name="warning" if line.kind == "warning" else "",
                    )
                    ui.Spacer(width=6)
            ui.Spacer(height=4)

    # ---- keeping up ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        before, state = self._shown, self._model.state
        self._shown = state
        self._headline.text = state.headline
        self._detail.text = state.detail
        self._bar.model.set_value(state.fraction or 0.0)
        self._bar.name = state.tone
        frames = f"{state.frames} of {state.frames_total} frames" if state.frames_total else ""
        self._speed.text = "  ·  ".join(filter(None, (frames, speed_in_words(self._model))))
        if state.outputs != before.outputs:
            self.output.rebuild()
        if state.events != before.events:
            self.events.rebuild()
        elif state.can_pause != before.can_pause:
            self._enable_events()
        self._show_actors(before, state)
        last = self._model.log[-1] if self._model.log else None
        if last is not self._logged:
            self._logged = last
            self.log.rebuild()
            warnings = sum(line.kind == "warning" for line in self._model.log)
            self.log.summarize("1 warning" if warnings == 1 else f"{warnings or 'no'} warnings")

    def _show_actors(self, before: RunState, state: RunState) -> None:
        if state.actors is before.actors:
            return
        now, then = state.actors.actors, before.actors.actors
        if [actor.name for actor in now] != [actor.name for actor in then]:
            self.actors.rebuild()
        else:
            for row, actor in zip(self._rows, now, strict=False):
                for label, text in zip(row[1:], (actor.action, actor.trigger or "routine"), strict=True):
                    if label.text != text:
                        label.text = text
        self.actors.summarize(f"{len(now)}, at frame {state.actors.frame}" if now else "")

    def _enable_events(self) -> None:
        for button in getattr(self, "event_buttons", {}).values():
            button.enabled = self._shown.can_pause

    def _fire(self, name: str) -> None:
        if not self._model.fire(name):
            self._host.notify(f"No running simulation waits for the event {name}.", warning=True)


def _note(text: str) -> None:
    with ui.HStack(height=style.ROW):
        ui.Spacer(width=style.INDENT)
        ui.Label(text, elided_text=True, style_type_name_override="Panel.Note")


def _three_labels(first: str, second: str, third: str, look: str) -> tuple[ui.Label, ui.Label, ui.Label]:
    with ui.HStack(height=_ROW, spacing=style.GAP):
        ui.Spacer(width=style.INDENT - style.GAP)
        labels = tuple(
            ui.Label(text, width=width, elided_text=True, style_type_name_override=look)
            for text, width in ((first, ui.Fraction(3)), (second, ui.Fraction(2)), (third, ui.Fraction(3)))
        )
        ui.Spacer(width=4)
    return labels[0], labels[1], labels[2]


def _small_button(text: str, tooltip: str, clicked: Callable[[], None]) -> None:
    ui.Button(text, width=48, height=20, clicked_fn=clicked, tooltip=tooltip, style_type_name_override="Panel.Button")
