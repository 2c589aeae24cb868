"""A `CustomWriter` outside Isaac Sim: ours by name, nobody else's."""

from pathlib import Path
from typing import Any

import pytest

from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.registry import check_writers, create_writer


def custom(**keys: Any) -> WriterConfig:
    values = ", ".join(f"{key}: {value}" for key, value in keys.items())
    loaded = parse_config(
        "isaacsim.replicator.agent:\n  version: 1.6.0\n  environment: {base_stage_asset_path: stage.usd}\n"
        f"  replicator: {{writers: {{CustomWriter_2: {{{values}}}}}}}\n"
    )
    assert loaded.config.replicator is not None
    return loaded.config.replicator.writers[0]


def names(config: WriterConfig, folder: Path) -> set[str]:
    return {request.name for request in create_writer(config, LocalSink(folder)).requests}


def test_our_writers_answer_to_their_names(tmp_path: Path) -> None:
    assert names(custom(writer_name="BasicWriter", rgb="true", normals="true"), tmp_path) == {"rgb", "normals"}


def test_what_is_left_out_has_the_named_writers_own_default(tmp_path: Path) -> None:
    loaded = parse_config(
        "isaacsim.replicator.agent:\n  version: 1.6.0\n  environment: {base_stage_asset_path: stage.usd}\n"
        "  replicator: {writers: {IRABasicWriter: {}}}\n"
    )
    assert loaded.config.replicator is not None
    assert names(custom(writer_name="IRABasicWriter"), tmp_path) == names(loaded.config.replicator.writers[0], tmp_path)


def test_parameters_are_checked_as_those_of_the_named_writer() -> None:
    with pytest.raises(ConfigError) as caught:
        check_writers([custom(writer_name="BasicWriter", rgbb="true", frame_padding="wide")])
    told = {problem.key_path: problem.message for problem in caught.value.problems}
    assert "did you mean `rgb`?" in told["replicator.writers.CustomWriter_2.rgbb"]
    assert '"wide"' in told["replicator.writers.CustomWriter_2.frame_padding"]


def test_a_writer_of_replicators_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError) as caught:
        check_writers([custom(writer_name="KittiWriter")])
    (problem,) = caught.value.problems
    assert problem.key_path == "replicator.writers.CustomWriter_2.writer_name"
    assert "inside Isaac Sim only; available here are BasicWriter, IRABasicWriter" in problem.message
