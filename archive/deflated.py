"""Which gzip members ISA-L may inflate: it takes half of zlib's time, checksum and all, but refuses less."""

import orjson

USUAL = b"\x1f\x8b\x08\0"
"""A header without name, comment, extra field or checksum of its own: ISA-L passes over flags that zlib refuses."""


def settle() -> None:
    """Leave the processor as ISA-L found it; to be called before bytes are digested.

    ISA-L 2.31 returns with the upper halves of the vector registers in use, and until code of another library empties them, which orjson's
    does and little else, SHA-256 takes a third longer: 24 us instead of 18 for 32 kB (AMD Zen 4, OpenSSL 3.0).
    """
    orjson.dumps("")
