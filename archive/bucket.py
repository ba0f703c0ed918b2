"""A bucket as boto3 speaks to it: single requests, each failing with one line that names place, cause and remedy."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from archive.content import Content, Part, content_type, encoded, md5
from archive.further import Further
from archive.refusal import GARBLED, NonsenseError, RefusedError, nonsensical, refused
from archive.resumed import Answer, extent
from archive.threads import briefly, interrupted, together

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UPLOADS = 10
"""Parts of one object that are on their way at once."""
CONNECTIONS = 16
ATTEMPTS = 5
"""Requests in place of one, with growing pauses between them, unless AWS_MAX_ATTEMPTS says otherwise."""
HEARINGS = 3
"""Requests in place of one whose answer cannot be understood."""
MISSING = 404
BEYOND = 416
PAGE = frozenset({"IsTruncated", "KeyCount", "MaxKeys", "Name"})
"""Of these every page of a listing has some; what has none is no listing, empty as it may look."""
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Head:
    """What the server says of an object: size, metadata, and the SHA-256 that it states, in S3's form, or ''."""

    size: int
    metadata: Mapping[str, str]
    checksum: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in a listing, by its key below the prefix."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A multipart upload that was begun and neither completed nor aborted."""

    key: str
    upload: str
    begun: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects below a prefix of a bucket; `encryption` holds S3's own parameters for server-side encryption.

    Every method raises RefusedError, whose text holds nothing that the server or the environment wrote.
    """

    name: str
    prefix: str
    client: "S3Client"
    encryption: Mapping[str, Any] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """``s3://bucket/prefix``."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    def head(self, key: str) -> Head | None:
        """What the server says of an object, None if it has none."""
        ask = partial(self.client.head_object, **self._named(key), ChecksumMode="ENABLED")
        try:
            return self._heard("look at", key, lambda: _head(ask()))
        except RefusedError as error:
            if error.status == MISSING:
                return None
            raise

    def put(
        self, key: str, content: Content, *, checksum: bool, only_new: bool = False, **metadata: str
    ) -> None:
        """Store what fits into one request; `only_new` sends If-None-Match, and a taken key is refused with status 412."""
        part = content.parts[0]
        more: dict[str, Any] = {"IfNoneMatch": "*"} if only_new else {}
        data = content.read(part)
        send = partial(
            self.client.put_object, **self._named(key), **more, **self.encryption, **_compared(part, data, checksum=checksum),
            Body=data, ContentType=content_type(key), Metadata={"sha256": content.sha256, **metadata},
        )  # fmt: skip
        self._heard("write", key, send)

    def put_parts(
        self, key: str, content: Content, *, checksum: bool, only_new: bool = False, **metadata: str
    ) -> None:
        """Store what is larger by a multipart upload; aborted where it fails, so that nobody pays for its parts; `only_new` as above."""
        more: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if checksum else {}
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if only_new else {}
        begin = partial(
            self.client.create_multipart_upload, **self._named(key), **more, **self.encryption, ContentType=content_type(key),
            Metadata={"sha256": content.sha256, "parts": content.composite, **metadata},
        )  # fmt: skip
        upload = self._heard("write", key, lambda: _upload(begin()))
        complete = partial(
            self.client.complete_multipart_upload, **self._named(key), **condition, UploadId=upload
        )
        try:
            parts = self._send(key, upload, content, checksum=checksum)
            if only_new:
                self._check_free(key)
            self._heard("write", key, lambda: complete(MultipartUpload={"Parts": parts}))
        except BaseException as error:
            self._give_up(Unfinished(key, upload, datetime.now(UTC)), shortly=interrupted(error))
            raise

    def _check_free(self, key: str) -> None:
        """Look once more before the last request: some servers pass over its condition."""
        if self.head(key) is not None:
            raise RefusedError(f"{key} in {self.uri} was written by others meanwhile", 412)

    def get(self, key: str, offset: int, end: int | None) -> Answer | None:
        """The object's bytes from `offset` up to, not including, `end`; None where there are none so far out."""
        whole = offset == 0 and end is None
        wanted: dict[str, Any] = (
            {} if whole else {"Range": f"bytes={offset}-{'' if end is None else end - 1}"}
        )
        ask = partial(self.client.get_object, **self._named(key), **wanted)
        try:
            return self._heard("read", key, lambda: _answer(ask(), offset, end, whole=whole))
        except RefusedError as error:
            if error.status == BEYOND:
                return None
            raise

    def listed(self, prefix: str) -> list[Listed]:
        """Objects whose keys begin so, in the server's order."""
        return self._heard("list", prefix, lambda: list(self._pages(self._full(prefix))))

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        self._heard("delete", key, partial(self.client.delete_object, **self._named(key)))

    def unfinished(self) -> list[Unfinished]:
        """Multipart uploads that nobody has completed, below the prefix."""
        return self._heard("list uploads in", "", lambda: list(self._uploads(self._full(""))))

    def abort(self, upload: Unfinished) -> None:
        """Give up a multipart upload, and what was sent for it."""
        named = self._named(upload.key)
        abort = partial(self.client.abort_multipart_upload, **named, UploadId=upload.upload)
        self._heard("give up the upload of", upload.key, abort)

    def retain(self, key: str, mode: Any, days: int) -> None:
        """Forbid everybody to change or delete the object for so many days, by Object Lock."""
        until = datetime.now(UTC) + timedelta(days=days)
        retention: Any = {"Mode": mode, "RetainUntilDate": until}
        self._heard("lock", key, partial(self.client.put_object_retention, **self._named(key), Retention=retention))  # fmt: skip

    def _send(self, key: str, upload: str, content: Content, *, checksum: bool) -> list[Any]:
        """The parts, several at once, as the completing request wants them named."""

        def send(part: Part) -> Any:
            data = content.read(part)
            digest = _compared(part, data, checksum=checksum)
            put = partial(self.client.upload_part, **self._named(key), **digest, PartNumber=part.number, UploadId=upload, Body=data)  # fmt: skip
            said = self._heard("write", key, put)
            named = {"PartNumber": part.number, "ETag": said.get("ETag", "")}
            return named | (digest if checksum else {})

        return together(send, content.parts, UPLOADS)

    def _give_up(self, upload: Unfinished, *, shortly: bool) -> None:
        """Abort an upload that failed; whoever is interrupted waits no longer than a moment for that, and sweeping does it later."""
        if shortly:
            briefly(partial(self.abort, upload))
            return
        with suppress(RefusedError):
            self.abort(upload)

    def _pages(self, prefix: str) -> Iterator[Listed]:
        ask, further = self.client.get_paginator("list_objects_v2").paginate, Further()
        for page in ask(Bucket=self.name, Prefix=prefix):
            if PAGE.isdisjoint(page):
                raise NonsenseError("gives no listing where one was asked for")
            for each in further.new(page.get("Contents", ()), itemgetter("Key")):
                yield Listed(self._short(each["Key"], prefix), _natural(each["Size"]), each["LastModified"])
            if page.get("IsTruncated") and not page.get("NextContinuationToken"):
                raise NonsenseError("breaks its listing off and does not say how it goes on")

    def _uploads(self, prefix: str) -> Iterator[Unfinished]:
        ask, further = self.client.get_paginator("list_multipart_uploads").paginate, Further()
        for page in ask(Bucket=self.name, Prefix=prefix):
            for each in further.new(page.get("Uploads", ()), lambda one: f"{one['Key']} {one['UploadId']}"):
                yield Unfinished(self._short(each["Key"], prefix), each["UploadId"], each["Initiated"])

    def _heard(self, verb: str, key: str, ask: Callable[[], R]) -> R:
        """What is asked for, again where the answer makes no sense; raises RefusedError."""
        said: Exception = NonsenseError()
        for _ in range(HEARINGS):
            try:
                return ask()
            except (BotoCoreError, ClientError) as error:
                raise refused(f"{verb} {self._at(key)}", error) from None
            except GARBLED as error:
                said = error
        raise nonsensical(f"{verb} {self._at(key)}", said) from None

    def _at(self, key: str) -> str:
        return f"{key} in {self.uri}".lstrip()

    def _full(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _short(self, key: str, prefix: str) -> str:
        if not key.startswith(prefix):
            raise NonsenseError("lists what it was not asked for")
        return key[len(self.prefix) + 1 :] if self.prefix else key

    def _named(self, key: str) -> Any:
        return {"Bucket": self.name, "Key": self._full(key)}


def _compared(part: Part, data: bytes, *, checksum: bool) -> Any:
    """The digest of a request's body that the server compares: SHA-256, which it keeps, or where it knows none, MD5."""
    return {"ChecksumSHA256": encoded(part.sha256)} if checksum else {"ContentMD5": md5(data)}


def _head(said: Mapping[str, Any]) -> Head:
    if "ETag" not in said:
        raise NonsenseError("says nothing of an object where one was asked for")
    return Head(_natural(said["ContentLength"]), said.get("Metadata", {}), said.get("ChecksumSHA256", ""))


def _upload(said: Mapping[str, Any]) -> str:
    if not (upload := said.get("UploadId")):
        raise NonsenseError("begins no upload where one was asked for")
    return str(upload)


def _answer(said: Mapping[str, Any], offset: int, end: int | None, *, whole: bool) -> Answer:
    """The body, and how far it is to go; raises NonsenseError for anything but an object, or the range of it that was asked for."""
    until = said.get("ContentLength") if whole else extent(said.get("ContentRange", ""), offset, end)
    if "ETag" not in said or (until is None and not whole):
        said["Body"].close()
        what = "gives another range than it was asked for" if "ETag" in said else "gives no object where one was asked for"  # fmt: skip
        raise NonsenseError(what)
    return Answer(said["Body"], said["ETag"], until)


def _natural(size: int) -> int:
    if size < 0:
        raise NonsenseError("counts bytes below nought")
    return size


def connect(
    name: str, prefix: str, timeout: float, encryption: Mapping[str, Any], attempts: int | None = None
) -> Bucket:
    """The bucket, reached as the environment says: keys, profile, region, endpoint; raises RefusedError. No request is made yet.

    The addressing style is boto3's own: virtual for AWS, path for any other endpoint, unless the profile says ``s3.addressing_style``.
    """
    for logger in ("boto3", "botocore"):  # at DEBUG they write down signed headers, session tokens among them
        logging.getLogger(logger).setLevel(logging.WARNING)
    try:
        session = botocore.session.get_session()
        attempts = attempts or session.get_config_variable("max_attempts") or ATTEMPTS
        client = boto3.session.Session(botocore_session=session).client(
            "s3", config=_config(timeout, attempts)
        )
    except (BotoCoreError, ValueError) as error:
        raise refused(f"open s3://{name}/{prefix}", error) from None
    return Bucket(name, prefix, client, encryption)


def _config(timeout: float, attempts: int) -> Config:
    """Only what departs from boto3's defaults; of the environment nothing is overruled but the checksum settings."""
    return Config(
        connect_timeout=min(timeout, 10),
        read_timeout=timeout,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        request_checksum_calculation="when_required",  # trailing checksums are refused by many servers
        response_checksum_validation="when_required",
        user_agent_extra="letopis",
    )
