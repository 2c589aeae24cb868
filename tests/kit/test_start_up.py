"""The extension in the app: starting by settings, its menu, and stopping without a trace."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLAG = "--/exts/isaacsim_agent_ext/"


def start(kit, *flags: str) -> None:
    kit.extensions.start(ROOT, *[FLAG + flag for flag in flags])


def test_flags_make_a_dataset_and_quit_with_0(kit, write_config, tmp_path):
    start(kit, f"config={write_config()}", "autorun=true", "quit_when_done=true", f"output_dir={tmp_path / 'flag'}")
    kit.pump_until(lambda: kit.quit_codes, updates=20_000, what="the end of the job")
    assert kit.quit_codes == [0], kit.logged("error")
    run = json.loads((tmp_path / "flag" / "run.json").read_text())
    assert run["complete"]
    assert run["frames"] == 4
    assert run["actors"] == 2
    assert run["seed"] == 11
    assert not (tmp_path / "out").exists()
    assert kit.logged("error") == []


def test_the_seed_flag_rules(kit_60, write_config, tmp_path):
    start(kit_60, f"config={write_config()}", "autorun=true", "quit_when_done=true", "seed=5")
    kit_60.pump_until(lambda: kit_60.quit_codes, updates=20_000)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["seed"] == 5


@pytest.mark.parametrize(
    ("change", "exit_code", "says"),
    [
        (("num: 2", "num: two"), 2, "character.groups.crew.num"),
        (("F_Casual_01.usd", "Nobody.usd"), 3, "Nobody.usd"),
        (("num: 1", "num: 0"), 0, ""),
    ],
)
def test_the_exit_code_tells_how_it_went(kit, write_config, change, exit_code, says):
    start(kit, f"config={write_config(change)}", "autorun=true", "quit_when_done=true")
    kit.pump_until(lambda: kit.quit_codes, updates=20_000)
    assert kit.quit_codes == [exit_code]
    errors = kit.logged("error")
    assert len(errors) == bool(says)
    assert all(says in error and "\n" not in error for error in errors)


def test_a_package_that_is_missing_ends_a_job(kit, write_config, monkeypatch):
    start_without(kit, monkeypatch, f"config={write_config()}", "autorun=true", "quit_when_done=true")
    assert kit.quit_codes == [6]
    assert "this app's Python lacks jsonschema; install it with `python.sh -m pip install" in kit.logged("error")[0]


def test_a_package_that_is_missing_does_not_end_an_app_in_use(kit, monkeypatch):
    start_without(kit, monkeypatch)
    assert kit.quit_codes == []
    assert len(kit.logged("error")) == 1


def start_without(kit, monkeypatch, *flags: str) -> None:
    """Start the extension as if jsonschema were not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "jsonschema" else find(name, *rest)
    )
    start(kit, *flags)
    kit.pump(10)
    kit.extensions.stop()


def test_what_nobody_expected_ends_a_job_too(kit, write_config, monkeypatch):
    from isaacsim_agent_ext import api

    def fail(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(api, "load_config_file", fail)
    start(kit, f"config={write_config()}", "autorun=true", "quit_when_done=true")
    kit.pump_until(lambda: kit.quit_codes)
    assert kit.quit_codes == [1]
    assert "ZeroDivisionError: of all things" in kit.logged("error")[0]


def test_autorun_without_a_config_is_an_error(kit, write_config):
    start(kit, "autorun=true", "quit_when_done=true")
    kit.pump_until(lambda: kit.quit_codes)
    assert kit.quit_codes == [2]
    assert "/exts/isaacsim_agent_ext/config" in kit.logged("error")[0]


def test_a_config_without_autorun_is_loaded_and_nothing_else(kit, write_config):
    from isaacsim_agent_ext import api

    path = write_config()
    start(kit, f"config={path}", "quit_when_done=true")
    kit.pump(60)
    assert api.get_config_file_path() == str(path)
    assert kit.quit_codes == []
    assert kit.stages.stage is None


def test_starting_does_no_work(kit):
    before = kit.updates
    start(kit)
    assert kit.updates == before
    assert kit.blocked == []


def test_the_menu_generates(kit_desktop, write_config, tmp_path):
    from isaacsim_agent_ext import api

    kit = kit_desktop
    start(kit, f"config={write_config()}")
    kit.pump(10)
    kit.interface.click("Tools", "Agent Data Generation", "Generate Data")
    kit.pump_until(lambda: api.get_progress().state == "done", updates=20_000)
    assert (tmp_path / "out" / "run.json").is_file()


def test_an_error_is_one_notification(kit_desktop, write_config):
    kit = kit_desktop
    start(kit)
    kit.pump(10)
    kit.interface.click("Tools", "Agent Data Generation", "Generate Data")
    kit.pump(10)
    assert len(kit.interface.notifications) == 1
    assert len(kit.logged("error")) == 1


def test_ten_starts_leave_nothing_behind(kit_desktop, write_config):
    kit = kit_desktop
    before = dict(kit.settings.values)
    for cycle in range(10):
        start(kit, f"config={write_config()}")
        kit.pump(5 + cycle)
        kit.extensions.stop()
        kit.pump(3)
        assert kit.leftovers() == []
    changed = {path for path, value in kit.settings.values.items() if before.get(path) != value}
    assert all(path.startswith("/exts/isaacsim_agent_ext/") for path in changed)


def test_stopping_in_the_middle_of_a_job_leaves_nothing_behind(kit, write_config):
    from isaacsim_agent_ext import api

    start(kit, f"config={write_config(('simulation_duration: 0.2', 'simulation_duration: 3'))}", "autorun=true")
    before = dict(kit.settings.values)
    kit.pump_until(lambda: api.get_progress().frames > 2, updates=20_000)
    kit.extensions.stop()
    kit.pump(5)
    assert kit.leftovers() == []
    assert kit.timeline.state == "stopped"
    assert kit.settings.values == before
    assert kit.stages.stage.GetSessionLayer().subLayerPaths == []
