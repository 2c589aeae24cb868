"""The app stays awake while we work: long work goes on in turns with its updates, or in threads."""

import importlib
import threading

import pytest
from PIL import Image
from pxr import Usd

from isaacsim_agent_ext import api
from isaacsim_agent_ext.hosts import cameras
from isaacsim_agent_ext.session import job


def test_stages_are_read_and_filled_in_turns(app, write_config, monkeypatch):
    stage = importlib.import_module("isaacsim_agent_ext.hosts.kit.stage")
    monkeypatch.setattr(stage, "SLICE_SECONDS", 0.0)
    updates: dict[str, int] = {}
    api.load_config_file(write_config())
    api.setup_simulation()
    while api.get_progress().busy:
        phase = api.get_progress().phase
        updates[phase] = updates.get(phase, 0) + 1
        app.pump(1)
    assert api.get_progress().state == "ready"
    assert updates["stage"] > 5 + 2  # waits for loading, and at least one per prim of the hall
    assert updates["people"] > sum(1 for _ in app.stages.stage.Traverse()) / 2


@pytest.mark.parametrize("phase", ["stage", "people"])
def test_a_stage_that_the_user_closes_half_way(app, write_config, monkeypatch, phase):
    stage = importlib.import_module("isaacsim_agent_ext.hosts.kit.stage")
    monkeypatch.setattr(stage, "SLICE_SECONDS", 0.0)
    api.load_config_file(write_config())
    api.setup_simulation()
    app.pump_until(lambda: api.get_progress().phase == phase and not app.stages.loading, updates=2000)
    app.pump(8)
    app.run(importlib.import_module("omni.usd").get_context().new_stage_async())
    app.pump_until(lambda: not api.get_progress().busy, updates=2000)
    assert "not open any more" in str(api.get_last_error())


def test_assets_are_loaded_in_threads(app, write_config, monkeypatch):
    stage = importlib.import_module("isaacsim_agent_ext.hosts.kit.stage")
    began, released, load = [], threading.Event(), Usd.Stage.Open

    def load_slowly(file, *rest):
        if threading.current_thread() is not threading.main_thread() and "Characters" in str(file):
            began.append(str(file))
            assert released.wait(30)
        return load(file, *rest)

    monkeypatch.setattr(stage.Usd.Stage, "Open", load_slowly)
    api.load_config_file(write_config())
    api.setup_simulation()
    app.pump_until(lambda: began, updates=20_000)
    app.pump(20)
    assert api.get_progress().phase == "people"
    released.set()
    app.pump_until(lambda: not api.get_progress().busy, updates=20_000)
    assert api.get_progress().state == "ready"
    assert len(began) == 1  # two people of one asset


def test_an_asset_that_never_loads_is_told_of(app, write_config, monkeypatch):
    stage = importlib.import_module("isaacsim_agent_ext.hosts.kit.stage")
    app.settings.set("/exts/isaacsim_agent_ext/asset_timeout", 2)
    released, load = threading.Event(), Usd.Stage.Open

    def load_never(file, *rest):
        if threading.current_thread() is not threading.main_thread() and "Characters" in str(file):
            assert released.wait(30)
        return load(file, *rest)

    monkeypatch.setattr(stage.Usd.Stage, "Open", load_never)
    api.load_config_file(write_config())
    assert not app.run(api.setup_simulation_async(), updates=20_000)
    released.set()
    assert "waited 2 s for" in str(api.get_last_error())
    assert "F_Casual_01.usd to load" in str(api.get_last_error())


def test_views_are_chosen_and_sheets_drawn_in_threads(app, write_config, monkeypatch):
    threads = {}
    choose, released = cameras.choose_views, threading.Event()

    def choose_slowly(*arguments):
        threads["views"] = threading.current_thread()
        return choose(*arguments)

    def draw_slowly(sink, folder, *, title):
        threads["sheet"] = threading.current_thread()
        assert released.wait(30)
        Image.new("RGB", (8, 8)).save(folder / "contact_sheet.png")

    monkeypatch.setattr(cameras, "choose_views", choose_slowly)
    monkeypatch.setattr(job, "contact_sheet", draw_slowly)
    api.load_config_file(write_config())
    api.start_data_generation()
    app.pump_until(lambda: "sheet" in threads, updates=20_000)
    app.pump(20)
    assert api.get_progress().phase == "finish"
    released.set()
    app.pump_until(lambda: not api.get_progress().busy, updates=2000)
    assert api.get_progress().state == "done"
    assert threading.main_thread() not in threads.values()
