"""Assets from the web together with everything they refer to."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from isaacsim_agent_ext.assets.download import CachedFile, DownloadCache, MissingAssetError, public_url
from isaacsim_agent_ext.errors import AssetError

USD_SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")

_CONNECTIONS = 8
_LAYER_SUFFIXES = (".usd", ".usda", ".usdc")
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\\|anon:")
_NOT_NEEDED = (".mdl",)


def fetch_asset(url: str, cache: DownloadCache, *, max_bytes: int, warn: Callable[[str], None]) -> Path:
    """Fetch a USD file, and all layers and textures that it refers to by relative path.

    They land in the cache with the same layout, so USD finds them. What a layer refers to and the server does not
    have is warned of; the asset is used without it.

    Args:
        url: Of the asset.
        cache: Where files are kept.
        max_bytes: What all files together may have.
        warn: Hears of what is missing.

    Raises:
        MissingAssetError: The server does not have the asset itself.
        AssetError: It cannot be reached, or the files are too large.
    """
    first = cache.fetch(url, max_bytes=max_bytes)
    _warn_if_stale(url, first, warn)
    left = max_bytes - first.size
    asked = {public_url(url)}
    level: list[tuple[str, Path]] = [(url, first.path)]
    while level:
        wanted: dict[str, str] = {}
        for layer_url, path in level:
            for reference in _references(path):
                target = _reference_url(layer_url, reference, warn)
                if target and target not in asked:
                    asked.add(target)
                    wanted[target] = layer_url
        level = []
        for target, cached in _fetch_all(list(wanted), cache, left):
            if isinstance(cached, CachedFile):
                left -= cached.size
                if left < 0:
                    raise AssetError(
                        f"{public_url(url)} is too large: with all it refers to it has more than "
                        f"{max_bytes / 2**20:.0f} MiB"
                    )
                _warn_if_stale(target, cached, warn)
                level.append((target, cached.path))
            else:
                warn(f"{public_url(wanted[target])} refers to a file that is missing: {cached}")
    return first.path


def _fetch_all(
    urls: Sequence[str], cache: DownloadCache, max_bytes: int
) -> list[tuple[str, CachedFile | MissingAssetError]]:
    def fetch(url: str) -> CachedFile | MissingAssetError:
        try:
            return cache.fetch(url, max_bytes=max_bytes)
        except MissingAssetError as error:
            return error

    with ThreadPoolExecutor(max_workers=_CONNECTIONS) as pool:
        return list(zip(urls, pool.map(fetch, urls), strict=True))


def _references(path: Path) -> list[str]:
    """Return what a file refers to; only USD layers refer to anything."""
    if path.suffix.lower() not in _LAYER_SUFFIXES:
        return []
    from pxr import Tf, UsdUtils

    try:
        found = UsdUtils.ExtractExternalReferences(str(path))
    except Tf.ErrorException:  # said in USD's words when the asset itself is opened
        return []
    return sorted({reference for group in found for reference in group if reference})


def _reference_url(layer_url: str, reference: str, warn: Callable[[str], None]) -> str | None:
    """Return the URL of what a layer refers to, or None when it is not to be fetched."""
    reference = reference.partition("[")[0].replace("<UDIM>", "1001")
    if reference.lower().endswith(_NOT_NEEDED):
        return None
    if _ELSEWHERE.match(reference):
        warn(f"{public_url(layer_url)} refers to {public_url(reference)}, which only opens on a machine that has it")
        return None
    return urllib.parse.urljoin(public_url(layer_url), urllib.parse.quote(reference.replace("\\", "/")))


def _warn_if_stale(url: str, cached: CachedFile, warn: Callable[[str], None]) -> None:
    if cached.stale:
        warn(f"{public_url(url)}: {cached.stale}; the copy from an earlier run is used")
