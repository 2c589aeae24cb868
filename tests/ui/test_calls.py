"""The panel calls only what omni.ui has in Kit, too."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PANEL = ROOT / "isaacsim_agent_ext" / "ui"
OUTSIDE_KIT = {"desktop.py", "libraries.py"}
"""Files that run outside Kit only."""

IN_KIT = {
    *("Alignment", "Button", "ByteImageProvider", "CheckBox", "Circle", "CollapsableFrame", "ComboBox", "DockPolicy"),
    *("FillPolicy", "FloatDrag", "FloatSlider", "Fraction", "Frame", "HGrid", "HStack", "Image", "ImageWithProvider"),
    *("IntDrag", "IntSlider", "InvisibleButton", "IwpFillPolicy", "Label", "Line", "Menu", "MenuItem", "Percent"),
    *("Pixel", "Placer", "ProgressBar", "RasterPolicy", "Rectangle", "ScrollBarPolicy", "ScrollingFrame", "Separator"),
    *("SimpleBoolModel", "SimpleFloatModel", "SimpleIntModel", "SimpleStringModel", "Spacer", "StringField"),
    *("Triangle", "VGrid", "VStack", "Widget", "Window", "Workspace", "ZStack", "FreeLine", "FreeRectangle"),
    *("AbstractItem", "AbstractItemDelegate", "AbstractItemModel", "AbstractValueModel", "TreeView"),
    *("WINDOW_FLAGS_MODAL", "WINDOW_FLAGS_NO_COLLAPSE", "WINDOW_FLAGS_NO_DOCKING", "WINDOW_FLAGS_NO_MOVE"),
    *("WINDOW_FLAGS_NO_RESIZE", "WINDOW_FLAGS_NO_SAVED_SETTINGS", "WINDOW_FLAGS_NO_SCROLLBAR"),
    *("WINDOW_FLAGS_NO_TITLE_BAR", "WINDOW_FLAGS_NO_FOCUS_ON_APPEARING", "WINDOW_FLAGS_POPUP"),
}
"""Names of omni.ui that Isaac Sim's own extensions use, in 5.1 and in 6.0."""

ONLY_STANDALONE = {"init", "run", "run_async", "next_frame", "shutdown", "standalone", "testing", "MarkdownWidget"}


def uses(source: str) -> set[tuple[int, str]]:
    """Return line and name of all that is taken from ``ui`` in a source."""
    return {
        (node.lineno, node.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ui"
    }


def imports(source: str) -> set[str]:
    """Return the modules that a source imports from omni."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in ("omni", "carb", "isaacsim")}


def panel_sources() -> dict[str, str]:
    """Return the sources of the panel by their path in it."""
    paths = [path for path in sorted(PANEL.rglob("*.py")) if path.name not in OUTSIDE_KIT]
    return {path.relative_to(PANEL).as_posix(): path.read_text() for path in paths}


def test_every_call_is_there_in_kit() -> None:
    strange = {
        f"{name}:{line}: ui.{attribute}"
        for name, source in panel_sources().items()
        for line, attribute in uses(source)
        if attribute not in IN_KIT
    }
    assert strange == set(), "outside Kit only, or not known to be in Kit"
    assert not IN_KIT & ONLY_STANDALONE


def test_nothing_else_of_omni_is_imported() -> None:
    found = {name for source in panel_sources().values() for name in imports(source)}
    assert found == {"omni.ui"}


def test_the_view_model_knows_no_widget() -> None:
    for path in (PANEL / "viewmodel").glob("*.py"):
        assert "omni" not in imports(path.read_text()), path
        assert not uses(path.read_text()), path


def test_the_walk_sees_what_it_should() -> None:
    assert uses("import omni.ui as ui\nui.MarkdownWidget('x')") == {(2, "MarkdownWidget")}
    assert imports("from omni.ui import testing") == {"omni.ui.testing"}
