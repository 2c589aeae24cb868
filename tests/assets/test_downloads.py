from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import logging
import threading
import time
import urllib.parse
from pathlib import Path
from typing import ClassVar

import pytest
from pxr import Usd

from isaacsim_agent_ext.assets import resolver as resolver_module
from isaacsim_agent_ext.assets.resolver import ASSET_ROOT_VARIABLE, AssetResolver
from isaacsim_agent_ext.errors import AssetError

SECRET = "X-Amz-Signature=0123secret"


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and a few ways in which servers misbehave."""

    requests: ClassVar[list[tuple[str, int]]] = []

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/slow.usd":
            time.sleep(1.5)
            return
        if path == "/redirect-file.usd":
            return self._answer(302, Location="file:///etc/passwd")
        if path == "/redirect.usd":
            return self._answer(302, Location="/plain.usda")
        if path == "/loop.usd":
            return self._answer(302, Location="/loop.usd")
        if path == "/broken.usd":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")
            return
        if path == "/endless.usd":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(1 << 16))
            except OSError:
                return
        if path == "/signed.usda" and SECRET not in query:
            return self._answer(403)
        if path == "/error.usd":
            return self._answer(500)
        local = Path(self.directory) / urllib.parse.unquote(path).lstrip("/")
        if local.is_file():
            tag = f'"{hashlib.md5(local.read_bytes()).hexdigest()}"'
            if self.headers.get("If-None-Match") == tag:
                return self._answer(304)
            self.send_response(200)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(local.stat().st_size))
            self.end_headers()
            self.wfile.write(local.read_bytes())
            return
        return self._answer(404)

    def _answer(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code="-", size="-"):
        Server.requests.append((self.path.partition("?")[0], int(code)))

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serve(folder: Path):
    """Serve a folder while the context lasts; gives the URL."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A web server over a folder; yields the folder and its URL."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "plain.usda").write_text('#usda 1.0\ndef "A" {\n}\n')
    monkeypatch.delenv(ASSET_ROOT_VARIABLE, raising=False)
    monkeypatch.setattr(resolver_module, "asset_pack_root", lambda: tmp_path / "pack")
    Server.requests.clear()
    with serve(folder) as url:
        yield folder, url


@pytest.fixture
def assets(tmp_path):
    return lambda root=None, **options: AssetResolver(root, cache_dir=tmp_path / "cache", **{"timeout": 5.0, **options})


def statuses(name: str) -> list[int]:
    return [status for path, status in Server.requests if path == name]


def test_files_are_loaded_once_and_again_when_they_change(site, assets, tmp_path):
    folder, url = site
    found = assets().resolve(f"{url}/plain.usda")
    assert (found.url, found.source) == (f"{url}/plain.usda", "url")
    assert found.local_path.name == "plain.usda"
    assert found.local_path.is_relative_to(tmp_path / "cache")
    assets().resolve(f"{url}/plain.usda")
    (folder / "plain.usda").write_text('#usda 1.0\ndef "B" {\n}\n')
    again = assets()
    assert '"B"' in again.resolve(f"{url}/plain.usda").local_path.read_text()
    again.resolve(f"{url}/plain.usda")
    assert statuses("/plain.usda") == [200, 304, 200]
    assert again.warnings == ()
    assert not list((tmp_path / "cache").rglob(".*"))  # no leftovers


def test_equal_contents_are_stored_once(site, assets, tmp_path):
    folder, url = site
    (folder / "copy.usda").write_bytes((folder / "plain.usda").read_bytes())
    for name in ("plain", "copy"):
        assets().resolve(f"{url}/{name}.usda")
    (stored,) = (tmp_path / "cache/objects").iterdir()
    assert stored.stat().st_nlink == 3


def test_everything_an_asset_refers_to_comes_along(site, assets):
    folder, url = site
    (folder / "deep/tex").mkdir(parents=True)
    (folder / "deep/tex/wood floor.png").write_bytes(b"png")
    (folder / "shared.usda").write_text('#usda 1.0\n(defaultPrim = "S")\ndef Cube "S" {\n}\n')
    (folder / "deep/part.usda").write_text(
        """#usda 1.0
(defaultPrim = "P"
)
def "P" (prepend references = @../shared.usda@) {
    asset inputs:file = @./tex/wood floor.png@
    asset mdl = @OmniPBR.mdl@
    asset missing = @./tex/gone.png@
    asset local = @/etc/passwd@
}
"""
    )
    (folder / "hall.usda").write_text('#usda 1.0\ndef "Hall" (prepend references = @deep/part.usda@) {\n}\n')
    resolver = assets()
    found = resolver.resolve(f"{url}/hall.usda")
    stage = Usd.Stage.Open(str(found.local_path))
    assert stage.GetPrimAtPath("/Hall").GetTypeName() == "Cube"
    assert Path(stage.GetPrimAtPath("/Hall").GetAttribute("inputs:file").Get().resolvedPath).read_bytes() == b"png"
    assert len(resolver.warnings) == 2
    assert any("gone.png" in text and "404" in text for text in resolver.warnings)
    assert any("/etc/passwd" in text for text in resolver.warnings)
    assert statuses("/deep/OmniPBR.mdl") == []


def test_presigned_urls_keep_their_secret(site, assets, tmp_path, caplog, monkeypatch):
    folder, url = site
    (folder / "signed.usda").write_text("#usda 1.0\n")
    caplog.set_level(logging.DEBUG)
    resolver = assets()
    found = resolver.resolve(f"{url}/signed.usda?{SECRET}&X-Amz-Expires=60")
    assert found.url == f"{url}/signed.usda"
    assert assets().resolve(f"{url}/signed.usda?{SECRET}&X-Amz-Date=2").local_path == found.local_path
    assert statuses("/signed.usda") == [200, 304]
    with pytest.raises(AssetError) as caught:
        assets().resolve(f"{url}/gone.usda?{SECRET}")
    with pytest.raises(AssetError) as unreachable:
        assets().resolve(f"http://127.0.0.1:9/x.usda?{SECRET}")
    for text in (str(caught.value), repr(caught.value), str(unreachable.value), caplog.text, str(found)):
        assert "secret" not in text
    for path in (tmp_path / "cache").rglob("*"):
        assert "secret" not in str(path)
        assert path.is_dir() or b"secret" not in path.read_bytes()


def test_other_queries_tell_contents_apart(site, assets):
    _, url = site
    paths = {assets().resolve(f"{url}/plain.usda{query}").local_path for query in ("", "?v=1", "?v=2")}
    assert len(paths) == 3
    assert {path.name for path in paths} == {"plain.usda"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.usd", "the server answers 404"),
        ("error.usd", "the server answers 500"),
        ("slow.usd", r"no answer within 0\.3 seconds"),
        ("broken.usd", "the connection"),
        ("redirect-file.usd", "what is not on the web"),
        ("loop.usd", "redirects in circles"),
        ("endless.usd", "too large: more than 1 MiB"),
    ],
)
def test_failures_say_what_went_wrong(site, assets, tmp_path, name, words):
    _, url = site
    with pytest.raises(AssetError, match=words) as caught:
        assets(timeout=0.3, max_bytes=1 << 20).resolve(f"{url}/{name}")
    assert name in str(caught.value)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_the_size_limit_counts_everything_together(site, assets):
    folder, url = site
    for i in range(3):
        (folder / f"{i}.bin").write_bytes(bytes(400))
    refs = "\n".join(f"asset a{i} = @./{i}.bin@" for i in range(3))
    (folder / "sum.usda").write_text(f'#usda 1.0\ndef "A" {{\n{refs}\n}}\n')
    assets(max_bytes=2000).resolve(f"{url}/sum.usda")
    with pytest.raises(AssetError, match="too large"):
        assets(max_bytes=1000).resolve(f"{url}/sum.usda")


def test_redirects_within_the_web_are_followed(site, assets):
    _, url = site
    assert '"A"' in assets().resolve(f"{url}/redirect.usd").local_path.read_text()


def test_an_earlier_copy_serves_when_the_server_is_gone(site, assets):
    folder, _ = site
    with serve(folder) as url:
        assets().resolve(f"{url}/plain.usda")
    resolver = assets()
    assert '"A"' in resolver.resolve(f"{url}/plain.usda").local_path.read_text()
    (warning,) = resolver.warnings
    assert "cannot be reached" in warning
    assert "the copy from an earlier run is used" in warning


@pytest.mark.parametrize("path", ["/../up.usda", "/%2e%2e/up.usda", "/a%2fb.usda", "", "/a%00b.usda"])
def test_paths_cannot_leave_the_cache(site, assets, path):
    _, url = site
    with pytest.raises(AssetError, match="not one of a file"):
        assets().resolve(url + path)


def test_a_root_on_the_web(site, assets, tmp_path):
    folder, url = site
    (folder / "Assets/Isaac/Hall").mkdir(parents=True)
    (folder / "Assets/Isaac/Hall/my hall.usd").write_text("#usda 1.0\n")
    for name in ("Isaac/Props/Cone.usd", "Isaac/People/Ann/Ann.usd"):
        (tmp_path / "pack" / name).parent.mkdir(parents=True)
        (tmp_path / "pack" / name).write_text("#usda 1.0\n")
    resolver = assets(f"{url}/Assets/")
    assert resolver.resolve("/Isaac/Hall/my hall.usd").url == f"{url}/Assets/Isaac/Hall/my%20hall.usd"
    assert resolver.resolve("Isaac/Props/Cone.usd").source == "stand-in"
    assert [asset.source for asset in resolver.list_usd("Isaac/People/")] == ["stand-in"]
    assert len(resolver.warnings) == 2
    with pytest.raises(AssetError, match="404"):
        resolver.resolve("Isaac/Props/Nothing.usd")
    with pytest.raises(AssetError, match="cannot be reached"):
        assets("http://127.0.0.1:9/root").resolve("Isaac/Props/Cone.usd")


def test_credentials_in_urls_are_refused_and_not_repeated(site, assets):
    _, url = site
    with pytest.raises(AssetError, match="not supported") as caught:
        assets().resolve(url.replace("//", "//me:hunter2@") + "/plain.usda")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("page", ["<!DOCTYPE html><title>Log in</title>", "\n <html lang=en><body>Gone"])
def test_a_web_page_in_place_of_the_file_is_told_as_one(site, assets, page):
    folder, url = site
    (folder / "plain.usda").write_text(page)
    with pytest.raises(AssetError, match=r"plain\.usda: the server sent a web page .* log in, or is the link expired"):
        assets().resolve(f"{url}/plain.usda")


def test_a_web_page_does_not_replace_the_copy_from_an_earlier_run(site, assets):
    folder, url = site
    good = assets().resolve(f"{url}/plain.usda").local_path.read_bytes()
    (folder / "plain.usda").write_text("<html><body>Log in")
    later = assets()
    assert later.resolve(f"{url}/plain.usda").local_path.read_bytes() == good
    assert "web page" in later.warnings[0]
