"""What several tests of the crawler are handed."""

from tests.seaweed import s3, seaweed

__all__ = ["s3", "seaweed"]
