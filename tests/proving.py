"""How much is tried: `make test` takes a sample of each long row of cases, `make prove` all of them."""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")

PROVING = bool(os.environ.get("LETOPIS_PROVE"))
"""Whether this is `make prove`; asked nowhere else."""


def some(cases: Sequence[Case], count: int) -> list[Case]:
    """All cases when proving, else the same sample of `count` each time, in their order."""
    chosen = range(len(cases))
    if not PROVING:
        chosen = sorted(random.Random(4).sample(chosen, count))
    return [cases[place] for place in chosen]
