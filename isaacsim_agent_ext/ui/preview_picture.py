"""A picture that fills its place, and the controls that the tabs with pictures share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import omni.ui as ui

from isaacsim_agent_ext.ui import style
from isaacsim_agent_ext.ui.viewmodel.overlays import OVERLAYS

_TITLES = {"boxes": "Boxes", "skeletons": "Skeletons", "masks": "Masks"}


class PictureView:
    """Shows pixels as large as there is room, and a message where there are none."""

    def __init__(self) -> None:
        self._provider = ui.ByteImageProvider()

    def build(self) -> None:
        """Create the picture in the container at hand."""
        with ui.ZStack():
            ui.Rectangle(style_type_name_override="Panel.Picture")
            self._image = ui.ImageWithProvider(
                self._provider,
                fill_policy=ui.IwpFillPolicy.IWP_PRESERVE_ASPECT_FIT,
                style_type_name_override="Panel.Picture.Image",
                visible=False,
            )
            with ui.HStack():
                ui.Spacer(width=16)
                self._message = ui.Label(
                    "", word_wrap=True, alignment=ui.Alignment.CENTER, style_type_name_override="Panel.Note"
                )
                ui.Spacer(width=16)

    def show(self, picture: np.ndarray | None, message: str) -> None:
        """Show pixels, ``(height, width, 4)`` uint8, or a message."""
        if picture is not None:
            height, width = picture.shape[:2]
            self._provider.set_data_array(np.ascontiguousarray(picture), [width, height])
        self._image.visible = picture is not None
        if self._message.text != message or (picture is not None and self._message.text):
            self._message.text = "" if picture is not None else message


class Menu:
    """A menu of texts with a label before it, drawn again when the texts change.

    Args:
        label: Before the menu.
        chosen: Told the text that the user chooses.
    """

    def __init__(self, label: str, chosen: Callable[[str], None]):
        self._chosen = chosen
        self._texts: tuple[str, ...] = ()
        self._shown = ""
        with ui.HStack(height=style.ROW, spacing=style.GAP):
            ui.Label(label, width=74, style_type_name_override="Panel.Label")
            self._frame = ui.Frame(build_fn=self._build)

    def show(self, texts: Sequence[str], chosen: str) -> None:
        """Show these texts, one of them chosen."""
        if (tuple(texts), chosen) != (self._texts, self._shown):
            self._texts, self._shown = tuple(texts), chosen
            self._frame.rebuild()

    def _build(self) -> None:
        if not self._texts:
            ui.Label("none", style_type_name_override="Panel.Note")
            return
        index = self._texts.index(self._shown) if self._shown in self._texts else 0
        self.box = ui.ComboBox(index, *self._texts, style_type_name_override="Panel.Combo")
        self.box.model.get_item_value_model().add_value_changed_fn(lambda model: self._pick(model.as_int))

    def _pick(self, index: int) -> None:
        if 0 <= index < len(self._texts) and self._texts[index] != self._shown:
            self._shown = self._texts[index]
            self._chosen(self._shown)


class Switches:
    """Buttons that switch what is drawn over a picture.

    Args:
        switch: Told which of `OVERLAYS` the user switches.
    """

    def __init__(self, switch: Callable[[str], None]):
        self.buttons: dict[str, ui.Button] = {}
        with ui.HStack(height=style.ROW, spacing=style.GAP):
            ui.Label("Overlays", width=74, style_type_name_override="Panel.Label")
            for name in OVERLAYS:
                self.buttons[name] = ui.Button(
                    _TITLES[name],
                    clicked_fn=lambda name=name: switch(name),
                    style_type_name_override="Panel.Switch",
                )

    def show(self, on: Collection[str]) -> None:
        """Show which are on."""
        for name, button in self.buttons.items():
            button.name = "on" if name in on else ""


class FrameBar:
    """A slider over frames, with a step back and a step ahead.

    Args:
        go_to: Told the position that the user chooses.
        step: Told by how many frames to go.
    """

    def __init__(self, go_to: Callable[[int], None], step: Callable[[int], None]):
        self._go_to = go_to
        self._count = -1
        self._position = 0
        with ui.HStack(height=style.ROW, spacing=style.GAP):
            self.back = _arrow("<", "The frame before", lambda: step(-1))
            self._frame = ui.Frame(build_fn=self._build)
            self.ahead = _arrow(">", "The next frame", lambda: step(1))
            self._text = ui.Label(
                "", width=76, alignment=ui.Alignment.RIGHT_CENTER, style_type_name_override="Panel.Note"
            )

    def show(self, position: int, count: int, text: str) -> None:
        """Show a position among so many, and a text beside."""
        self._text.text = text
        self._position = position
        if count != self._count:
            self._count = count
            self._frame.rebuild()
        elif count > 1 and self.slider.model.as_int != position:
            self.slider.model.set_value(position)

    def _build(self) -> None:
        if self._count <= 1:
            ui.Spacer()
            return
        self.slider = ui.IntSlider(min=0, max=self._count - 1, style_type_name_override="Panel.Slider")
        self.slider.model.set_value(self._position)
        self.slider.model.add_value_changed_fn(lambda model: self._moved(model.as_int))

    def _moved(self, position: int) -> None:
        if position != self._position:
            self._position = position
            self._go_to(position)


def _arrow(text: str, tooltip: str, clicked: Callable[[], None]) -> ui.Button:
    return ui.Button(text, width=26, clicked_fn=clicked, tooltip=tooltip, style_type_name_override="Panel.Button")
