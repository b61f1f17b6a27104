"""The connection to an AWS account, with the credentials and region that every AWS tool uses.

Invariant: whatever goes wrong is a DeployFault that says what to do. What a service refuses is a
`Refused` with the service's own code, so that a caller can tell one refusal from another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.deploy.faults import DeployFault, Forbidden, Unreachable
from flowc.runtime.region import aws_region

if TYPE_CHECKING:
    from typing import Any

    Answer = dict[str, Any]

_EXPIRED = frozenset(
    ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "CredentialsExpired")
)
_UNKNOWN_KEY = frozenset(
    (
        "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
        "AuthFailure", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken",
    )
)  # fmt: skip
_DENIED = frozenset(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"))
_LATER = frozenset(("Throttling", "ThrottlingException", "ServiceUnavailable", "InternalError", "InternalFailure",
                    "InternalServerError", "RequestLimitExceeded", "TooManyRequestsException", "500", "503"))  # fmt: skip
_ATTEMPTS = 4  # of one request
_LOG_IN = "log in again (`aws sso login`, or new keys), and look at `aws sts get-caller-identity`"


class Refused(DeployFault):
    """A service answered with an error; `code` is its own, `reason` its message."""

    def __init__(self, message: str, code: str, reason: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class Account:
    """The services of an account in one region."""

    def __init__(self, session: Any, region: str) -> None:  # noqa: ANN401
        self.region = region
        self._session = session
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """One request, tried again by the client where that helps. Raises Refused and other DeployFaults."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            answer: Answer = getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            raise self._refusal(service, operation, dict(error.response.get("Error") or {})) from error
        except (BotoCoreError, ResponseParserError, ValueError) as error:
            raise self._trouble(service, error) from error
        return answer

    def _client(self, service: str) -> Any:  # noqa: ANN401
        if service not in self._clients:
            from botocore.config import Config

            from flowc.runtime.store.s3client import config

            # As every S3 client of flowc, but a person waits for the answer.
            own = config().merge(Config(retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"}))
            self._clients[service] = self._session.client(service, region_name=self.region, config=own)
        return self._clients[service]

    def _refusal(self, service: str, operation: str, error: Answer) -> DeployFault:
        code, reason = str(error.get("Code") or ""), str(error.get("Message") or "")
        action = f"{service}:{_spelled(operation)}"
        if code in _EXPIRED:
            return DeployFault(f"the AWS credentials have expired ({action}: {reason}); {_LOG_IN}")
        if code in _UNKNOWN_KEY:
            return DeployFault(f"AWS does not accept these credentials ({action}: {reason}); {_LOG_IN}")
        if code in _DENIED:
            return Forbidden(
                f"these AWS credentials may not do {action} in {self.region}: {reason or code}; "
                "ask whoever manages the account for that permission"
            )
        if code in _LATER:
            return Unreachable(f"AWS cannot answer {action} now ({code}): {reason}; try again")
        return Refused(f"AWS refuses {action} in {self.region} ({code}): {reason}", code, reason)

    def _trouble(self, service: str, error: Exception) -> DeployFault:
        name, text = type(error).__name__, str(error).strip() or type(error).__name__
        if name in {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
            return DeployFault(
                f"there are no AWS credentials: {text}; set AWS_PROFILE or AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or log in (`aws configure`, `aws sso login`)"
            )
        if "Token" in name or "SSO" in name:
            return DeployFault(f"the AWS credentials have expired: {text}; {_LOG_IN}")
        if "Connection" in name or "Connect" in name or "Timeout" in name:
            return Unreachable(
                f"AWS ({service}, {self.region}) does not answer: {text}; look at the network, the region and AWS_ENDPOINT_URL"
            )
        first = text.splitlines()[0]
        return DeployFault(
            f"AWS ({service}, {self.region}) cannot be asked: {first}; look at the AWS_… variables"
        )


def open_account() -> Account:
    """The account of the credentials in force. Raises DeployFault."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise DeployFault(
            "talking to AWS needs boto3, which this Python lacks: pip install 'flowc[aws]'"
        ) from error
    try:
        session = boto3.session.Session(region_name=aws_region())
        region = session.region_name
    except (BotoCoreError, ValueError) as error:
        raise DeployFault(
            f"the AWS configuration cannot be used: {error}; look at AWS_PROFILE and ~/.aws/config"
        ) from error
    if not region:
        raise DeployFault(
            "no AWS region is chosen: set AWS_REGION (AWS_DEFAULT_REGION), or `region` in the profile of ~/.aws/config"
        )
    return Account(session, region)


def _spelled(operation: str) -> str:
    """`describe_stacks` as permissions name it: `DescribeStacks`."""
    return "".join(word.capitalize() for word in operation.split("_"))
