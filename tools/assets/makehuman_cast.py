"""Who the people of the pack are."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.assets.makehuman import BodyShape
from tools.assets.makehuman_faces import Complexion
from tools.assets.makehuman_paint import Color

CAUCASIAN, ASIAN, AFRICAN = {"caucasian": 1.0}, {"asian": 1.0}, {"african": 1.0}


@dataclass(frozen=True, kw_only=True)
class Person:
    """A character of the pack.

    Attributes:
        name: Of the asset.
        outfit: What kind of clothes.
        gender: 0 female, 1 male.
        age: Years.
        height: Without shoes [m].
        muscle: 0 slack to 1 muscular.
        weight: 0 thin to 1 heavy.
        ancestry: Relative shares.
        details: Further shape targets with their strength.
        complexion: Skin and hair.
        cut: Of the hair.
        grey: How grey it is, 0..1.
        colors: Of garments, by name.
        writing: A word printed on the clothes.
        short_sleeves: Where an outfit has the choice.
        skirt: Where an outfit has the choice.
    """

    name: str
    outfit: str
    gender: float
    age: float
    height: float
    muscle: float = 0.5
    weight: float = 0.5
    ancestry: dict[str, float] = field(default_factory=lambda: CAUCASIAN)
    details: dict[str, float] = field(default_factory=dict)
    complexion: Complexion
    cut: str = "short"
    grey: float = 0.0
    colors: dict[str, Color] = field(default_factory=dict)
    writing: str = ""
    short_sleeves: bool = False
    skirt: bool = False

    @property
    def skin(self) -> Color:
        """Skin colour."""
        return self.complexion.skin

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

    def color(self, name: str, default: Color) -> Color:
        """Return a garment's colour."""
        return self.colors.get(name, default)


FAIR, LIGHT, OLIVE, TAN = (0.86, 0.68, 0.59), (0.82, 0.63, 0.53), (0.74, 0.55, 0.43), (0.66, 0.47, 0.36)
BROWN, DARK, GOLDEN = (0.50, 0.34, 0.25), (0.36, 0.235, 0.17), (0.83, 0.65, 0.51)
BLACK_HAIR, DARK_HAIR, BROWN_HAIR = (0.055, 0.045, 0.04), (0.13, 0.09, 0.065), (0.25, 0.16, 0.10)
BLOND_HAIR, RED_HAIR, GREY_HAIR = (0.62, 0.48, 0.30), (0.42, 0.19, 0.09), (0.50, 0.49, 0.48)
BLUE_EYES, GREEN_EYES, HAZEL_EYES, BROWN_EYES = (
    (0.28, 0.42, 0.55),
    (0.32, 0.42, 0.28),
    (0.38, 0.28, 0.15),
    (0.20, 0.12, 0.07),
)

PEOPLE = (
    Person(
        name="male_adult_construction_01_new",
        outfit="construction",
        gender=1.0,
        age=34,
        height=1.80,
        muscle=0.68,
        complexion=Complexion(skin=LIGHT, hair=BROWN_HAIR, iris=BLUE_EYES, stubble=0.75, hairline=0.068),
        colors={"hat": (0.97, 0.80, 0.12), "shirt": (0.24, 0.30, 0.42)},
        details={"head/head-square": 0.4, "chin/chin-width-incr": 0.4},
    ),
    Person(
        name="male_adult_construction_05_new",
        outfit="construction",
        gender=1.0,
        age=52,
        height=1.74,
        muscle=0.6,
        weight=0.74,
        ancestry=AFRICAN,
        complexion=Complexion(skin=DARK, hair=BLACK_HAIR, iris=BROWN_EYES, beard=0.75, lips=0.15, lines=0.5),
        cut="buzz",
        grey=0.25,
        colors={
            "hat": (0.93, 0.93, 0.92),
            "vest": (1.0, 0.42, 0.08),
            "shirt": (0.30, 0.31, 0.33),
            "trousers": (0.30, 0.26, 0.20),
        },
        writing="SITE",
    ),
    Person(
        name="female_adult_construction_02_new",
        outfit="construction",
        gender=0.0,
        age=29,
        height=1.66,
        muscle=0.58,
        ancestry=ASIAN,
        complexion=Complexion(skin=GOLDEN, hair=BLACK_HAIR, iris=BROWN_EYES, lips=0.45, hairline=0.062),
        cut="tail",
        colors={"hat": (0.16, 0.42, 0.74), "shirt": (0.42, 0.20, 0.18), "trousers": (0.20, 0.22, 0.20)},
    ),
    Person(
        name="M_Medical_01",
        outfit="medical",
        gender=1.0,
        age=47,
        height=1.84,
        weight=0.48,
        ancestry={"asian": 0.45, "caucasian": 0.55},
        complexion=Complexion(skin=OLIVE, hair=DARK_HAIR, iris=HAZEL_EYES, stubble=0.5, lines=0.3, hairline=0.074),
        cut="parted",
        grey=0.3,
    ),
    Person(
        name="F_Medical_01",
        outfit="medical",
        gender=0.0,
        age=36,
        height=1.70,
        ancestry={"african": 0.75, "caucasian": 0.25},
        complexion=Complexion(skin=BROWN, hair=BLACK_HAIR, iris=BROWN_EYES, lips=0.35),
        cut="bun",
        colors={"scrubs": (0.36, 0.24, 0.48)},
    ),
    Person(
        name="M_Business_02",
        outfit="business",
        gender=1.0,
        age=58,
        height=1.92,
        weight=0.5,
        complexion=Complexion(skin=FAIR, hair=GREY_HAIR, iris=BLUE_EYES, lines=0.7, stubble=0.25, hairline=0.085),
        cut="short",
        grey=0.5,
        colors={"tie": (0.12, 0.20, 0.45)},
    ),
    Person(
        name="F_Business_02",
        outfit="business",
        gender=0.0,
        age=33,
        height=1.72,
        weight=0.45,
        complexion=Complexion(skin=FAIR, hair=BLOND_HAIR, iris=GREEN_EYES, lips=0.7, freckles=0.5),
        cut="bob",
        colors={"suit": (0.30, 0.10, 0.14), "shirt": (0.93, 0.91, 0.88)},
        skirt=True,
    ),
    Person(
        name="female_adult_police_01_new",
        outfit="police",
        gender=0.0,
        age=38,
        height=1.68,
        muscle=0.62,
        complexion=Complexion(skin=TAN, hair=DARK_HAIR, iris=BROWN_EYES, lips=0.4),
        cut="bun",
    ),
    Person(
        name="male_adult_police_04",
        outfit="police",
        gender=1.0,
        age=28,
        height=1.78,
        muscle=0.72,
        ancestry={"african": 0.5, "caucasian": 0.5},
        complexion=Complexion(skin=(0.58, 0.41, 0.31), hair=BLACK_HAIR, iris=BROWN_EYES, stubble=0.6, lips=0.2),
        cut="buzz",
        short_sleeves=True,
        colors={"shirt": (0.34, 0.46, 0.62)},
    ),
    Person(
        name="F_Casual_03",
        outfit="casual",
        gender=0.0,
        age=25,
        height=1.56,
        weight=0.40,
        ancestry=ASIAN,
        complexion=Complexion(skin=GOLDEN, hair=BLACK_HAIR, iris=BROWN_EYES, lips=0.55),
        cut="long",
        short_sleeves=True,
        colors={"shirt": (0.90, 0.72, 0.28)},
        writing="HELLO",
    ),
    Person(
        name="M_Casual_02",
        outfit="casual",
        gender=1.0,
        age=68,
        height=1.69,
        muscle=0.42,
        weight=0.66,
        complexion=Complexion(skin=LIGHT, hair=GREY_HAIR, iris=BLUE_EYES, lines=1.0, beard=0.5, hairline=0.105),
        cut="buzz",
        grey=0.8,
        colors={
            "shirt": (0.20, 0.36, 0.28),
            "stripe": (0.85, 0.82, 0.72),
            "trousers": (0.16, 0.20, 0.29),
            "shoes": (0.35, 0.36, 0.38),
        },
    ),
    Person(
        name="F_Casual_01",
        outfit="casual",
        gender=0.0,
        age=44,
        height=1.75,
        weight=0.68,
        ancestry={"caucasian": 0.8, "african": 0.2},
        complexion=Complexion(skin=OLIVE, hair=RED_HAIR, iris=GREEN_EYES, lips=0.5, lines=0.2, freckles=0.8),
        cut="bob",
        colors={
            "shirt": (0.24, 0.34, 0.52),
            "stripe": (0.88, 0.87, 0.84),
            "trousers": (0.13, 0.15, 0.20),
            "shoes": (0.62, 0.24, 0.20),
        },
    ),
)
