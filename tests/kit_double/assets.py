"""isaacsim.storage.native and omni.client: an assets root that may be far away, or gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit_double.guard import IMPLEMENTATIONS, emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit

SETTING = "/persistent/isaac/asset_root/default"
IMPLEMENTATIONS["omni.client.Result"] = ["ERROR_NOT_FOUND"]


class Assets:
    """Where assets are.

    Attributes:
        unreachable: The server does not answer: asking for the root fails after its timeout.
        served: URL prefixes, and the folders that answer for them.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.unreachable = False
        self.served: dict[str, Path] = {}
        kit.settings.set(SETTING, "https://assets.example/Assets/Isaac/" + kit.profile)

    def root(self, *, skip_check: bool) -> str:
        """Return the assets root."""
        root = self._kit.settings.get(SETTING)
        if not root or (self.unreachable and not skip_check):
            raise RuntimeError(f"Could not find assets root folder: {root}")
        return root

    def find(self, url: str) -> Path:
        """Return the file that a URL stands for."""
        for prefix, folder in self.served.items():
            if url.startswith(prefix):
                return folder / url[len(prefix) :].lstrip("/")
        return Path(url.removeprefix("file://"))

    def result(self, *, found: bool) -> Any:
        """Return the result code."""
        kinds = self._kit.enum("omni.client.Result")
        return kinds["OK"] if found and not self.unreachable else kinds["ERROR_NOT_FOUND"]

    def entry(self, path: Path) -> Any:
        """Describe a file."""
        return self._kit.make("omni.client.ListEntry", path)


@emulate("isaacsim.storage.native.get_assets_root_path")
def get_assets_root_path(kit: Kit, *, skip_check: bool = False) -> str:
    if not skip_check:
        kit.blocks("get_assets_root_path()")
    return kit.assets.root(skip_check=skip_check)


@emulate("isaacsim.storage.native.get_assets_root_path_async")
async def get_assets_root_path_async(kit: Kit, *, skip_check: bool = False) -> str:
    timeout = float(kit.settings.get("/persistent/isaac/asset_root/timeout") or 5.0)
    if not skip_check:
        await kit.stages.sleep(round(timeout * 60) if kit.assets.unreachable else 3)
    return kit.assets.root(skip_check=skip_check)


@emulate("omni.client.list")
def list_files(kit: Kit, url: str) -> Any:
    kit.blocks("omni.client.list()")
    return _list(kit, url)


@emulate("omni.client.list_async")
async def list_async(kit: Kit, url: str) -> Any:
    await kit.stages.sleep(1)
    return _list(kit, url)


@emulate("omni.client.stat")
def stat(kit: Kit, url: str) -> Any:
    kit.blocks("omni.client.stat()")
    return _stat(kit, url)


@emulate("omni.client.stat_async")
async def stat_async(kit: Kit, url: str) -> Any:
    await kit.stages.sleep(1)
    return _stat(kit, url)


@emulate("omni.client.read_file")
def read_file(kit: Kit, url: str) -> Any:
    kit.blocks("omni.client.read_file()")
    path = kit.assets.find(url)
    found = path.is_file()
    return kit.assets.result(found=found), "", memoryview(path.read_bytes() if found else b"")


def _list(kit: Kit, url: str) -> Any:
    folder = kit.assets.find(url)
    found = folder.is_dir()
    entries = [kit.assets.entry(path) for path in sorted(folder.iterdir())] if found else []
    return kit.assets.result(found=found), entries


def _stat(kit: Kit, url: str) -> Any:
    path = kit.assets.find(url)
    found = path.exists()
    return kit.assets.result(found=found), kit.assets.entry(path) if found else None


@emulate("omni.client.ListEntry")
class ListEntry:
    def __init__(self, path: Path):
        self.relative_path = path.name
        self.flags = 4 if path.is_dir() else 2
        self.size = path.stat().st_size
