r"""From the paths of a config to files that USD can open.

=======================================  ====================================================================
``https://…``, ``http://…``              Downloaded into a cache with all it refers to; presigned URLs too
``C:\…``, ``\\server\share\…``         Windows paths, on Windows
``file:///…``, ``/…``, ``~/…``           Local files
``Isaac/…``, ``/Isaac/…``, any other     Below the assets root; then beside the config; then in the stand-in pack
=======================================  ====================================================================
"""

from __future__ import annotations

import os
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from isaacsim_agent_ext.assets.download import DownloadCache, MissingAssetError, public_url
from isaacsim_agent_ext.assets.lookup import find_below, nearest_below
from isaacsim_agent_ext.assets.remote import USD_SUFFIXES, fetch_asset
from isaacsim_agent_ext.errors import AssetError
from isaacsim_agent_ext.resources import asset_pack_root
from isaacsim_agent_ext.resources import cache_dir as default_cache_dir

ASSET_ROOT_VARIABLE = "ISAACSIM_AGENT_ASSET_ROOT"
"""Environment variable that names the assets root."""

DEFAULT_MAX_BYTES = 4 << 30
"""What an asset from the web and all it refers to may have together."""

DEFAULT_TIMEOUT = 30.0
"""How long a server may stay silent [s]."""

Source = Literal["url", "file", "root", "config", "stand-in"]

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\|//[^/]")
_BELOW_ROOT = re.compile(r"/(Isaac|NVIDIA)/", re.IGNORECASE)  # "/Isaac/..." means the assets root's, not the disk's
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_NO_CHARACTERS = re.compile(r"\..*|.*biped.*|materials|textures|props", re.IGNORECASE)


@dataclass(frozen=True)
class ResolvedAsset:
    """An asset that was found.

    Attributes:
        url: What to call it in datasets and messages: its URL without query, its path, or for what lies below the
            assets root or in the stand-in pack its path from there, the same on every machine.
        local_path: The file to open.
        source: Where it was found.
    """

    url: str
    local_path: Path
    source: Source


@dataclass(frozen=True)
class _Place:
    """A folder that relative paths are looked up in."""

    source: Source
    folder: Path


class AssetResolver:
    """Resolves asset paths.

    Args:
        root: The Isaac Sim assets root, a folder or URL; None takes the environment's (`ASSET_ROOT_VARIABLE`).
        cache_dir: Where downloads are kept; None for the user's cache folder.
        config_dir: The config file's folder, or None.
        max_bytes: What an asset from the web and all it refers to may have together.
        timeout: How long a server may stay silent [s].

    Raises:
        AssetError: The root is neither a folder nor a URL.
    """

    def __init__(
        self,
        root: str | None = None,
        *,
        cache_dir: Path | None = None,
        config_dir: Path | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        timeout: float = DEFAULT_TIMEOUT,
    ):
        self._max_bytes = max_bytes
        self._cache = DownloadCache(cache_dir or default_cache_dir() / "assets", timeout=timeout)
        self._warnings: dict[str, None] = {}
        chosen = root or os.environ.get(ASSET_ROOT_VARIABLE) or ""
        self._root_url = chosen.rstrip("/") if _is_url(chosen) else ""
        self._places: list[_Place] = []
        if chosen and not self._root_url:
            folder = Path(chosen.removeprefix("file://")).expanduser().absolute()
            if not folder.is_dir():
                raise AssetError(
                    f"the assets root {chosen} is no folder; set --asset-root or ${ASSET_ROOT_VARIABLE} to the folder "
                    f"or URL that contains Isaac/, or to nothing for the stand-in pack"
                )
            self._places.append(_Place("root", folder))
        if config_dir is not None:
            self._places.append(_Place("config", Path(config_dir).absolute()))
        self._places.append(_Place("stand-in", asset_pack_root()))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was found another way than asked for, in order."""
        return tuple(self._warnings)

    def resolve(self, path: str) -> ResolvedAsset:
        """Return the file that a path of the config means.

        Raises:
            AssetError: It is not there, cannot be reached or is too large; the message says where it was looked for.
        """
        path = path.strip()
        if not path:
            raise AssetError("an asset path is empty")
        if _is_url(path):
            return self._download(path)
        local = _local_path(path)
        if local is not None:
            found = _usable(local)
            if found is not None:
                return ResolvedAsset(found.as_posix(), found, "file")
            if not _BELOW_ROOT.match(path):
                raise AssetError(_not_found(path, [str(local)], _near_file(local)))
        return self._resolve_relative(path.replace("\\", "/").lstrip("/"), path, local)

    def list_usd(self, path: str) -> list[ResolvedAsset]:
        """Return the characters that a path means: a USD file, or those in the folders of a folder, sorted by name.

        In a folder there is one character per subfolder, in the file named like it (``F_Nurse_01/F_Nurse_01.usd``);
        USD files right in the folder count too. Hidden folders, materials and the biped set-up are skipped.

        Raises:
            AssetError: There is no such file or folder, or it holds no character.
        """
        path = path.strip()
        if path.lower().partition("?")[0].endswith(USD_SUFFIXES):
            return [self.resolve(path)]
        if _is_url(path):
            raise AssetError(f"{public_url(path)}: a folder on a web server cannot be listed; name a USD file in it")
        tried: list[str] = []
        for place, folder in self._folders(path):
            tried.append(f"{folder} ({place.source})" if place else str(folder))
            files = _character_files(folder) if folder.is_dir() else []
            if files and place:
                return [self._named(place, file) for file in files]
            if files:
                return [ResolvedAsset(file.as_posix(), file, "file") for file in files]
        near = next(filter(None, (nearest_below(place.folder, path.strip("/")) for place in self._places)), None)
        raise AssetError(_not_found(path, tried, near, what="no folder with character assets was found for"))

    # ---- from the web ------------------------------------------------------------------------------------------

    def _download(self, url: str) -> ResolvedAsset:
        local = fetch_asset(url, self._cache, max_bytes=self._max_bytes, warn=self._warn)
        return ResolvedAsset(public_url(url), local, "url")

    def _download_from_root(self, relative: str) -> ResolvedAsset | str:
        """Return an asset below a root that is a URL, or a text that says why it is not there."""
        url = f"{self._root_url.partition('?')[0]}/{urllib.parse.quote(relative)}"
        try:
            return self._download(url)
        except MissingAssetError as error:
            return str(error)

    # ---- below the root, the config's folder and the stand-in pack ---------------------------------------------

    def _resolve_relative(self, relative: str, asked: str, absolute: Path | None) -> ResolvedAsset:
        tried = [str(absolute)] if absolute else []
        if self._root_url:
            result = self._download_from_root(relative)
            if isinstance(result, ResolvedAsset):
                return result
            tried.append(result)
        for place in self._places:
            found = find_below(place.folder, relative)
            usable = _usable(found) if found else None
            if usable is None:
                tried.append(f"{place.folder / relative} ({place.source})")
                continue
            if usable != place.folder / relative:
                self._warn(f"{asked}: found with other upper and lower case letters, as {usable}")
            if place.source == "stand-in" and tried and (self._root_url or self._places[0].source == "root"):
                self._warn(f"{asked}: the assets root does not have it; the stand-in of the same name is used")
            return self._named(place, usable)
        near = next(filter(None, (nearest_below(place.folder, relative) for place in self._places)), None)
        raise AssetError(_not_found(asked, tried, near) + self._root_hint())

    def _folders(self, path: str) -> Iterator[tuple[_Place | None, Path]]:
        local = _local_path(path)
        if local is not None:
            yield None, local
        if local is None or _BELOW_ROOT.match(path):
            relative = path.replace("\\", "/").strip("/")
            if self._root_url:
                self._warn(f"{path}: the folders of a web server cannot be listed; the stand-in people are used")
            for place in self._places:
                yield place, find_below(place.folder, relative) or place.folder / relative

    def _named(self, place: _Place, file: Path) -> ResolvedAsset:
        return ResolvedAsset(file.relative_to(place.folder).as_posix(), file, place.source)

    def _root_hint(self) -> str:
        if self._root_url or self._places[0].source == "root":
            return ""
        return (
            f"\nno assets root is set; --asset-root or ${ASSET_ROOT_VARIABLE} names a folder or URL that holds Isaac/"
        )

    def _warn(self, text: str) -> None:
        self._warnings[text] = None


def _is_url(path: str) -> bool:
    return path.lower().startswith(("http://", "https://"))


def _local_path(path: str) -> Path | None:
    """Return a path that names a local file by itself, or None for a relative one.

    Raises:
        AssetError: It is of a kind that this machine cannot open.
    """
    if path.startswith("file:"):
        return _local_path(urllib.request.url2pathname(_file_url_path(path)))
    if _WINDOWS.match(path):
        if os.name == "nt":
            return Path(path)
        raise AssetError(
            f"{path} is a Windows path, and this machine does not run Windows; use a path of this machine, or one "
            f"relative to the assets root (Isaac/...)"
        )
    if path.startswith("~"):
        try:
            return Path(path).expanduser()
        except RuntimeError as error:
            raise AssetError(f"{path}: {error}") from error
    scheme = _SCHEME.match(path)
    if scheme:
        kind = scheme[1].lower()
        hint = (
            "a Nucleus server can only be reached from inside Isaac Sim"
            if kind in ("omniverse", "omni")
            else "only http, https and file URLs can be opened (for S3, a presigned https URL)"
        )
        raise AssetError(f"{public_url(path)}: {hint}")
    return Path(path) if path.startswith("/") else None


def _file_url_path(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"//{parts.netloc}{parts.path}" if parts.netloc not in ("", "localhost") else parts.path


def _usable(path: Path) -> Path | None:
    """Return a path when it is a file with something in it; say so when it is there and no such file."""
    if path.is_dir():
        raise AssetError(f"{path} is a folder; name a USD file in it")
    if not path.is_file():
        return None
    if path.stat().st_size == 0:
        raise AssetError(f"{path} is an empty file")
    return path


def _character_files(folder: Path) -> list[Path]:
    files = []
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if _NO_CHARACTERS.fullmatch(entry.name):
            continue
        if entry.is_dir():
            chosen = _main_file(entry)
            if chosen is not None:
                files.append(chosen)
        elif entry.suffix.lower() in USD_SUFFIXES:
            files.append(entry)
    return files


def _main_file(folder: Path) -> Path | None:
    """Return the USD file of a character's folder: the one named like it, or most like it, or the only one."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in USD_SUFFIXES)
    name = f"_{folder.name.casefold()}_"
    named_like = [path for path in files if f"_{path.stem.casefold()}_" in name]
    if named_like:
        return max(named_like, key=lambda path: (len(path.stem), path.suffix))
    return files[0] if len(files) == 1 else None


def _near_file(path: Path) -> str | None:
    near = nearest_below(Path(path.anchor), str(path.relative_to(path.anchor)).replace("\\", "/"))
    return f"{path.anchor}{near}" if near else None


def _not_found(path: str, tried: list[str], near: str | None, what: str = "there is no asset") -> str:
    places = "".join(f"\n  {place}" for place in tried)
    return f"{what} {path}; it was looked for at{places}" + (f"\ndid you mean {near}?" if near else "")
