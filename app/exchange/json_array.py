"""Objects as one JSON array with a line for each: the form in which the commands give lists to other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TextIO

Value = str | bool | int | None


def write_array(stream: TextIO, objects: Iterable[Mapping[str, Value]]) -> int:
    """Write the objects as they come, and return how many there were."""
    count = 0
    stream.write("[")
    for count, one in enumerate(objects, start=1):
        stream.write(",\n" if count > 1 else "\n")
        json.dump(one, stream)
    stream.write("\n]\n")
    return count
