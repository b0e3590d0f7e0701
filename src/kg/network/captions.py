"""What a copy of a picture says about itself: title, filter, how much of how much, release, source."""

import re
from dataclasses import dataclass
from typing import Final

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write: https://www.w3.org/TR/xml/#charsets."""


@dataclass(frozen=True)
class Caption:
    """The title, and the lines under the picture."""

    title: str
    lines: tuple[str, ...]


def xml_text(text: str) -> str:
    """The text as XML can hold it: what it cannot write becomes a replacement character."""
    return _NOT_XML.sub("\ufffd", text)
