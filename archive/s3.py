"""The S3 store: one object of a bucket per object, on any server that speaks S3.

Nothing that a server says is believed until a second request shows it: an upload counts when HEAD tells its size and digest, an error does
not count when the object is there all the same. ETags are never taken for digests.
"""

import base64
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from archive.bucket import Bucket, Head, connect
from archive.content import Content
from archive.contest import CANDIDATES, Contest
from archive.fingerprint import sha256
from archive.objects import KEY, AbsentError, Stored, StoreError, UnknownStoreError, checked
from archive.refusal import SPOILT, RefusedError
from archive.resumed import Answer, Nothing, resumed

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
TIMEOUT = 60.0
"""Seconds for which an answer is waited for."""
TRIES = 3
"""Uploads of an object that the server says it took and then does not have."""
CHECKSUM = re.compile(r"[A-Za-z0-9+/]{43}=")
"""A SHA-256 of a whole object, as S3 states it."""
PROBE = ".letopis/create-only"
HIDDEN = re.compile(r"(?:^|/)(?:\.|$)")  # as in a directory, and the marks of folders
TAKEN = frozenset({304, 412})  # 304 is what MinIO said until 2024
MISSING = 404
CONFLICTS = frozenset({404, 409})
"""Another request for the same key was under way: nothing was decided."""
PAUSE = 0.2
"""Seconds after the first conflict; each pause is twice as long as the one before."""
ENCRYPTION, LOCK = "LETOPIS_S3_ENCRYPTION", "LETOPIS_S3_LOCK"
BROKEN = (BotoCoreError, HTTPError, OSError)


class S3:
    """A store in a bucket, below a prefix; keys, profile, region and endpoint come from the AWS environment.

    `environment` may hold LETOPIS_S3_ENCRYPTION (``AES256``, ``aws:kms``, ``aws:kms:<key>``) and LETOPIS_S3_LOCK (``GOVERNANCE:<days>``,
    ``COMPLIANCE:<days>``). Raises UnknownStoreError for what cannot be a bucket, a prefix or one of these.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        timeout: float = TIMEOUT,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        if not NAME.fullmatch(bucket) or (prefix and not KEY.fullmatch(prefix)):
            raise UnknownStoreError(
                "that is no store; name s3://bucket/prefix, without credentials: they come from the AWS environment"
            )
        encryption = _encryption(environment.get(ENCRYPTION, ""))
        self._lock = _lock(environment.get(LOCK, ""))
        self._connect = partial(connect, bucket, prefix, timeout, encryption)
        self._bucket = self._connect()
        self._checksums = {True: True, False: True}  # by whether an object goes in parts

    @property
    def uri(self) -> str:
        """``s3://bucket/prefix``."""
        return self._bucket.uri

    def create(self, key: str, data: Path | bytes) -> bool:
        """Whether this call created the object; a taken key keeps its bytes and gives False.

        For what goes in parts only a look before its last request tells that, where the server knows no condition for such uploads.
        """
        with self._reading(key, data):
            content = Content.of(data)
            if len(content.parts) == 1 and not self._honours_conditions:
                return Contest(self._bucket, self._once, checked(key), content).win()
            taken = len(content.parts) > 1 and self._bucket.head(checked(key)) is not None
            return not taken and self._create(key, content)

    def put(self, key: str, source: Path | bytes) -> None:
        """Upload, in parts where it is large, and see that the server has it."""
        with self._reading(key, source):
            content = Content.of(source)
            for _ in range(TRIES):
                failure = self._tried(partial(self._put, checked(key), content))
                if self._has(key, content, failure):
                    return
                if failure is not None and failure.code not in SPOILT:
                    raise failure
        raise failure or self._lied(key)

    def open(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """The object from `offset` on, at most `length` bytes of it, read as it is asked for; raises AbsentError."""
        end = None if length is None else offset + length
        return resumed(f"{checked(key)} in {self.uri}", partial(self._answer, key, end), BROKEN, offset, end)

    def sha256(self, key: str) -> str:
        """The hex digest, from the SHA-256 that the server states of what it stored; read back where it states none."""
        head = self._bucket.head(checked(key))
        if head is None:
            raise self._absent(key)
        if stated := _stated(head):
            return stated
        with closing(self.open(key)) as stream:
            return sha256(stream)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Objects whose keys begin with the prefix, in the order of their keys, whatever order the server has."""
        if prefix and not KEY.fullmatch(prefix.removesuffix("/")):
            raise StoreError(f"{prefix!r} begins no key")
        for each in sorted(self._bucket.listed(prefix), key=lambda each: each.key):
            if not HIDDEN.search(each.key):
                yield Stored(each.key, each.size)

    def stat(self, key: str) -> Stored | None:
        """The object's size, or None."""
        head = self._bucket.head(checked(key))
        return None if head is None else Stored(key, head.size)

    def delete(self, key: str) -> None:
        """Remove the object, and see that it is gone."""
        for _ in range(TRIES):
            self._bucket.delete(checked(key))
            if self._bucket.head(key) is None:
                return
        raise StoreError(f"{self.uri} says that it deleted {key} but has it still; check the bucket's policy")

    def protect(self, key: str) -> None:
        """Forbid changes to an object of a committed snapshot by Object Lock, where LETOPIS_S3_LOCK asks for it."""
        if self._lock is not None:
            self._bucket.retain(checked(key), *self._lock)

    def sweep(self, before: datetime) -> Iterator[str]:
        """Keys for which uploads or creations that began before that instant were given up halfway; what is left of them is removed."""
        for upload in [each for each in self._bucket.unfinished() if each.begun < before]:
            self._bucket.abort(upload)
            yield upload.key
        for candidate in [each for each in self._bucket.listed(CANDIDATES) if each.modified < before]:
            self._bucket.delete(candidate.key)
            yield candidate.key

    @cached_property
    def _once(self) -> Bucket:
        return self._connect(attempts=1)

    @cached_property
    def _honours_conditions(self) -> bool:
        """Whether the server refuses a second creation of one object; asked by trying, with an object that stays."""
        create = partial(self._bucket.put, PROBE, Content.of(b""), checksum=False, only_new=True)
        created = 0
        for attempt in range(2 * TRIES):
            failure = self._tried(create)
            if failure is None:
                created += 1
            elif failure.status in TAKEN:
                return True
            elif not _passing(failure):
                if failure.unsupported:
                    return False
                raise failure
            if created > 1:
                return False
            _wait_for_others(failure, attempt)
        raise failure or self._lied(PROBE)

    def _create(self, key: str, content: Content) -> bool:
        writer = uuid.uuid4().hex
        for attempt in range(TRIES):
            failure = self._tried(partial(self._put_new, checked(key), content, writer))
            found = self._bucket.head(key)
            if found is not None:
                # An answer may have got lost and the attempt after it met our own object: the name in it tells.
                return found.metadata.get("writer", writer if failure is None else "") == writer
            if failure is not None and not _passing(failure):
                raise failure
            _wait_for_others(failure, attempt)
        raise failure or self._lied(key)

    def _put_new(self, key: str, content: Content, writer: str) -> None:
        try:
            self._put(key, content, only_new=True, writer=writer)
        except RefusedError as error:
            if not error.unsupported or len(content.parts) == 1:
                raise
            self._put(key, content, writer=writer)

    def _put(self, key: str, content: Content, **more: Any) -> None:
        """One upload, with the SHA-256 for the server to compare and keep, where it knows how."""
        parts = len(content.parts) > 1
        send: Callable[..., None] = self._bucket.put_parts if parts else self._bucket.put
        try:
            send(key, content, checksum=self._checksums[parts], **more)
        except RefusedError as error:
            if not error.unsupported or not self._checksums[parts]:
                raise
            send(key, content, checksum=False, **more)
            self._checksums[parts] = False  # all else is known there

    @contextmanager
    def _reading(self, key: str, source: Path | bytes) -> Iterator[None]:
        """Whatever keeps the source from being read, told as a StoreError."""
        try:
            yield
        except OSError as error:
            raise StoreError(f"cannot read {source!s} to write {key} in {self.uri}: {error.strerror}; nothing was stored") from error  # fmt: skip

    def _tried(self, act: Callable[[], None]) -> RefusedError | None:
        try:
            act()
        except RefusedError as error:
            return error
        return None

    def _has(self, key: str, content: Content, failure: RefusedError | None) -> bool:
        """Whether HEAD shows what was to be stored; after a failure, its own failing says no."""
        try:
            head = self._bucket.head(key)
        except RefusedError:
            if failure is None:
                raise
            return False
        if head is None or head.size != content.size:
            return False
        if head.checksum and head.checksum != content.composite:
            return False
        return head.metadata.get("sha256", "") == content.sha256 or self.sha256(key) == content.sha256

    def _answer(self, key: str, end: int | None, offset: int) -> Answer:
        try:
            found = None if end is not None and end <= offset else self._bucket.get(key, offset, end)
        except RefusedError as error:
            if error.status == MISSING and error.code != "NoSuchBucket":
                raise self._absent(key) from None
            raise
        if found is None:
            head = self._bucket.head(key)
            if head is None:
                raise self._absent(key)
            if offset < (head.size if end is None else min(end, head.size)):
                raise StoreError(f"cannot read {key} in {self.uri}: the server refuses bytes that it says it has; run the same command again")  # fmt: skip
            return Answer(Nothing(), "")
        return found

    def _absent(self, key: str) -> AbsentError:
        return AbsentError(f"{self.uri} holds no {key}")

    def _lied(self, key: str) -> StoreError:
        return StoreError(f"{self.uri} said {TRIES} times that it took {key} but does not have it; nothing was deleted, run the same command again")  # fmt: skip


def _passing(failure: RefusedError) -> bool:
    """Whether a creation that failed decided nothing: another one was in the way, the key was freed meanwhile, or bytes were lost."""
    if failure.code == "NoSuchBucket":
        return False
    return failure.status in CONFLICTS | TAKEN or failure.code in SPOILT


def _wait_for_others(failure: RefusedError | None, attempt: int) -> None:
    if failure is not None and failure.status in CONFLICTS:
        time.sleep(PAUSE * 2**attempt)


def _stated(head: Head) -> str:
    """The digest that the server vouches for: its own of the whole, or its own of the parts if those were the whole's when they were sent."""
    if CHECKSUM.fullmatch(head.checksum):
        return base64.b64decode(head.checksum).hex()
    if head.checksum and head.checksum == head.metadata.get("parts"):
        return head.metadata.get("sha256", "")
    return ""


def _encryption(setting: str) -> Mapping[str, str]:
    """S3's parameters for LETOPIS_S3_ENCRYPTION; none for an empty one, where the bucket's own default holds."""
    match = re.fullmatch(r"(AES256|aws:kms)(?::(\S+))?", setting)
    if not setting:
        return {}
    if not match or (match[2] and match[1] == "AES256"):
        raise UnknownStoreError(f"{ENCRYPTION} is AES256, aws:kms or aws:kms:<key>; or leave it unset")
    return {"ServerSideEncryption": match[1]} | ({"SSEKMSKeyId": match[2]} if match[2] else {})


def _lock(setting: str) -> tuple[str, int] | None:
    """Mode and days of LETOPIS_S3_LOCK."""
    match = re.fullmatch(r"(GOVERNANCE|COMPLIANCE):([1-9]\d{0,4})", setting)
    if setting and not match:
        raise UnknownStoreError(
            f"{LOCK} is GOVERNANCE:<days> or COMPLIANCE:<days>, such as GOVERNANCE:365; or leave it unset"
        )
    return (match[1], int(match[2])) if match else None
