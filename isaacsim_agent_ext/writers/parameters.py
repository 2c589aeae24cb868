"""What the parameters of the config ask of a writer, and whether it can be done."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from isaacsim_agent_ext.capture.frame import AnnotatorRequest
from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.writers.annotator_files import FileOptions
from isaacsim_agent_ext.writers.images import IMAGE_FORMATS
from isaacsim_agent_ext.writers.pictures import PICTURES

FILE_ANNOTATORS = (
    "rgb",
    "camera_params",
    "semantic_segmentation",
    "instance_segmentation",
    "instance_id_segmentation",
    "distance_to_camera",
    "distance_to_image_plane",
    "normals",
    "motion_vectors",
    "occlusion",
    "pointcloud",
)
"""The annotators that every writer has files for, by the name of their switch."""


class Parameters:
    """The parameters of one writer. Switches that are missing are off; the schema's defaults were filled in before.

    Raises:
        ConfigError: From every method: a value cannot be used; the message names the key.
    """

    def __init__(self, config: WriterConfig):
        self._config = config

    def value(self, key: str, fallback: Any = None) -> Any:
        """Return a value, or the fallback where it is missing or null."""
        found = self._config.parameters.get(key)
        return fallback if found is None else found

    def on(self, *keys: str) -> bool:
        """Return whether a switch is on; the first of several spellings that is set decides."""
        return bool(next((v for key in keys if (v := self._config.parameters.get(key)) is not None), False))

    def fail(self, key: str, message: str) -> ConfigError:
        """Return the error for a key."""
        return ConfigError([Problem(f"replicator.writers.{self._config.key}.{key}", message)])

    def request(self, annotator: str, semantic_filter: str) -> AnnotatorRequest:
        """Return the request for an annotator, coloured if its switch says so."""
        return AnnotatorRequest(
            name=annotator,
            colorize=self.on(f"colorize_{annotator}"),
            semantic_filter=semantic_filter,
            include_unlabelled=annotator == "pointcloud" and self.on("pointcloud_include_unlabelled"),
        )

    def file_requests(self, semantic_filter: str, also: Iterable[str] = ()) -> list[AnnotatorRequest]:
        """Return the requests of the annotators that are switched on, of `FILE_ANNOTATORS` and of others."""
        return [self.request(name, semantic_filter) for name in (*FILE_ANNOTATORS, *also) if self.on(name)]

    def video_requests(self, semantic_filter: str) -> list[AnnotatorRequest]:
        """Return the requests of the annotators to film."""
        key = "video_rendering_annotator_list"
        requests = []
        for name in self.value(key, ()):
            if name not in PICTURES:
                near = difflib.get_close_matches(name, PICTURES, 1)
                hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(PICTURES)}"
                raise self.fail(key, f"no video can be made of `{name}`; {hint}")
            requests.append(AnnotatorRequest(name=name, colorize=True, semantic_filter=semantic_filter))
        return requests

    def semantic_filter(self) -> str:
        """Return the filter predicate, which ``semantic_types`` stand in for when it is missing."""
        key = "semantic_filter_predicate"
        types = self.value("semantic_types", ("class",))
        predicate: str = self.value(key, ";".join(f"{label_type}:*" for label_type in types))
        try:
            parse_filter(predicate)
        except ConfigError as error:
            raise self.fail(key, error.problems[0].message) from error
        return predicate

    def file_options(self) -> FileOptions:
        """Return how files are written."""
        image_format = self.value("image_output_format", "png")
        if image_format not in IMAGE_FORMATS:
            raise self.fail("image_output_format", f"`{image_format}` is not one of {', '.join(IMAGE_FORMATS)}")
        return FileOptions(image_format=image_format, colorize_depth=self.on("colorize_depth"))

    def refuse_uploads(self) -> None:
        """Refuse what would be silently left undone."""
        if self.value("s3_bucket") or self.on("s3_post_upload"):
            key = "s3_bucket" if self.value("s3_bucket") else "s3_post_upload"
            raise self.fail(key, "uploading to S3 is not available yet: remove the key, and copy the folder afterwards")
