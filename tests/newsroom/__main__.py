"""`python -m tests.newsroom`: serve until stdin closes; one JSON line says where, and on stderr a line for a shell."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

from .server import MOSCOW, newsroom

if TYPE_CHECKING:
    from .server import Newsroom


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.newsroom", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another number, another newsroom")
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(MOSCOW).date())
    arguments = parser.parse_args()
    with newsroom(arguments.seed, arguments.today) as room:
        print(json.dumps(_where(room)), flush=True)
        names = f"LETOPIS_CONNECT_TO={shlex.quote(json.dumps(room.connect_to))} SSL_CERT_FILE={room.ca}"
        print(f"export {names}", file=sys.stderr, flush=True)
        sys.stdin.read()


def _where(room: Newsroom) -> dict[str, object]:
    path = room.ca.with_name("truth.json")
    truth = {site: [expected.json() for expected in all_of_it] for site, all_of_it in room.truth.items()}
    path.write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return {
        "connect_to": room.connect_to,
        "ca": str(room.ca),
        "truth": str(path),
        "today": room.today.isoformat(),
        "seed": room.seed,
    }


if __name__ == "__main__":
    main()
