"""The services of AWS with the credentials and region that every AWS tool uses, and what they refuse in words.

Invariant: whatever goes wrong is an `AwsFault` with a message that stands alone: what was asked, where,
why it failed, what to do.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from flowc.runtime.region import aws_region

if TYPE_CHECKING:
    from typing import Any

    Answer = dict[str, Any]

# The services' own codes, some in one protocol and some in the other.
_EXPIRED = frozenset(
    "ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired CredentialsExpired".split()
)
_UNKNOWN_KEY = frozenset(
    "InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId SignatureDoesNotMatch AuthFailure "
    "InvalidSignatureException IncompleteSignature MissingAuthenticationToken".split()
)
_DENIED = frozenset("AccessDenied AccessDeniedException UnauthorizedOperation 403 Forbidden".split())
_LATER = frozenset(
    "Throttling ThrottlingException ServiceUnavailable InternalError InternalFailure InternalServerError "
    "RequestLimitExceeded TooManyRequestsException 500 503".split()
)
# What permissions call services and operations, where that is not what the client calls them.
_PREFIXES = {"stepfunctions": "states"}
_ACTIONS = {"s3:HeadObject": "s3:GetObject", "s3:ListObjectsV2": "s3:ListBucket"}
_LOG_IN = "log in again (`aws sso login`, or new keys), and look at `aws sts get-caller-identity`"


class Trouble(Enum):
    """Why AWS did not do what it was asked, as far as a caller acts on it."""

    REFUSED = "the service answered with an error of its own"
    DENIED = "the credentials do not suffice"
    CREDENTIALS = "there are no credentials that hold"
    LATER = "AWS does not answer now: waiting may help"
    SETUP = "this machine cannot ask"


class AwsFault(Exception):  # noqa: N818 - of the world, told as it is
    """What AWS refused; `code` and `reason` are the service's own, empty where none answered."""

    def __init__(self, trouble: Trouble, message: str, code: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.trouble, self.code, self.reason = trouble, code, reason


class Services:
    """The services of an account in one region. `manner` are options of botocore's Config."""

    def __init__(self, session: Any, region: str, **manner: Any) -> None:  # noqa: ANN401
        self.region = region
        self._session = session
        self._manner = manner
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """One request, tried again by the client where that helps. Raises AwsFault."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            answer: Answer = getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            said = dict(error.response.get("Error") or {})
            raise _refusal(action(service, operation), self.region, said) from error
        except (BotoCoreError, ResponseParserError, ValueError) as error:
            raise _trouble(action(service, operation), self.region, error) from error
        return answer

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        if service not in self._clients:
            from botocore.config import Config

            from flowc.runtime.store.s3client import config

            own = config().merge(Config(**self._manner))  # as every S3 client of flowc, but for these
            self._clients[service] = self._session.client(service, region_name=self.region, config=own)
        return self._clients[service]


def open_session(purpose: str) -> tuple[Any, str]:
    """The session of the credentials in force, and its region; `purpose` begins a message. Raises AwsFault."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise AwsFault(
            Trouble.SETUP, f"{purpose} needs boto3, which this Python lacks: pip install 'flowc[aws]'"
        ) from error
    try:
        session = boto3.session.Session(region_name=aws_region())
        region = session.region_name
    except (BotoCoreError, ValueError) as error:
        raise AwsFault(
            Trouble.SETUP,
            f"the AWS configuration cannot be used: {error}; look at AWS_PROFILE and ~/.aws/config",
        ) from error
    if not region:
        raise AwsFault(
            Trouble.SETUP,
            "no AWS region is chosen: set AWS_REGION (AWS_DEFAULT_REGION), or `region` in the profile of ~/.aws/config",
        )
    return session, str(region)


def action(service: str, operation: str) -> str:
    """What a policy calls an operation of a client: `states:StartExecution`."""
    spelled = "".join(word.capitalize() for word in operation.split("_"))
    found = f"{_PREFIXES.get(service, service)}:{spelled}"
    return _ACTIONS.get(found, found)


def _refusal(asked: str, region: str, error: Answer) -> AwsFault:
    code, reason = str(error.get("Code") or ""), str(error.get("Message") or "")
    if code in _EXPIRED:
        said = f"the AWS credentials have expired ({asked}: {reason}); {_LOG_IN}"
        return AwsFault(Trouble.CREDENTIALS, said, code, reason)
    if code in _UNKNOWN_KEY:
        said = f"AWS does not accept these credentials ({asked}: {reason}); {_LOG_IN}"
        return AwsFault(Trouble.CREDENTIALS, said, code, reason)
    if code in _DENIED:
        said = (
            f"these AWS credentials may not do {asked} in {region}: {reason or code}; "
            "ask whoever manages the account for that permission"
        )
        return AwsFault(Trouble.DENIED, said, code, reason)
    if code in _LATER:
        return AwsFault(
            Trouble.LATER, f"AWS cannot answer {asked} now ({code}): {reason}; try again", code, reason
        )
    return AwsFault(Trouble.REFUSED, f"AWS refuses {asked} in {region} ({code}): {reason}", code, reason)


def _trouble(asked: str, region: str, error: Exception) -> AwsFault:
    name, text = type(error).__name__, str(error).strip() or type(error).__name__
    if name in {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
        return AwsFault(
            Trouble.CREDENTIALS,
            f"there are no AWS credentials: {text}; set AWS_PROFILE or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or log in (`aws configure`, `aws sso login`)",
        )
    if "Token" in name or "SSO" in name:
        return AwsFault(Trouble.CREDENTIALS, f"the AWS credentials have expired: {text}; {_LOG_IN}")
    if "Connection" in name or "Connect" in name or "Timeout" in name:
        return AwsFault(
            Trouble.LATER,
            f"AWS ({asked} in {region}) does not answer: {text}; look at the network, the region and AWS_ENDPOINT_URL",
        )
    first = text.splitlines()[0]
    return AwsFault(
        Trouble.SETUP, f"AWS ({asked} in {region}) cannot be asked: {first}; look at the AWS_… variables"
    )
