"""What an S3 server or the way to it refused, in one line: place, cause, remedy; never what a server or a library wrote.

Their texts may repeat an access key, a token or a URL with a password in it, so only codes from a fixed alphabet are passed on.
"""

import re
from typing import NamedTuple

from botocore import exceptions as botocore
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from archive.objects import StoreError

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}")
AGAIN = "nothing that was complete is lost, run the same command again"
SETTINGS = "check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION"
GARBLED = (ResponseParserError, LookupError, ValueError, TypeError, AttributeError)
"""What boto3, and whoever reads what it gives, raises where an answer is none of S3's: keys that are missing, no numbers, no XML."""
NONSENSE = "NonsensicalAnswer"
SPOILT = frozenset({NONSENSE, "BadDigest", "IncompleteBody", "InvalidPart", "InvalidPartOrder", "NoSuchUpload", "NoUploadId"})  # fmt: skip
"""Codes that say that bytes or parts were lost on the way: the whole object is to be sent anew."""


class NonsenseError(ValueError):
    """An answer that cannot be true; the message says what the server does, and repeats nothing of it."""


class RefusedError(StoreError):
    """A request to an S3 server that failed for good; `status` is that of HTTP, 0 where no answer came, `code` S3's or ''."""

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    @property
    def unsupported(self) -> bool:
        """Whether the server seems not to know a header that was sent; others of its complaints have codes of their own."""
        return self.status in UNSUPPORTED and self.code not in REASONS.keys() | SPOILT


UNSUPPORTED = frozenset({400, 501})
"""What servers answer to headers that they do not know, instead of ignoring them."""


class _Reason(NamedTuple):
    cause: str
    remedy: str


FORBIDDEN = _Reason(
    "access denied",
    "check the credentials, and that the policy allows it and s3:ListBucket, see docs/stores.md",
)
EXPIRED = _Reason("the credentials have expired", "renew them and run the same command again")
UNKNOWN = _Reason("the server does not accept the credentials", SETTINGS)
CONFLICT = _Reason("others are writing it at this moment", AGAIN)
TAKEN = _Reason("the server says that it has it already, and does not show it", AGAIN)
REASONS = {
    "AccessDenied": FORBIDDEN,
    "403": FORBIDDEN,
    "Forbidden": FORBIDDEN,
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "TokenRefreshRequired": EXPIRED,
    "InvalidAccessKeyId": UNKNOWN,
    "InvalidToken": UNKNOWN,
    "SignatureDoesNotMatch": UNKNOWN,
    "AuthorizationHeaderMalformed": _Reason("the server does not accept the signature", SETTINGS),
    "NoSuchBucket": _Reason("there is no such bucket", "create it, or check AWS_ENDPOINT_URL_S3"),
    "PermanentRedirect": _Reason("the bucket lies in another region", "set AWS_REGION"),
    "RequestTimeTooSkewed": _Reason("this machine's clock differs from the server's", "set the clock"),
    "ConditionalRequestConflict": CONFLICT,
    "OperationAborted": CONFLICT,
    "409": CONFLICT,
    "PreconditionFailed": TAKEN,
    "412": TAKEN,
    "InvalidPart": _Reason("the server has lost a part of it", AGAIN),
    "BadDigest": _Reason("the bytes were changed on the way", AGAIN),
}
FULL = _Reason("the server has no space left", "free some there; " + AGAIN)
NO_CREDENTIALS = _Reason("there are no credentials", "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")  # fmt: skip
SILENT: tuple[tuple[tuple[type[Exception], ...], _Reason], ...] = (
    ((botocore.NoCredentialsError, botocore.PartialCredentialsError), NO_CREDENTIALS),
    (
        (
            botocore.CredentialRetrievalError,
            botocore.SSOError,
            botocore.TokenRetrievalError,
            botocore.RefreshWithMFAUnsupportedError,
        ),
        _Reason("the credentials cannot be fetched", "log in again, or check AWS_PROFILE"),
    ),
    (
        (botocore.ProfileNotFound, botocore.ConfigNotFound, botocore.ConfigParseError),
        _Reason("the configuration cannot be read, or has no such profile", "check AWS_PROFILE and AWS_CONFIG_FILE"),
    ),
    (
        (botocore.SSLError,),
        _Reason("the server's certificate is not trusted", "set AWS_CA_BUNDLE, or check the endpoint"),
    ),
    (
        (botocore.ConnectTimeoutError, botocore.EndpointConnectionError),
        _Reason("the server cannot be reached", "check AWS_ENDPOINT_URL_S3 and the network"),
    ),
    ((botocore.ReadTimeoutError,), _Reason("the server does not answer in time", AGAIN)),
    ((botocore.HTTPClientError,), _Reason("the connection broke", AGAIN)),
)  # fmt: skip


def nonsensical(act: str, error: Exception) -> RefusedError:
    """The error to raise, as `refused`, where an answer came and cannot be understood."""
    said = str(error) if isinstance(error, NonsenseError) else "answers what no S3 server does"
    return RefusedError(f"cannot {act}: the server {said}; check the endpoint, or what stands before it", code=NONSENSE)  # fmt: skip


def refused(act: str, error: BotoCoreError | ClientError | ValueError) -> RefusedError:
    """The error to raise, ``cannot <act>: <cause>; <remedy>``; raise it `from None`, for the cause may name a secret."""
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        code = str(error.response.get("Error", {}).get("Code", ""))
        code = code if CODE.fullmatch(code) else str(status)
        reason = REASONS.get(code) or _by_status(status, code)
        return RefusedError(f"cannot {act}: {reason.cause}; {reason.remedy}", status, code)
    for kinds, reason in SILENT:
        if isinstance(error, kinds):
            return RefusedError(f"cannot {act}: {reason.cause}; {reason.remedy}")
    if isinstance(error, ValueError):
        return RefusedError(f"cannot {act}: the endpoint is no URL; check AWS_ENDPOINT_URL_S3")
    return RefusedError(f"cannot {act}: {type(error).__name__}; check the AWS settings")


def _by_status(status: int, code: str) -> _Reason:
    said = f"{status} {code}" if code != str(status) else code
    match status:
        case 507:
            return FULL
        case 429 | 500 | 502 | 503 | 504:
            return _Reason(f"the server keeps answering {said}", AGAIN)
        case _:
            return _Reason(
                f"the server answered {said}", "check the endpoint and the policy, see docs/stores.md"
            )
