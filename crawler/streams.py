"""The three streams of a command: there, whatever the shell closed, and no reason to end early when nobody reads them any more."""

import io
import os
import sys


class Outlet(io.FileIO):
    """A stream's bytes as long as somebody takes them; `letopis verify --all | head -n 1` goes on to its verdict all the same."""

    def write(self, data: object, /) -> int:
        """Write, or pass over what nobody takes; gives the number of bytes."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(data)  # type: ignore[arg-type]


def open_streams() -> None:
    """See that the three streams are there: what `>&-` closed would else be the next file that is opened, and be printed into."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            if (descriptor := os.open(os.devnull, os.O_RDWR)) != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8"))
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__"):  # nobody has put another in its place
            setattr(sys, name, _lasting(stream))


def _lasting(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    stream.flush()
    outlet = io.BufferedWriter(Outlet(stream.fileno(), "w", closefd=False))
    # write_through is PYTHONUNBUFFERED's, by which logs are followed
    at_once = stream.line_buffering or stream.write_through
    return io.TextIOWrapper(outlet, stream.encoding, stream.errors, line_buffering=at_once)
