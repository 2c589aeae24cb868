"""Where a dataset's files lie below the output folder."""

from __future__ import annotations

from dataclasses import dataclass, field

from isaacsim_agent_ext.errors import OutputError


@dataclass(frozen=True)
class Layout:
    """Names of files.

    Attributes:
        camera_folders: Whether each camera has a folder, with one folder per annotator in it.
        camera_prefixes: Without folders: whether file names begin with the camera.
        frame_padding: Digits of frame numbers, zeros in front.
    """

    camera_folders: bool = True
    camera_prefixes: bool = False
    frame_padding: int = 4
    _owners: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def camera_name(self, camera: str) -> str:
        """Return what stands for a camera in paths: its prim path with ``_`` for ``/``, without the first.

        Raises:
            OutputError: Another camera's path gives the same name.
        """
        name = camera.strip("/").replace("/", "_")
        owner = self._owners.setdefault(name, camera)
        if owner != camera:
            raise OutputError(
                f"cameras `{owner}` and `{camera}` would both write to `{name}`; rename one of them, or record them "
                f"with two writers"
            )
        return name

    def frame_path(self, camera: str, annotator: str, stem: str, frame: int, extension: str) -> str:
        """Return the path of one frame's file.

        Args:
            camera: Prim path of the camera.
            annotator: The annotator, which names the folder.
            stem: What the file name begins with.
            frame: Simulation frame.
            extension: Without the dot.
        """
        file = f"{stem}_{frame:0{self.frame_padding}d}.{extension}"
        if self.camera_folders:
            return f"{self.camera_name(camera)}/{annotator}/{file}"
        return f"{self.camera_name(camera)}_{file}" if self.camera_prefixes else file

    def camera_path(self, camera: str, file: str) -> str:
        """Return the path of a file that spans all frames of a camera."""
        if self.camera_folders:
            return f"{self.camera_name(camera)}/{file}"
        return f"{self.camera_name(camera)}_{file}" if self.camera_prefixes else file
