"""Which gzip members ISA-L may inflate: it takes half of zlib's time, checksum and all, but refuses less."""

USUAL = b"\x1f\x8b\x08\0"
"""A header without name, comment, extra field or checksum of its own: ISA-L passes over flags that zlib refuses."""
