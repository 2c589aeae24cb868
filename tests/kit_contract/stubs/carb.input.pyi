from enum import Enum

class KeyboardInput(Enum):
    N = 32
    O = 33
    S = 37
    Y = 43
    Z = 44
    ESCAPE = 49
    ENTER = 51
