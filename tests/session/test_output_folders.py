"""Output folders are looked at before a job sets anything up."""

import os
from pathlib import Path

import pytest

from isaacsim_agent_ext.errors import OutputError
from isaacsim_agent_ext.session.output_folders import check_output_folders, warnings_of_older_data


def test_folders_that_can_be_made_are_not_made_yet(tmp_path: Path) -> None:
    check_output_folders([tmp_path, tmp_path / "a" / "b"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_way_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file` is no folder"):
        check_output_folders([tmp_path / "file" / below])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="may not write"):
        check_output_folders([tmp_path / "out"])


def test_older_data_is_warned_of(tmp_path: Path) -> None:
    empty, used = tmp_path / "empty", tmp_path / "used"
    empty.mkdir()
    used.mkdir()
    (used / "rgb_0001.png").touch()
    (warning,) = warnings_of_older_data([empty, used, tmp_path / "new", used])
    assert str(used) in warning
