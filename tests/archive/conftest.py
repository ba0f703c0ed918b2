"""What several tests of the archive are handed."""

from tests.archive.checked import warc
from tests.seaweed import s3, seaweed

__all__ = ["s3", "seaweed", "warc"]
