"""The double refuses what the contract does not list, and remembers it."""

import importlib
import sys
from pathlib import Path

import pytest
from kit_double.kit import Stuck


def test_unlisted_names_are_refused_and_remembered(kit):
    import carb.settings
    import omni.usd

    with pytest.raises(AttributeError, match=r"nearest: omni\.usd\.get_context"):
        omni.usd.get_contexts()
    with pytest.raises(AttributeError, match="not in the Kit contract"):
        carb.settings.get_settings().set_array("/a", [1])
    assert not hasattr(omni.usd, "UsdContextFactory"), "even a question about an unlisted name counts"
    assert len(kit.forgive()) == 3


def test_unlisted_modules_are_refused(kit):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("omni.kit.viewport.utility")
    assert "omni.kit.viewport" in kit.forgive()[0]


def test_unlisted_attributes_cannot_be_set(kit):
    import omni.timeline

    with pytest.raises(AttributeError):
        omni.timeline.get_timeline_interface().fps = 30
    with pytest.raises(AttributeError):
        omni.timeline.speed = 2
    assert len(kit.forgive()) == 2


def test_unlisted_arguments_are_refused(kit):
    import carb.eventdispatcher
    import omni.kit.commands
    import omni.replicator.core as rep

    with pytest.raises(TypeError, match="positional"):
        carb.eventdispatcher.get_eventdispatcher().observe_event("name", print)
    with pytest.raises(TypeError, match="frames"):
        rep.orchestrator.step_async(frames=2)
    with pytest.raises(AttributeError):
        omni.kit.commands.execute("MakeTea")
    with pytest.raises(TypeError, match="prims"):
        omni.kit.commands.execute("DeletePrimsCommand", paths=[], prims=["/A"])
    assert len(kit.forgive()) == 4


def test_enumerations_have_the_listed_members_only(kit_desktop):
    import omni.kit.notification_manager as notifications

    assert notifications.NotificationStatus.INFO != 0, "as in Kit's bindings, members are no numbers"
    with pytest.raises(AttributeError):
        _ = notifications.NotificationStatus.FATAL
    assert len(kit_desktop.forgive()) == 1


def test_names_of_the_other_version_are_absent_but_no_offence(kit):
    import carb.eventdispatcher
    import omni.kit.loop._loop
    import omni.timeline

    newer = kit.profile == "6.0"
    assert hasattr(omni.timeline, "GLOBAL_EVENT_PLAY") == newer
    assert hasattr(omni.timeline.get_timeline_interface(), "get_time_codes_per_second") == newer
    assert hasattr(omni.kit.loop._loop.acquire_loop_interface(), "get_manual_mode") == newer
    heard = []
    guard = carb.eventdispatcher.get_eventdispatcher().observe_event(event_name="e", on_event=heard.append)
    kit.events.dispatch("e", {"key": 1})
    assert hasattr(heard[0], "payload") == newer
    assert heard[0]["key"] == heard[0].get("key") == 1
    assert "key" in heard[0]
    guard.reset()
    assert kit.violations == []


def test_arguments_of_the_other_version_are_refused_but_no_offence(kit):
    import omni.replicator.core as rep

    if kit.profile == "5.1":
        with pytest.raises(TypeError, match=r"wait_for_render.* in 5\.1"):
            rep.orchestrator.step_async(wait_for_render=True)
    else:
        rep.orchestrator.step_async(wait_for_render=True).close()
    assert kit.violations == []


@pytest.mark.parametrize(
    ("module", "profiles"),
    [
        ("omni.anim.behavior.core", {"6.0"}),
        ("isaacsim.core.rendering_manager", {"6.0"}),
        ("isaacsim.core.utils.semantics", {"5.1"}),
        ("omni.kit.scripting", {"5.1"}),
        ("omni.anim.navigation.core", {"5.1", "6.0"}),
    ],
)
def test_optional_modules_need_their_extension(kit, module, profiles):
    import omni.kit.app

    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(module)
    manager = omni.kit.app.get_app().get_extension_manager()
    enabled = manager.set_extension_enabled_immediate(kit.extensions.owner(module), True)
    assert enabled == (kit.profile in profiles)
    if enabled:
        importlib.import_module(module)
    else:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(module)


def test_a_headless_application_has_no_user_interface(kit, request):
    for module in ("omni.ui", "omni.kit.menu.utils", "omni.kit.notification_manager"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(module)


def test_submodules_have_to_be_imported(kit):
    import carb

    with pytest.raises(AttributeError, match="import it"):
        _ = carb.settings


def test_calls_can_hang_fail_and_answer(kit):
    import omni.usd

    context = omni.usd.get_context()
    kit.fail("omni.usd.UsdContext.new_stage_async", OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        kit.run(context.new_stage_async())
    kit.answer("omni.usd.UsdContext.new_stage_async", (False, "no"))
    assert kit.run(context.new_stage_async()) == (False, "no")
    kit.hang("omni.usd.UsdContext.new_stage_async")
    with pytest.raises(Stuck, match=r"new_stage_async|_faulty"):
        kit.run(context.new_stage_async(), updates=50)
    kit.heal("omni.usd.UsdContext.new_stage_async")
    assert kit.run(context.new_stage_async()) == (True, "")
    with pytest.raises(KeyError, match="nearest"):
        kit.hang("omni.usd.UsdContext.new_stage")


EXTENSION = """
import carb.settings
import omni.ext
import omni.kit.async_engine
import omni.kit.app

class Sample(omni.ext.IExt):
    def on_startup(self, ext_id):
        self.id = ext_id
        self.level = carb.settings.get_settings().get("/exts/sample/level")
        self.subscription = carb.settings.get_settings().subscribe_to_node_change_events("/a", print)
        self.task = omni.kit.async_engine.run_coroutine(self.work())

    async def work(self):
        await omni.kit.app.get_app().next_update_async()
        await omni.kit.app.get_app().next_update_async()

    def on_shutdown(self):
        carb.settings.get_settings().unsubscribe_to_change_events(self.subscription)
"""
DESCRIPTION = """
[package]
version = "1.2.3"
[dependencies]
"omni.usd" = {}
"not.there" = {optional = true}
[[python.module]]
name = "sample_extension"
[settings]
exts."sample".level = 3
"""


@pytest.fixture
def sample(tmp_path: Path):
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "extension.toml").write_text(DESCRIPTION)
    (folder / "sample_extension.py").write_text(EXTENSION)
    yield folder
    sys.modules.pop("sample_extension", None)
    sys.path.remove(str(folder)) if str(folder) in sys.path else None


def test_extensions_start_and_what_they_leave_is_named(kit, sample):
    [extension] = kit.extensions.start(sample, "--/exts/sample/level=5")
    assert extension.id == "sample-1.2.3"
    assert extension.level == 5, "the command line wins over the defaults"
    assert kit.leftovers() == ["task Sample.work", "observer of setting /a"]
    kit.pump(4)
    kit.extensions.stop()
    assert kit.leftovers() == []


def test_an_extension_without_its_dependency_does_not_start(kit, sample):
    described = sample / "extension.toml"
    described.write_text(DESCRIPTION.replace("{optional = true}", "{}"))
    with pytest.raises(RuntimeError, match=r"not\.there"):
        kit.extensions.start(sample)
