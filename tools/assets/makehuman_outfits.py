"""Who the people of the pack are, and what they wear."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.assets.makehuman import BodyShape
from tools.assets.makehuman_clothes import Figure, Frame, plain, shoes, top, trousers
from tools.assets.makehuman_mesh import Part, merged
from tools.assets.makehuman_skin import eyes, scalp, skin

Color = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Surface:
    """How a piece looks.

    Attributes:
        name: Of the material and its textures.
        color: sRGB in 0..1, used without a texture.
        roughness: Of the surface.
        texture: ``(height, width, 3)`` uint8 sRGB, or None.
        normal_map: ``(height, width, 3)`` uint8, or None.
    """

    name: str
    color: Color = (0.5, 0.5, 0.5)
    roughness: float = 0.8
    texture: np.ndarray | None = None
    normal_map: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """A named mesh of a person."""

    name: str
    part: Part
    surface: Surface
    double_sided: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """A character of the pack."""

    name: str
    outfit: str
    gender: float
    age: float = 30.0
    height: float
    muscle: float = 0.5
    weight: float = 0.5
    ancestry: dict[str, float] = field(default_factory=lambda: {"caucasian": 1.0})
    details: dict[str, float] = field(default_factory=dict)
    skin: Color = (0.80, 0.62, 0.52)
    hair: Color = (0.16, 0.11, 0.08)
    cut: str = "short"
    colors: dict[str, Color] = field(default_factory=dict)

    @property
    def shape(self) -> BodyShape:
        """The body's shape."""
        return BodyShape(
            gender=self.gender,
            age=self.age,
            muscle=self.muscle,
            weight=self.weight,
            ancestry=self.ancestry,
            height=self.height,
            details=self.details,
        )


PEOPLE = (
    Person(name="male_adult_construction_01_new", outfit="construction", gender=1, age=34, height=1.80, muscle=0.65),
    Person(
        name="male_adult_construction_05_new",
        outfit="construction",
        gender=1,
        age=52,
        height=1.74,
        weight=0.75,
        ancestry={"african": 1.0},
        skin=(0.42, 0.28, 0.20),
    ),
    Person(
        name="female_adult_construction_02_new",
        outfit="construction",
        gender=0,
        age=29,
        height=1.66,
        ancestry={"asian": 1.0},
        skin=(0.83, 0.66, 0.54),
    ),
    Person(
        name="M_Medical_01", outfit="medical", gender=1, age=45, height=1.84, ancestry={"asian": 0.5, "caucasian": 0.5}
    ),
    Person(
        name="F_Medical_01",
        outfit="medical",
        gender=0,
        age=38,
        height=1.70,
        ancestry={"african": 0.7, "caucasian": 0.3},
        skin=(0.50, 0.34, 0.25),
    ),
    Person(name="M_Business_02", outfit="business", gender=1, age=58, height=1.92, weight=0.45),
    Person(name="F_Business_02", outfit="business", gender=0, age=33, height=1.72),
    Person(name="female_adult_police_01_new", outfit="police", gender=0, age=36, height=1.68, muscle=0.6),
    Person(
        name="male_adult_police_04",
        outfit="police",
        gender=1,
        age=28,
        height=1.78,
        ancestry={"african": 0.5, "caucasian": 0.5},
        skin=(0.60, 0.43, 0.33),
    ),
    Person(name="F_Casual_03", outfit="casual", gender=0, age=24, height=1.55, weight=0.4, ancestry={"asian": 1.0}),
    Person(name="M_Casual_02", outfit="casual", gender=1, age=70, height=1.70, weight=0.6),
)


def dress(person: Person, figure: Figure) -> list[Piece]:
    """Return everything a person is made of."""
    shirt = top(figure, thickness=0.012, hem=figure.waist - 0.05, sleeve=1.93, tuck=True, neckline=-0.01)
    legs = trousers(figure, upper=figure.waist)
    upper, sole = shoes(figure, ankle=0.08)
    frame = Frame(0.0, 1.0)
    return [
        Piece(
            "Skin", skin(figure, collar=figure.neck - 0.02, sleeve=1.93, legs=None), Surface("Skin", person.skin, 0.5)
        ),
        Piece("Eyes", eyes(figure), Surface("Eyes", (0.85, 0.83, 0.8), 0.2)),
        Piece(
            "Hair",
            scalp(figure, thickness=0.012, low=0.09, hairline=0.065, bulk=0.02),
            Surface("Hair", person.hair, 0.6),
        ),
        Piece("Top", frame.lay(shirt), Surface("Top", (0.25, 0.35, 0.55)), double_sided=True),
        Piece("Trousers", frame.lay(legs), Surface("Trousers", (0.15, 0.16, 0.2)), double_sided=True),
        Piece("Shoes", plain(merged([upper, sole])), Surface("Shoes", (0.1, 0.09, 0.08), 0.5)),
    ]
