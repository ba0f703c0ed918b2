"""The log that is kept with a snapshot, on a disk that may be full."""

import logging
import sys


class LogFile(logging.FileHandler):
    """A log file that says once that it cannot be written, and is tried again with each line."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  as logging names it
        """Say what keeps a line from being written; `emit` calls it."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._told:
            self._told = True
            sys.stderr.write(f"{self.baseFilename} cannot be written: {error.strerror}; the crawl goes on\n")
