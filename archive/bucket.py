"""A bucket as boto3 speaks to it: single requests, each failing with one line that names place, cause and remedy."""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from archive.content import Content, Part, content_type, encoded, md5
from archive.refusal import RefusedError, refused
from archive.resumed import Answer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UPLOADS = 10
"""Parts of one object that are on their way at once."""
CONNECTIONS = 16
ATTEMPTS = 5
"""Requests in place of one, with growing pauses between them, unless AWS_MAX_ATTEMPTS says otherwise."""
MISSING = 404
BEYOND = 416


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
        try:
            with self._asking("look at", key):
                said = self.client.head_object(**self._named(key), ChecksumMode="ENABLED")
        except RefusedError as error:
            if error.status == MISSING:
                return None
            raise
        return Head(said.get("ContentLength", -1), said.get("Metadata", {}), said.get("ChecksumSHA256", ""))

    def put(
        self, key: str, content: Content, *, checksum: bool, only_new: bool = False, **metadata: str
    ) -> None:
        """Store what fits into one request; `only_new` sends If-None-Match, and a taken key is refused with status 412."""
        part = content.parts[0]
        more: dict[str, Any] = {"IfNoneMatch": "*"} if only_new else {}
        data = content.read(part)
        with self._asking("write", key):
            self.client.put_object(
                **self._named(key), **more, **self.encryption, **_compared(part, data, checksum=checksum), Body=data,
                ContentType=content_type(key), Metadata={"sha256": content.sha256, **metadata},
            )  # fmt: skip

    def put_parts(self, key: str, content: Content, *, checksum: bool) -> None:
        """Store what is larger by a multipart upload; aborted where it fails, so that nobody pays for its parts."""
        more: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if checksum else {}
        metadata = {"sha256": content.sha256, "parts": content.composite}
        with self._asking("write", key):
            begun = self.client.create_multipart_upload(
                **self._named(key), **more, **self.encryption, ContentType=content_type(key), Metadata=metadata
            )  # fmt: skip
        upload = begun.get("UploadId", "")
        if not upload:
            raise RefusedError(f"cannot write {self._at(key)}: the server began no upload; run the same command again", code="NoUploadId")  # fmt: skip
        try:
            parts = self._send(key, upload, content, checksum=checksum)
            with self._asking("write", key):
                self.client.complete_multipart_upload(**self._named(key), UploadId=upload, MultipartUpload={"Parts": parts})  # fmt: skip
        except BaseException:
            with suppress(RefusedError):
                self.abort(Unfinished(key, upload, datetime.now(UTC)))
            raise

    def get(self, key: str, offset: int, end: int | None) -> Answer | None:
        """The object's bytes from `offset` up to, not including, `end`; None where there are none so far out."""
        whole = offset == 0 and end is None
        wanted: dict[str, Any] = (
            {} if whole else {"Range": f"bytes={offset}-{'' if end is None else end - 1}"}
        )
        try:
            with self._asking("read", key):
                said = self.client.get_object(**self._named(key), **wanted)
        except RefusedError as error:
            if error.status == BEYOND:
                return None
            raise
        if not whole and not said.get("ContentRange", "").startswith(f"bytes {offset}-"):
            said["Body"].close()
            raise RefusedError(
                f"cannot read {self._at(key)}: the server gives another range than it was asked for; check the endpoint"
            )
        return Answer(said["Body"], said.get("ETag", ""))

    def listed(self, prefix: str) -> Iterator[Listed]:
        """Objects whose keys begin so, in the server's order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=self._full(prefix)
        )
        with self._asking("list", prefix):
            for page in pages:
                for each in page.get("Contents", ()):
                    yield Listed(self._short(each["Key"]), each["Size"], each["LastModified"])

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        with self._asking("delete", key):
            self.client.delete_object(**self._named(key))

    def unfinished(self) -> Iterator[Unfinished]:
        """Multipart uploads that nobody has completed, below the prefix."""
        pages = self.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.name, Prefix=self._full("")
        )
        with self._asking("list uploads in", ""):
            for page in pages:
                for each in page.get("Uploads", ()):
                    yield Unfinished(self._short(each["Key"]), each["UploadId"], each["Initiated"])

    def abort(self, upload: Unfinished) -> None:
        """Give up a multipart upload, and what was sent for it."""
        with self._asking("give up the upload of", upload.key):
            self.client.abort_multipart_upload(**self._named(upload.key), UploadId=upload.upload)

    def retain(self, key: str, mode: Any, days: int) -> None:
        """Forbid everybody to change or delete the object for so many days, by Object Lock."""
        until = datetime.now(UTC) + timedelta(days=days)
        with self._asking("lock", key):
            self.client.put_object_retention(
                **self._named(key), Retention={"Mode": mode, "RetainUntilDate": until}
            )

    def _send(self, key: str, upload: str, content: Content, *, checksum: bool) -> list[Any]:
        """The parts, several at once, as the completing request wants them named."""

        def send(part: Part) -> Any:
            data = content.read(part)
            digest = _compared(part, data, checksum=checksum)
            with self._asking("write", key):
                said = self.client.upload_part(**self._named(key), **digest, PartNumber=part.number, UploadId=upload, Body=data)  # fmt: skip
            named = {"PartNumber": part.number, "ETag": said.get("ETag", "")}
            return named | (digest if checksum else {})

        pool = ThreadPoolExecutor(UPLOADS)
        try:
            return list(pool.map(send, content.parts))
        finally:
            pool.shutdown(cancel_futures=True)

    @contextmanager
    def _asking(self, verb: str, key: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise refused(f"{verb} {self._at(key)}", error) from None

    def _at(self, key: str) -> str:
        return f"{key} in {self.uri}".lstrip()

    def _full(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _short(self, key: str) -> str:
        return key[len(self.prefix) + 1 :] if self.prefix else key

    def _named(self, key: str) -> Any:
        return {"Bucket": self.name, "Key": self._full(key)}


def _compared(part: Part, data: bytes, *, checksum: bool) -> Any:
    """The digest of a request's body that the server compares: SHA-256, which it keeps, or where it knows none, MD5."""
    return {"ChecksumSHA256": encoded(part.sha256)} if checksum else {"ContentMD5": md5(data)}


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
