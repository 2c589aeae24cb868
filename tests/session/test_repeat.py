"""The config beside the data: it repeats the run from where it lies."""

from pathlib import Path

from isaacsim_agent_ext.config.load import load_config
from isaacsim_agent_ext.session.repeat import repeating_config

TEXT = """
isaacsim.replicator.agent:
  version: 1.6.0
  environment:
    base_stage_asset_path: stages/hall.usda
    prop_asset_paths: [cone.usd, Isaac/Props/Forklift/forklift.usd]
  character: {groups: {crew: {num: 1, asset_path: https://example.com/people/a.usd}}}
"""


def test_paths_beside_the_config_are_found_from_elsewhere_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "hall.usda").touch()
    (tmp_path / "config.yaml").write_text(TEXT)
    first = load_config(tmp_path / "config.yaml")
    copy = tmp_path / "out" / "config.yaml"
    copy.parent.mkdir()
    copy.write_bytes(repeating_config(first))
    again = load_config(copy).config
    assert again.seed == first.config.seed
    assert again.environment.base_stage_asset_path == str(tmp_path / "stages" / "hall.usda")
    assert again.environment.prop_asset_paths == ("cone.usd", "Isaac/Props/Forklift/forklift.usd")
    assert again.character is not None
    assert again.character.groups[0].asset_path == "https://example.com/people/a.usd"


def test_a_repetition_leaves_the_same_config(tmp_path: Path) -> None:
    (tmp_path / "cone.usd").touch()
    (tmp_path / "config.yaml").write_text(TEXT)
    once = repeating_config(load_config(tmp_path / "config.yaml"))
    copy = tmp_path / "out.yaml"
    copy.write_bytes(once)
    assert repeating_config(load_config(copy)) == once
