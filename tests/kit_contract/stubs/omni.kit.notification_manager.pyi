from enum import Enum
from typing import Any

def post_notification(
    text: str,
    hide_after_timeout: bool = True,
    duration: int = 3,
    status: NotificationStatus = ...,
    button_infos: Any = ...,
) -> Any: ...

class NotificationStatus(Enum):
    INFO = 0
    WARNING = 1
