from __future__ import annotations

import os
from pathlib import Path

import pytest

from isaacsim_agent_ext.assets import resolver as resolver_module
from isaacsim_agent_ext.assets.resolver import ASSET_ROOT_VARIABLE, AssetResolver
from isaacsim_agent_ext.errors import AssetError


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#usda 1.0\n")


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """A stand-in pack, and an environment without an assets root."""
    folder = tmp_path / "pack"
    put(folder, "Isaac/Hall/hall.usd", "Isaac/Props/Cone.usd", "Isaac/People/Ann/Ann.usd")
    monkeypatch.setattr(resolver_module, "asset_pack_root", lambda: folder)
    monkeypatch.delenv(ASSET_ROOT_VARIABLE, raising=False)
    return folder


def resolver(tmp_path, root=None, **options):
    return AssetResolver(root, cache_dir=tmp_path / "cache", **options)


@pytest.mark.parametrize(
    "path", ["Isaac/Hall/hall.usd", "/Isaac/Hall/hall.usd", "Isaac\\Hall\\hall.usd", " Isaac/Hall/hall.usd\n"]
)
def test_without_a_root_the_stand_in_pack_answers(tmp_path, pack, path):
    found = resolver(tmp_path).resolve(path)
    assert found.local_path == pack / "Isaac/Hall/hall.usd"
    assert (found.url, found.source) == ("Isaac/Hall/hall.usd", "stand-in")


def test_the_root_wins_and_the_pack_fills_its_gaps(tmp_path, pack, monkeypatch):
    root = tmp_path / "root"
    put(root, "Isaac/Hall/hall.usd")
    for assets in (resolver(tmp_path, str(root)), resolver(tmp_path, f"file://{root}/")):
        assert assets.resolve("Isaac/Hall/hall.usd").local_path == root / "Isaac/Hall/hall.usd"
        assert assets.resolve("Isaac/Hall/hall.usd").source == "root"
        assert assets.warnings == ()
        assert assets.resolve("Isaac/Props/Cone.usd").source == "stand-in"
        assert "the assets root does not have it" in assets.warnings[0]
    monkeypatch.setenv(ASSET_ROOT_VARIABLE, str(root))
    assert resolver(tmp_path).resolve("Isaac/Hall/hall.usd").source == "root"
    other = tmp_path / "other"
    put(other, "Isaac/Hall/hall.usd")
    assert resolver(tmp_path, str(other)).resolve("Isaac/Hall/hall.usd").local_path.is_relative_to(other)


def test_relative_paths_are_also_looked_up_beside_the_config(tmp_path, pack):
    put(tmp_path / "job", "scenes/mine.usd", "Isaac/Props/Cone.usd")
    assets = resolver(tmp_path, config_dir=tmp_path / "job")
    assert assets.resolve("scenes/mine.usd").source == "config"
    assert assets.resolve("Isaac/Props/Cone.usd").source == "config"
    assert assets.warnings == ()


def test_local_files(tmp_path, pack, monkeypatch):
    put(tmp_path, "my scene.usd")
    path = tmp_path / "my scene.usd"
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (
        str(path),
        f"file://{tmp_path}/my%20scene.usd",
        f"file://localhost{tmp_path}/my%20scene.usd",
        "~/my scene.usd",
    ):
        found = resolver(tmp_path).resolve(text)
        assert (found.local_path, found.url, found.source) == (path, path.as_posix(), "file")


def test_other_letter_case_is_forgiven_with_a_warning(tmp_path, pack):
    assets = resolver(tmp_path)
    assert assets.resolve("isaac/hall/HALL.usd").local_path == pack / "Isaac/Hall/hall.usd"
    assert "other upper and lower case" in assets.warnings[0]


def test_a_missing_asset_is_named_with_every_place_and_the_nearest_name(tmp_path, pack):
    root = tmp_path / "root"
    root.mkdir()
    assets = resolver(tmp_path, str(root), config_dir=tmp_path / "job")
    with pytest.raises(AssetError) as caught:
        assets.resolve("Isaac/Props/Cones.usd")
    assert str(caught.value).splitlines() == [
        "there is no asset Isaac/Props/Cones.usd; it was looked for at",
        f"  {root}/Isaac/Props/Cones.usd (root)",
        f"  {tmp_path}/job/Isaac/Props/Cones.usd (config)",
        f"  {pack}/Isaac/Props/Cones.usd (stand-in)",
        "did you mean Isaac/Props/Cone.usd?",
    ]
    with pytest.raises(AssetError, match="no assets root is set"):
        resolver(tmp_path).resolve("Isaac/Props/Cones.usd")
    put(tmp_path, "files/hall.usd")
    with pytest.raises(AssetError, match=f"did you mean {tmp_path}/files/hall.usd"):
        resolver(tmp_path).resolve(f"{tmp_path}/files/hal.usd")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("omniverse://server/Isaac/x.usd", "only be reached from inside Isaac Sim"),
        ("s3://bucket/x.usd", "presigned https"),
        ("ftp://host/x.usd", "only http, https and file"),
        ("Isaac/Hall", "is a folder"),
        ("~nobody_like_this/x.usd", "home directory"),
        pytest.param(
            "C:/assets/x.usd", "Windows path", marks=pytest.mark.skipif(os.name == "nt", reason="a real path")
        ),
        pytest.param(
            "C:\\assets\\x.usd", "Windows path", marks=pytest.mark.skipif(os.name == "nt", reason="a real path")
        ),
        pytest.param(
            "\\\\nas\\share\\x.usd", "Windows path", marks=pytest.mark.skipif(os.name == "nt", reason="a real path")
        ),
        pytest.param(
            "file://nas/share/x.usd", "Windows path", marks=pytest.mark.skipif(os.name == "nt", reason="a real path")
        ),
    ],
)
def test_what_cannot_be_opened_says_why(tmp_path, pack, path, words):
    with pytest.raises(AssetError, match=words):
        resolver(tmp_path).resolve(path)


def test_empty_files_and_missing_roots(tmp_path, pack):
    (tmp_path / "empty.usd").write_bytes(b"")
    with pytest.raises(AssetError, match="empty file"):
        resolver(tmp_path).resolve(str(tmp_path / "empty.usd"))
    with pytest.raises(AssetError, match="is no folder; set --asset-root"):
        resolver(tmp_path, str(tmp_path / "gone"))


def test_characters_of_a_folder(tmp_path, pack):
    put(
        pack,
        "Isaac/People/Bob_01/Bob_01.usd",
        "Isaac/People/Bob_01/Bob_01_props.usd",
        "Isaac/People/original_eve_02/eve_02.usd",
        "Isaac/People/original_eve_02/other.usd",
        "Isaac/People/only/anything.usdc",
        "Isaac/People/ambiguous/a.usd",
        "Isaac/People/ambiguous/b.usd",
        "Isaac/People/single.usda",
        "Isaac/People/Biped_Setup.usd",
        "Isaac/People/biped_demo/biped_demo.usd",
        "Isaac/People/.thumbs/x/x.usd",
        "Isaac/People/Materials/Materials.usd",
        "Isaac/People/readme.txt",
        "Isaac/People/empty/readme.txt",
    )
    found = resolver(tmp_path).list_usd("Isaac/People/")
    assert [asset.url for asset in found] == [
        "Isaac/People/Ann/Ann.usd",
        "Isaac/People/Bob_01/Bob_01.usd",
        "Isaac/People/only/anything.usdc",
        "Isaac/People/original_eve_02/eve_02.usd",
        "Isaac/People/single.usda",
    ]
    assert {asset.source for asset in found} == {"stand-in"}


def test_characters_of_other_places(tmp_path, pack):
    put(tmp_path, "mine/Zed/Zed.usd")
    assets = resolver(tmp_path)
    assert [asset.url for asset in assets.list_usd(f"{tmp_path}/mine")] == [f"{tmp_path}/mine/Zed/Zed.usd"]
    assert [asset.url for asset in assets.list_usd("isaac/people")] == ["Isaac/People/Ann/Ann.usd"]
    assert [asset.url for asset in assets.list_usd("Isaac/People/Ann/Ann.usd")] == ["Isaac/People/Ann/Ann.usd"]
    with pytest.raises(AssetError) as caught:
        assets.list_usd("Isaac/Peeple/")
    assert "no folder with character assets" in str(caught.value)
    assert "did you mean Isaac/People?" in str(caught.value)
    with pytest.raises(AssetError, match="cannot be listed"):
        assets.list_usd("https://host/people/")
