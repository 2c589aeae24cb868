import errno
import os
from pathlib import Path

import pytest

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.storage.paths import safe_join


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_writes_reads_and_removes(tmp_path):
    sink = LocalSink(tmp_path / "new" / "out")
    sink.write("cam/rgb/rgb_0030.png", b"one")
    sink.write("cam/rgb/rgb_0030.png", b"two")
    assert sink.read("cam/rgb/rgb_0030.png") == b"two"
    assert sink.exists("cam/rgb/rgb_0030.png")
    assert not sink.exists("cam/rgb")
    assert files(tmp_path) == ["new/out/cam/rgb/rgb_0030.png"]

    sink.write("cam/keep.txt", b"")
    sink.remove("cam/rgb/rgb_0030.png")
    sink.remove("cam/rgb/rgb_0030.png")
    assert files(tmp_path) == ["new/out/cam/keep.txt"]
    assert not (tmp_path / "new/out/cam/rgb").exists()


def test_nothing_appears_before_a_file_is_whole(tmp_path):
    sink = LocalSink(tmp_path)
    with sink.open_write("big.bin") as file:
        file.write(b"half")
        assert not sink.exists("big.bin")
        file.write(b"half")
    assert sink.read("big.bin") == b"halfhalf"


def test_a_failure_half_way_leaves_the_old_file(tmp_path):
    sink = LocalSink(tmp_path)
    sink.write("a.txt", b"old")

    def fail_half_way():
        with sink.open_write("a.txt") as file:
            file.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert sink.read("a.txt") == b"old"
    assert files(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/.",
        "..",
        "C:/x",
        "C:x",
        "a\\..\\b",
        "a\0b",
        "a\nb",
        "a/",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(tmp_path, path):
    with pytest.raises(OutputError):
        safe_join(tmp_path.resolve(), path)
    with pytest.raises(OutputError):
        LocalSink(tmp_path / "out").write(path, b"x")
    assert files(tmp_path) == []


def test_symbolic_links_out_of_the_folder_are_refused(tmp_path):
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    out.mkdir()
    (out / "link").symlink_to(outside)
    (out / "file").symlink_to(outside / "file")
    sink = LocalSink(out)
    for path in ("link/x", "file"):
        with pytest.raises(OutputError, match="symbolic link"):
            sink.write(path, b"x")
    assert files(outside) == []


def test_a_root_behind_a_symbolic_link_is_fine(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    LocalSink(tmp_path / "link").write("a/b.txt", b"x")
    assert files(tmp_path / "real") == ["a/b.txt"]


def test_names_that_only_look_like_a_way_out_are_allowed(tmp_path):
    sink = LocalSink(tmp_path)
    for path in ("..a/b", "a..b", "...", "ünïcode/文"):
        sink.write(path, b"x")
        assert sink.exists(path)


class FullDisk:
    """Opens files on which nothing fits, and counts what is left behind."""

    def __init__(self, monkeypatch, code):
        self.code = code
        original = Path.open
        outer = self

        def opened(path, mode="r", *args, **kwargs):
            file = original(path, mode, *args, **kwargs)
            return outer.Wrapped(file, outer.code) if "w" in mode else file

        monkeypatch.setattr(Path, "open", opened)

    class Wrapped:
        def __init__(self, file, code):
            self.file, self.code = file, code

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            self.file.write(data[: len(data) // 2])
            raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_explained(tmp_path, monkeypatch, code):
    sink = LocalSink(tmp_path)
    sink.write("first.png", b"whole")
    with monkeypatch.context() as patch:
        FullDisk(patch, code)
        with pytest.raises(OutputError) as caught:
            sink.write("second.png", b"too much")
    message = str(caught.value)
    assert f"cannot write `{tmp_path.resolve() / 'second.png'}`" in message
    assert "MiB free" in message
    assert "What was written before is whole" in message
    assert caught.value.exit_code == 7
    assert files(tmp_path) == ["first.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_forbidden_folder_is_explained(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="--output"):
        LocalSink(tmp_path).write("a/b.txt", b"x")


def test_permission_errors_say_what_to_do(tmp_path, monkeypatch):
    FullDisk(monkeypatch, errno.EROFS)
    with pytest.raises(OutputError, match="Choose a folder that you may write to"):
        LocalSink(tmp_path).write("a.txt", b"xx")


def test_a_file_in_place_of_a_folder_is_explained(tmp_path):
    sink = LocalSink(tmp_path)
    sink.write("cam", b"x")
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        sink.write("cam/rgb.png", b"x")


def test_reading_what_is_not_there_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="cannot read back"):
        LocalSink(tmp_path).read("missing.json")
