"""Stand-in robots that drive along +x, with the joints, cameras and lift animations the robot configs name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pxr import Gf, Usd, UsdGeom

from ..authoring import new_stage, save_stage
from ..geometry.mesh import both_sides, moved
from ..geometry.shapes import box, cylinder, lathe, tube
from ..geometry.solid import Solid, combine, paint, placed
from ..prop import Eye, Link, Prop
from .forklift import body_solid, carriage_solid, mast_solid, wheel

FOLDER = "Isaac/Samples/AnimRobot"
ANIMATIONS = f"{FOLDER}/sample_animations"
FRAMES_PER_SECOND = 30


@dataclass(frozen=True)
class Lift:
    """A part that goes up and down in the states ``lift_up`` and ``lift_down``.

    Attributes:
        robot: Whose.
        joint: The part's name.
        pivot: Where it is at rest, in its parent's space [m].
        height: How far it goes up [m].
        seconds: How long that takes [s].
    """

    robot: str
    joint: str
    pivot: tuple[float, float, float]
    height: float
    seconds: float


LIFTS = (
    Lift("iw_hub", "lift", (0.0, 0.0, 0.21), 0.1, 2.0),
    Lift("forklift", "lift", (0.0, 0.0, 0.0), 1.2, 4.0),
)


def _wheel_y(radius: float, width: float) -> Solid:
    """A wheel about the y axis, hub to +y."""
    return placed(wheel(radius, width), z=90)


def _caster_wheel(radius: float, width: float) -> Solid:
    return paint("Rubber", moved(cylinder(radius, width, 18, radius * 0.15), (0, width / 2, 0), x=90))


def _carter_body() -> Solid:
    """A research base: dark hull, green flanks, lidar mast, camera bar, deck rails."""
    hull = box((0.62, 0.42, 0.24), (-0.06, 0, 0.25), bevel=0.045)
    nose = box((0.10, 0.38, 0.16), (0.27, 0, 0.24), bevel=0.035)
    deck = box((0.60, 0.44, 0.02), (-0.06, 0, 0.385), bevel=0.006)
    flank = both_sides(box((0.34, 0.012, 0.10), (-0.06, 0.214, 0.30), bevel=0.004), 1)
    rails = both_sides(
        tube(
            [
                (-0.33, 0.2, 0.39),
                (-0.33, 0.2, 0.47),
                (-0.29, 0.2, 0.50),
                (0.16, 0.2, 0.50),
                (0.2, 0.2, 0.47),
                (0.2, 0.2, 0.39),
            ],
            0.009,
            8,
        ),
        1,
    )
    mast = [tube([(-0.25, y, 0.39), (-0.25, y, 0.62)], 0.014, 8) for y in (-0.1, 0.1)]
    head = box((0.16, 0.30, 0.03), (-0.25, 0, 0.63), bevel=0.008)
    lidar = moved(
        lathe([(0, 0), (0.05, 0), (0.052, 0.02), (0.052, 0.065), (0.045, 0.075), (0, 0.077)], 24, crease=50),
        (-0.25, 0, 0.645),
    )
    bar = box((0.03, 0.18, 0.035), (0.325, 0, 0.345), bevel=0.01)
    lenses = [moved(cylinder(0.011, 0.006, 14), (0.338, y, 0.345), y=90) for y in (-0.075, 0.075)]
    strip = box((0.004, 0.30, 0.012), (0.3215, 0, 0.20), faces=("+x",))
    stop = moved(cylinder(0.022, 0.03, 14, 0.004), (-0.34, -0.12, 0.395))
    return combine(
        paint("PlasticBlack", hull, nose, head, bar),
        paint("CaptainGreen", flank),
        paint("SteelGray", deck),
        paint("SteelDark", *mast, rails),
        paint("DarkGlass", lidar, *lenses),
        paint("LampWhite", strip),
        paint("PlasticRed", stop),
    )


def _carter() -> Prop:
    radius = 0.14
    return Prop(
        "nova_carter",
        "robot",
        folder=FOLDER,
        links=(
            Link(
                "chassis",
                solid=_carter_body(),
                links=(
                    Link("left_wheel", (0.08, 0.25, radius), _wheel_y(radius, 0.06)),
                    Link("right_wheel", (0.08, -0.25, radius), placed(_wheel_y(radius, 0.06), z=180)),
                    Link(
                        "caster_swivel",
                        (-0.27, 0.0, 0.13),
                        paint(
                            "SteelDark",
                            box((0.05, 0.07, 0.02), (0, 0, -0.005)),
                            both_sides(box((0.03, 0.006, 0.09), (0, 0.03, -0.05)), 1),
                        ),
                        links=(Link("caster_wheel", (-0.02, 0.0, -0.075), _caster_wheel(0.055, 0.04)),),
                    ),
                    Link(
                        "front_hawk",
                        (0.342, 0.0, 0.345),
                        links=(
                            Link("camera_left", (0.0, 0.075, 0.0), eye=Eye(12.0)),
                            Link("camera_right", (0.0, -0.075, 0.0), eye=Eye(12.0)),
                        ),
                    ),
                    Link("back_hawk", (-0.40, 0.0, 0.36), links=(Link("camera", eye=Eye(10.0)),), yaw=180.0),
                    Link("left_hawk", (-0.06, 0.23, 0.36), links=(Link("camera", eye=Eye(10.0)),), yaw=90.0),
                    Link("right_hawk", (-0.06, -0.23, 0.36), links=(Link("camera", eye=Eye(10.0)),), yaw=-90.0),
                ),
            ),
        ),
    )


def _hub_body() -> Solid:
    """A flat load carrier."""
    hull = box((1.24, 0.66, 0.15), (0, 0, 0.125), bevel=0.05)
    skirt = box((1.30, 0.70, 0.05), (0, 0, 0.075), bevel=0.02)
    edge = both_sides(box((1.0, 0.004, 0.018), (0, 0.332, 0.15), faces=("+y",)), 1)
    scanners = [
        moved(lathe([(0, 0), (0.06, 0), (0.06, 0.05), (0, 0.052)], 18), (x, y, 0.085))
        for x, y in ((0.58, 0.28), (-0.58, -0.28))
    ]
    eye = box((0.01, 0.12, 0.03), (0.622, 0, 0.15), bevel=0.003)
    stop = both_sides(moved(cylinder(0.02, 0.012, 12, 0.003), (0.45, 0.345, 0.13), x=-90), 1)
    return combine(
        paint("PlasticWhite", hull),
        paint("PlasticBlack", skirt, *scanners),
        paint("LampWhite", edge),
        paint("DarkGlass", eye),
        paint("PlasticRed", stop),
    )


def _iw_hub() -> Prop:
    radius = 0.08
    swivel = paint("SteelDark", cylinder(0.05, 0.03, 14))
    posts = [moved(cylinder(0.028, 0.12, 14), (x, y, -0.125)) for x in (-0.34, 0.34) for y in (-0.16, 0.16)]
    lift = combine(
        paint("SteelDark", box((1.0, 0.52, 0.02), (0, 0, 0.0), bevel=0.006)),
        paint("SteelGray", *posts),
        paint("Rubber", *(box((0.9, 0.05, 0.008), (0, y, 0.013)) for y in (-0.18, 0.18))),
    )
    return Prop(
        "iw_hub",
        "robot",
        folder=FOLDER,
        links=(
            Link(
                "chassis",
                solid=_hub_body(),
                links=(
                    Link("lift", LIFTS[0].pivot, lift),
                    Link("left_wheel", (0, 0.29, radius), _wheel_y(radius, 0.05)),
                    Link("right_wheel", (0, -0.29, radius), placed(_wheel_y(radius, 0.05), z=180)),
                    Link(
                        "left_swivel",
                        (-0.45, 0.2, 0.07),
                        swivel,
                        links=(Link("left_caster", (-0.02, 0, -0.03), _caster_wheel(0.04, 0.03)),),
                    ),
                    Link(
                        "right_swivel",
                        (-0.45, -0.2, 0.07),
                        swivel,
                        links=(Link("right_caster", (-0.02, 0, -0.03), _caster_wheel(0.04, 0.03)),),
                    ),
                    Link("camera", (0.63, 0.0, 0.15), eye=Eye(10.0)),
                ),
            ),
        ),
    )


def _forklift() -> Prop:
    """The parked truck turned to drive along +x; its left is +y."""
    turn = 90.0
    radius, rear = 0.33, 0.24
    return Prop(
        "forklift",
        "forklift",
        folder=FOLDER,
        links=(
            Link(
                "chassis",
                solid=placed(combine(body_solid(), mast_solid()), z=turn),
                links=(
                    Link("lift", solid=placed(carriage_solid(), z=turn)),
                    Link("left_wheel", (0.58, 0.47, radius), _wheel_y(radius, 0.22)),
                    Link("right_wheel", (0.58, -0.47, radius), placed(_wheel_y(radius, 0.22), z=180)),
                    Link(
                        "rear_swivel",
                        (-0.86, 0.0, rear),
                        paint("SteelDark", box((0.12, 0.76, 0.1))),
                        links=(
                            Link("rear_left_wheel", (0.0, 0.43, 0.0), _wheel_y(rear, 0.16)),
                            Link("rear_right_wheel", (0.0, -0.43, 0.0), placed(_wheel_y(rear, 0.16), z=180)),
                        ),
                    ),
                    Link("camera", (0.3, 0.0, 2.0), eye=Eye(14.0)),
                ),
            ),
        ),
    )


def robots() -> list[Prop]:
    """All robots."""
    return [_carter(), _iw_hub(), _forklift()]


def write_animations(root: Path) -> None:
    """Write the files of all lifts: a folder per state, in it one file per joint, with its transform over time."""
    for lift in LIFTS:
        for state, low, high in (("lift_up", 0.0, lift.height), ("lift_down", lift.height, 0.0)):
            _write_clip(root / ANIMATIONS / lift.robot / state / f"{lift.joint}.usd", lift, low, high)


def _write_clip(target: Path, lift: Lift, low: float, high: float) -> None:
    stage = new_stage(lift.joint, beside=target)
    stage.SetTimeCodesPerSecond(FRAMES_PER_SECOND)
    stage.SetFramesPerSecond(FRAMES_PER_SECOND)
    frames = round(lift.seconds * FRAMES_PER_SECOND)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(frames)
    translate = UsdGeom.Xformable(stage.GetDefaultPrim()).AddTranslateOp()
    x, y, z = lift.pivot
    for frame in range(frames + 1):
        share = frame / frames
        eased = share * share * (3.0 - 2.0 * share)
        place = Gf.Vec3d(x, y, round(z + low + (high - low) * eased, 6))
        translate.Set(place, Usd.TimeCode(frame))
    save_stage(stage, target)
