"""One script, both hosts: the same functions, results, events and logs."""

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1]))

import kit_double.fixtures  # noqa: F401
from kit_double.fixtures import kit  # noqa: F401

from isaacsim_agent_ext import api, events
from isaacsim_agent_ext.resources import asset_pack_root

FRAMES = list(range(12))


@pytest.fixture(autouse=True)
def pack_as_asset_root(monkeypatch: pytest.MonkeyPatch):
    """Take assets from the pack, and leave no session and no module of Kit behind."""
    monkeypatch.setenv("ISAACSIM_AGENT_ASSET_ROOT", str(asset_pack_root()))
    api.use(None)
    yield
    api._session = None
    for name in [name for name in sys.modules if name.startswith("isaacsim_agent_ext.hosts.kit")]:
        del sys.modules[name]


async def script(config: Path, output: Path) -> dict:
    heard: list[tuple[str, dict]] = []
    subscriptions = [
        api.observe_event(event.name, lambda payload, name=event.name: heard.append((name, dict(payload))))
        for event in events.ANNOUNCED
    ]
    subscriptions.append(
        api.observe_event(events.FRAME_CAPTURED, lambda payload: payload["frame"] == 6 and api.dispatch_event("alarm"))
    )
    api.set_options(device="cpu", output=output)
    answers = [
        api.load_config_file(config),
        api.update_config("character.groups.crew.num", -1),
        api.update_config("character.groups.crew.num", 1),
        api.get_config("character.groups.crew.num"),
        await api.setup_simulation_async(),
        api.get_progress().state,
        await api.start_data_generation_async(),
        api.get_progress().state,
        api.cancel(),
    ]
    logged = [(event.frame, event.name) for event in api.get_progress().report.events]
    for subscription in subscriptions:
        subscription.reset()
    return {"answers": answers, "heard": heard, "logged": logged}


def check(result: dict) -> None:
    assert result["answers"] == [True, False, True, 1, True, "ready", True, "done", False]
    names = [name for name, _ in result["heard"] if name not in (events.FRAME_CAPTURED, events.TRIGGER_FIRED)]
    assert names == [
        events.CONFIG_CHANGED,
        events.CONFIG_LOADED,
        events.CONFIG_CHANGED,
        events.SET_UP_DONE,
        events.DATA_GENERATION_DONE,
    ]
    payloads = {event.name: set(event.payload) for event in events.ANNOUNCED}
    assert all(set(payload) == payloads[name] for name, payload in result["heard"])
    told = dict(result["heard"])
    assert told[events.SET_UP_DONE] == {"actors": 1, "cameras": ["/World/Cameras/hall/hall_0"]}
    assert told[events.TRIGGER_FIRED]["actor"] == "crew_0"
    assert [payload["frame"] for name, payload in result["heard"] if name == events.FRAME_CAPTURED] == FRAMES
    assert result["logged"] == [(told[events.TRIGGER_FIRED]["frame"], "alarm")]


def test_in_plain_python(config_file: Path, tmp_path: Path) -> None:
    check(asyncio.run(script(config_file, tmp_path / "out")))
    api.use(None)


def test_inside_kit(kit, config_file: Path, tmp_path: Path) -> None:  # noqa: F811
    import omni.kit.app  # noqa: F401 - an app has imported it long before any script runs

    check(kit.run(script(config_file, tmp_path / "out")))
    assert type(api.session().runtime).__name__ == "KitRuntime"
    with pytest.raises(RuntimeError, match="block the Kit app"):
        api.run(config_file)
    api.use(None)
    kit.pump(200)
    assert kit.leftovers() == []
