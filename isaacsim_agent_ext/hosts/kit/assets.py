"""From the paths of a config to what the app can open, looked up without blocking it.

The assets root is the one that the job or the extension's settings name, else the environment's, else Isaac Sim's own.
A root that is a URL, Nucleus included, is asked by the app's client library and assets stay where they are; everything
else is found as on the standalone host, down to the stand-in pack.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import omni.client

from isaacsim_agent_ext.assets.remote import USD_SUFFIXES
from isaacsim_agent_ext.assets.resolver import ASSET_ROOT_VARIABLE, AssetResolver
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.hosts.kit.app import enable_extension, within
from isaacsim_agent_ext.resources import asset_pack_root

_NO_CHARACTERS = ("original_", "biped", "materials", "textures", "props", ".")


class KitAssets:
    """Finds assets; make one with `open_assets`.

    Attributes:
        root: The assets root, a folder or URL, or None for the stand-in pack alone.
    """

    def __init__(self, root: str | None, config_dir: Path | None, seconds: float):
        """Remember where to look.

        Args:
            root: See the attribute.
            config_dir: The config file's folder, or None.
            seconds: How long the server may take to answer [s].
        """
        self.root = root
        self._root = root.rstrip("/") if root and "://" in root else None
        # What the URL does not have is looked for beside the config and in the stand-in pack.
        local_root = str(config_dir or asset_pack_root()) if self._root else root
        self._local = AssetResolver(local_root, config_dir=config_dir)
        self._seconds = seconds
        self._warnings: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was found another way than asked for."""
        return (*self._warnings, *self._local.warnings)

    async def resolve(self, path: str) -> tuple[str, Path | str]:
        """Return what to call an asset in datasets, and its file or URL.

        Raises:
            AssetError: It is not there, or the server does not answer in time.
        """
        path = path.strip()
        url = self._url(path)
        if url is None:
            asset = self._local.resolve(path)
            return asset.url, asset.local_path
        if await self._exists(url):
            return (_public(url) if "://" in path else path.lstrip("/")), url
        if "://" in path:
            raise AssetError(f"{_public(url)}: there is no such asset on the server")
        asset = self._local.resolve(path)
        return asset.url, asset.local_path

    async def characters(self, path: str) -> dict[str, Path | str]:
        """Return the characters that a path means, by what to call them: a USD file, or those of a folder.

        Raises:
            AssetError: There is none.
        """
        if path.strip().lower().partition("?")[0].endswith(USD_SUFFIXES):
            name, file = await self.resolve(path)
            return {name: file}
        url = self._url(path.strip())
        if url is not None:
            found = await self._list_characters(url.rstrip("/"), path.strip("/ "))
            if found:
                return found
            if "://" in path:
                raise AssetError(f"{_public(url)}: the folder is not there, or holds no folder with a USD character")
            self._warnings[f"{path}: the assets root has no characters there; the stand-in people are used"] = None
        return {asset.url: asset.local_path for asset in self._local.list_usd(path)}

    def _url(self, path: str) -> str | None:
        """Return the URL that a path means, or None for what is looked up locally."""
        if "://" in path:
            return None if path.startswith("file:") else path
        if self._root is None or path.startswith("~") or "\\" in path or Path(path).is_file():
            return None
        return f"{self._root}/{path.lstrip('/')}"

    async def _exists(self, url: str) -> bool:
        result, _ = await self._ask(omni.client.stat_async(url), url)
        return bool(result == omni.client.Result.OK)

    async def _list_characters(self, url: str, name: str) -> dict[str, Path | str]:
        result, entries = await self._ask(omni.client.list_async(url), url)
        if result != omni.client.Result.OK:
            return {}
        found: dict[str, Path | str] = {}
        for folder in sorted(entry.relative_path.strip("/") for entry in entries):
            if folder.lower().startswith(_NO_CHARACTERS) or folder.lower().endswith(USD_SUFFIXES):
                continue
            result, files = await self._ask(omni.client.list_async(f"{url}/{folder}"), f"{url}/{folder}")
            if result != omni.client.Result.OK:
                continue
            names = sorted(file.relative_path.strip("/") for file in files)
            usd = [file for file in names if file.lower().endswith(USD_SUFFIXES)]
            chosen = next((file for file in usd if file.rsplit(".", 1)[0] == folder), usd[0] if len(usd) == 1 else None)
            if chosen:
                found[f"{name}/{folder}/{chosen}"] = f"{url}/{folder}/{chosen}"
        return found

    async def _ask(self, question: Any, url: str) -> Any:
        return await within(
            question,
            self._seconds,
            f"{_public(url)} to be looked up",
            advice="check the connection, set /exts/isaacsim_agent_ext/asset_root to a folder with Isaac/ in it, or "
            "raise /exts/isaacsim_agent_ext/asset_timeout",
            error=AssetError,
        )


async def open_assets(asset_root: str | None, config_dir: Path | None, seconds: float) -> KitAssets:
    """Find out the assets root and return what looks up assets below it.

    Args:
        asset_root: The root that the job asks for, or None.
        config_dir: The config file's folder, or None.
        seconds: How long a server may take to answer [s].
    """
    root = asset_root or os.environ.get(ASSET_ROOT_VARIABLE)
    if root:
        return KitAssets(root, config_dir, seconds)
    root, warning = await _isaac_sim_root(seconds)
    assets = KitAssets(root, config_dir, seconds)
    if warning:
        assets._warnings[warning] = None
    return assets


async def _isaac_sim_root(seconds: float) -> tuple[str | None, str]:
    """Return Isaac Sim's own assets root, or None and why there is none."""
    if not await enable_extension("isaacsim.storage.native"):
        return None, "this app has no extension isaacsim.storage.native, so the stand-in assets are used"
    from isaacsim.storage.native import get_assets_root_path_async

    try:
        # Its own check may block for a while and tells nothing more than our looking up each asset does.
        root = await within(get_assets_root_path_async(skip_check=True), seconds, "Isaac Sim's assets root")
    except Exception as error:
        return None, f"Isaac Sim's assets root is not available ({error}), so the stand-in assets are used"
    return (root, "") if root else (None, "Isaac Sim has no assets root set, so the stand-in assets are used")


def _public(url: str) -> str:
    """Return a URL without its query, which may hold a signature."""
    return url.partition("?")[0]
