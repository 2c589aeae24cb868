"""What stands below all tabs: how far the run is, and the buttons that start and stop it."""

from __future__ import annotations

import omni.ui as ui

from isaacsim_agent_ext.ui.dialogs import ask
from isaacsim_agent_ext.ui.host import UiHost
from isaacsim_agent_ext.ui.viewmodel.run import RunModel, duration_in_words

_BUTTON = 28
_PERIOD = 0.1  # s


class RunFooter:
    """A line of text, a bar, and two buttons: to begin with, or to pause and cancel while something goes on.

    Args:
        model: The run.
    """

    def __init__(self, model: RunModel):
        self._model = model
        self._wait = 0.0
        self._shown = model.state

    def build(self) -> None:
        """Create the footer in the container at hand."""
        with ui.ZStack(height=0):
            ui.Rectangle(style_type_name_override="Panel.Bar")
            with ui.VStack(height=0):
                self._bar = ui.ProgressBar(height=3, style_type_name_override="Panel.Progress")
                ui.Spacer(height=4)
                with ui.HStack(height=18):
                    ui.Spacer(width=8)
                    self._text = ui.Label("", elided_text=True, style_type_name_override="Panel.Note")
                    ui.Spacer(width=8)
                    self._speed = ui.Label("", width=0, style_type_name_override="Panel.Note")
                    ui.Spacer(width=8)
                ui.Spacer(height=4)
                with ui.HStack(height=_BUTTON, spacing=6):
                    ui.Spacer(width=2)
                    self.set_up = _button("Set Up Simulation", self._model.set_up)
                    self.start = _button("Start Data Generation", self._model.start, "primary")
                    self.pause = _button("Pause", self._model.pause)
                    self.cancel = _button("Cancel", self._model.cancel)
                    ui.Spacer(width=2)
                ui.Spacer(height=8)
        self._show()

    def update(self, dt: float) -> None:
        """Follow the run, some times a second; ``dt`` is the time since the last call [s]."""
        self._wait -= dt
        if self._wait <= 0:
            self._wait = _PERIOD
            self._model.update()
            if self._model.state != self._shown:
                self._show()

    async def may_close(self, host: UiHost) -> bool:
        """Ask what is to become of a run before the program that does it ends; return whether it may end now."""
        if self._model.is_busy:
            answer = await ask(
                host,
                "A run is going on",
                "It ends with this window. What is written so far stays whole.",
                [("Finish first", "finish"), ("Cancel it", "cancel"), ("Go back", None)],
            )
            if answer is None:
                return False
            if answer == "cancel":
                self._model.cancel()
            while self._model.session.progress.busy:
                await host.next_frame()
        return True

    def close(self) -> None:
        """Let go of the session."""
        self._model.close()

    @property
    def is_busy(self) -> bool:
        """Whether a run is going on."""
        return self._model.is_busy

    def _show(self) -> None:
        state = self._shown = self._model.state
        self.set_up.visible = self.start.visible = not state.can_cancel
        self.pause.visible = state.can_pause
        self.cancel.visible = state.can_cancel
        for button, refusal, purpose in (
            (self.set_up, state.set_up_refusal, "Build the stage, the NavMesh, people, robots and cameras"),
            (self.start, state.start_refusal, "Write the dataset; sets the simulation up first if need be"),
        ):
            button.enabled = not refusal
            button.set_tooltip(refusal or purpose)
        self.pause.text = "Resume" if state.is_paused else "Pause"
        self._bar.model.set_value(state.fraction or 0.0)
        self._bar.name = state.tone
        refusal = state.set_up_refusal or state.start_refusal
        waiting = refusal if not state.can_cancel else ""
        self._text.text = waiting or _in_one_line(f"{state.headline}  {state.detail}")
        self._text.name = "warning" if waiting else "problem" if state.tone == "error" else ""
        self._text.set_tooltip(waiting or state.detail or state.headline)
        self._speed.text = speed_in_words(self._model)


def speed_in_words(model: RunModel) -> str:
    """Return the speed of a run and how long it will take, or an empty text."""
    state = model.state
    if not state.frames_per_second:
        return ""
    left = f"  ·  {duration_in_words(state.seconds_left)} left" if state.seconds_left is not None else ""
    return f"{state.frames_per_second:.1f} frames/s{left}"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _button(text: str, clicked: object, look: str = "") -> ui.Button:
    return ui.Button(text, clicked_fn=clicked, height=_BUTTON, style_type_name_override="Panel.Button", name=look)
