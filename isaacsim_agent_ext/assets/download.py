"""A disk cache of files from the web.

::

    <cache>/objects/<sha256>           every content once
    <cache>/tree/<site>/<path>         what each URL holds, laid out as on the server, so that relative references
                                       between USD files work (hard links into objects where the disk can)
    <cache>/about/<digest>.json        ETag, date and content of each URL

A query string goes with the request and nowhere else: not into file names, messages or logs. Signatures (as of
presigned S3 URLs) do not tell contents apart; any other query does, as a digest in the site's name.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shutil
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from isaacsim_agent_ext.errors import AssetError

MISSING_STATUS = (403, 404, 410)
"""HTTP statuses of what is not there; S3 says 403 for that to those who may not list its folders."""

_SIGNATURE_KEYS = re.compile(
    r"x-amz-.*|x-goog-.*|awsaccesskeyid|googleaccessid|signature|expires|key-pair-id|policy|"
    r"sig|se|st|sp|sv|sr|spr|sip|skoid|sktid|skt|ske|sks|skv|token|access_token",
    re.IGNORECASE,
)
_CHUNK = 1 << 20
_WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*(<!doctype html|<html[\s>])", re.IGNORECASE)


class MissingAssetError(AssetError):
    """The server says that there is no such file (or that we may not have it)."""


@dataclass(frozen=True)
class CachedFile:
    """A file in the cache.

    Attributes:
        path: Where it is; its name and folders are those on the server.
        size: In bytes.
        stale: Why it could not be checked for changes, or "".
    """

    path: Path
    size: int
    stale: str = ""


def public_url(url: str) -> str:
    """Return a URL without its query, fragment and credentials: what may be shown and logged."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, _host(parts), parts.path, "", ""))


class DownloadCache:
    """Fetches URLs into a folder; every URL is asked for once per instance, and only loaded again when it changed."""

    def __init__(self, folder: Path, *, timeout: float):
        """``timeout`` is how long a server may stay silent [s]; the folder is made when first needed."""
        self._folder = folder
        self._timeout = timeout
        self._fetched: dict[str, CachedFile] = {}
        self._lock = threading.Lock()
        self._opener = urllib.request.build_opener(_WebOnlyRedirects())

    def fetch(self, url: str, *, max_bytes: int) -> CachedFile:
        """Return the file at a URL.

        A copy from an earlier run is used unless the server has a newer one, and also when the server cannot be
        reached.

        Args:
            url: Starts with ``http://`` or ``https://``.
            max_bytes: Larger files are refused.

        Raises:
            MissingAssetError: The server has no such file.
            AssetError: It cannot be reached, fails, or the file is too large.
        """
        key = _cache_key(url)
        with self._lock:
            known = self._fetched.get(key)
        if known is not None:
            return known
        target = self._folder / "tree" / _site_and_path(url)
        about = self._folder / "about" / f"{key}.json"
        record = _read_record(about) if target.is_file() else {}
        try:
            cached = self._download(url, target, about, record, max_bytes)
        except _UnreachableError as error:
            if not record:
                raise AssetError(f"{public_url(url)}: {error}") from None
            cached = CachedFile(target, target.stat().st_size, stale=str(error))
        with self._lock:
            self._fetched[key] = cached
        return cached

    def _download(self, url: str, target: Path, about: Path, record: dict[str, str], max_bytes: int) -> CachedFile:
        headers = {"User-Agent": "isaacsim-agent-ext", "Accept-Encoding": "identity"}
        if record.get("etag"):
            headers["If-None-Match"] = record["etag"]
        elif record.get("last_modified"):
            headers["If-Modified-Since"] = record["last_modified"]
        request = urllib.request.Request(url, headers=headers)
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                digest, size = self._store(url, response, target, max_bytes)
                found = {
                    "etag": response.headers.get("ETag") or "",
                    "last_modified": response.headers.get("Last-Modified") or "",
                    "sha256": digest,
                }
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 304:
                return CachedFile(target, target.stat().st_size)
            # Not the error's own words: they may repeat the URL.
            answer = f"the server answers {error.code} {http.client.responses.get(error.code, '')}".rstrip()
            if error.code in MISSING_STATUS:
                raise MissingAssetError(f"{public_url(url)}: {answer}") from None
            if 300 <= error.code < 400:
                raise _UnreachableError("it redirects in circles, or to what is not on the web") from None
            raise _UnreachableError(answer) from None
        except (TimeoutError, ssl.SSLError, urllib.error.URLError, http.client.HTTPException, ConnectionError) as error:
            raise _UnreachableError(self._explain(error)) from None
        _write_whole(about, json.dumps(found, sort_keys=True).encode())
        return CachedFile(target, size)

    def _store(self, url: str, response: http.client.HTTPResponse, target: Path, max_bytes: int) -> tuple[str, int]:
        """Store a response's content whole, and link it to where the URL's file goes; return digest and size."""
        announced = int(response.headers.get("Content-Length") or 0)
        _check_size(url, announced, max_bytes)
        objects = self._folder / "objects"
        temporary = objects / f".{os.getpid()}-{threading.get_ident()}.part"
        digest, size = hashlib.sha256(), 0
        try:
            objects.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                while chunk := response.read(_CHUNK):
                    if size == 0 and _WEB_PAGE.match(chunk):
                        raise _UnreachableError(
                            "the server sent a web page in place of the file; is it a page to log in, or is the link "
                            "expired or one to look at the file instead of to download it?"
                        )
                    size += len(chunk)
                    _check_size(url, size, max_bytes)
                    digest.update(chunk)
                    file.write(chunk)
            if size < announced:
                raise _UnreachableError(f"the connection broke after {size} of {announced} bytes")
            stored = objects / digest.hexdigest()
            if not stored.exists():
                os.replace(temporary, stored)
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace_with(target, lambda path: _link_or_copy(stored, path))
        except (TimeoutError, ConnectionError, AssetError):
            raise
        except OSError as error:
            raise AssetError(f"{public_url(url)} cannot be kept in the cache {self._folder}: {error}") from error
        finally:
            temporary.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def _explain(self, error: Exception) -> str:
        """Say what went wrong without the URL, whose query may hold a secret."""
        reason = getattr(error, "reason", None)
        if isinstance(error, TimeoutError) or isinstance(reason, TimeoutError):
            return f"no answer within {self._timeout:g} seconds"
        if isinstance(error, http.client.HTTPException):
            return f"the connection failed ({type(error).__name__})"
        return f"the server cannot be reached ({reason or error})"


class _UnreachableError(Exception):
    """The server cannot be asked just now."""


class _WebOnlyRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects on the web only: urllib would also follow them to FTP."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if not newurl.lower().startswith(("http://", "https://")):
            raise urllib.error.HTTPError(req.full_url, code, "", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _host(parts: urllib.parse.SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _stable_query(parts: urllib.parse.SplitResult) -> str:
    """Return the part of a query that tells contents apart."""
    pairs = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    return urllib.parse.urlencode([pair for pair in pairs if not _SIGNATURE_KEYS.fullmatch(pair[0])])


def _cache_key(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return hashlib.sha256(f"{public_url(url)}?{_stable_query(parts)}".encode()).hexdigest()


def _site_and_path(url: str) -> Path:
    """Return the path in the tree: a folder for the site, then the server's own folders."""
    parts = urllib.parse.urlsplit(url)
    if "@" in parts.netloc:
        raise AssetError(f"{public_url(url)}: credentials in a URL are not supported; use a presigned URL")
    site = re.sub(r"[^A-Za-z0-9.-]", "_", parts.netloc.lower())
    if not site:
        raise AssetError(f"{public_url(url)}: the URL names no server")
    query = _stable_query(parts)
    if query:
        site += f"_{hashlib.sha256(query.encode()).hexdigest()[:16]}"
    names = [urllib.parse.unquote(name) for name in parts.path.split("/") if name]
    if not names or any(name in (".", "..") or re.search(r"[/\\\x00-\x1f]", name) for name in names):
        raise AssetError(f"{public_url(url)}: the URL's path is not one of a file")
    return Path(site, *names)


def _check_size(url: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise AssetError(
            f"{public_url(url)} is too large: more than {max_bytes / 2**20:.0f} MiB are left of what one asset and all "
            f"it refers to may have"
        )


def _read_record(path: Path) -> dict[str, str]:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace_with(path, lambda temporary: temporary.write_bytes(data))


def _replace_with(path: Path, make: Callable[[Path], object]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        make(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
