"""Assets on servers, asked for without blocking the app."""

import importlib

import pytest

from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.resources import asset_pack_root

SERVER = "https://assets.example/Root"
PEOPLE = "Isaac/People/Characters"
GRID = "Isaac/Environments/Grid/default_environment.usd"


@pytest.fixture
def server(kit, monkeypatch, tmp_path):
    """Return the app, with the stand-in pack behind a URL and no root in the environment."""
    monkeypatch.delenv("ISAACSIM_AGENT_ASSET_ROOT")
    kit.assets.served[SERVER] = asset_pack_root()
    return kit


def open_assets(kit, root, seconds=10.0):
    module = importlib.import_module("isaacsim_agent_ext.hosts.kit.assets")
    return kit.run(module.open_assets(root, None, seconds))


def test_what_the_server_has_stays_there(server):
    assets = open_assets(server, SERVER)
    assert server.run(assets.resolve(GRID)) == (GRID, f"{SERVER}/{GRID}")
    assert server.run(assets.resolve("/" + GRID)) == (GRID, f"{SERVER}/{GRID}")
    assert server.run(assets.resolve(f"{SERVER}/{GRID}?signature=1"[:-12])) == (f"{SERVER}/{GRID}", f"{SERVER}/{GRID}")
    assert server.blocked == []


def test_folders_on_a_server_are_listed(server):
    found = server.run(open_assets(server, SERVER).characters(PEOPLE))
    assert len(found) >= 6
    assert found[f"{PEOPLE}/F_Casual_01/F_Casual_01.usd"] == f"{SERVER}/{PEOPLE}/F_Casual_01/F_Casual_01.usd"
    assert not any("biped" in name.lower() for name in found)
    assert server.blocked == []


def test_what_the_server_lacks_comes_from_the_stand_in_pack_with_a_warning(server):
    server.assets.served = {SERVER: asset_pack_root() / "nowhere"}
    assets = open_assets(server, SERVER)
    name, file = server.run(assets.resolve(GRID))
    assert name == GRID
    assert file == asset_pack_root() / GRID
    assert len(server.run(assets.characters(PEOPLE))) >= 6
    assert any("stand-in people" in text for text in assets.warnings)


def test_a_url_that_is_not_there_is_an_error(server):
    with pytest.raises(AssetError, match=r"https://assets\.example/Root/nothing\.usd: there is no such asset"):
        server.run(open_assets(server, SERVER).resolve(f"{SERVER}/nothing.usd"))
    with pytest.raises(AssetError, match="holds no folder with a USD character"):
        server.run(open_assets(server, SERVER).characters(f"{SERVER}/Isaac/Nobody"))


def test_isaac_sims_own_root_is_the_default(server):
    server.settings.set("/persistent/isaac/asset_root/default", SERVER)
    assert open_assets(server, None).root == SERVER


def test_without_isaac_sims_root_the_stand_in_pack_answers(server):
    server.settings.set("/persistent/isaac/asset_root/default", "")
    assets = open_assets(server, None)
    assert server.run(assets.resolve(GRID))[1] == asset_pack_root() / GRID
    assert any("stand-in assets are used" in text for text in assets.warnings)


def test_an_app_without_the_storage_extension_works(server):
    server.extensions.installed.discard("isaacsim.storage.native")
    server.extensions.enabled.discard("isaacsim.storage.native")
    assets = open_assets(server, None)
    assert server.run(assets.resolve(GRID))[1] == asset_pack_root() / GRID
    assert any("isaacsim.storage.native" in text for text in assets.warnings)


def test_a_server_that_is_silent_is_given_up(server):
    server.hang("omni.client.list_async")
    with pytest.raises(AssetError, match=r"waited 10 s for https://assets\.example/Root/Isaac/People"):
        server.run(open_assets(server, SERVER).characters(PEOPLE))
