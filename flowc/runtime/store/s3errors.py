"""What an S3 server's or client's refusal means: which object, why, what to do."""

from __future__ import annotations

from flowc.runtime.store import CorruptObject, MissingObject, StoreError

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

_ACTIONS = {
    "get_object": "read",
    "head_object": "look at",
    "list_objects_v2": "list",
}
_RIGHTS = (
    "the credentials in use need s3:GetObject, s3:PutObject, s3:AbortMultipartUpload and s3:ListBucket there"
)
_CREDENTIALS = "correct the credentials (`aws sts get-caller-identity` shows whose are used)"
_EXPIRED = "renew the credentials, then `flowc resume`"
_NO_CREDENTIALS = "give the task a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_REGION = "set AWS_REGION to the bucket's region"
_LATER = "the server refuses for the moment, also when asked again: `flowc resume` later"
_NETWORK = "look at the network and at AWS_ENDPOINT_URL_S3, then `flowc resume`"
_SPACE = "free space or raise the quota, then `flowc resume`"

# By the server's error code, or the name of the client's exception.
_REMEDIES = {
    "NoSuchBucket": "create the bucket, or correct the datastore's address",
    "InvalidBucketName": "correct the datastore's address",
    "ParamValidationError": "correct the datastore's address",
    "AccessDenied": _RIGHTS,
    "403": _RIGHTS,
    "ExpiredToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "TokenRetrievalError": _EXPIRED,
    "UnauthorizedSSOTokenError": _EXPIRED,
    "SSOTokenLoadError": _EXPIRED,
    "InvalidAccessKeyId": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "NoCredentialsError": _NO_CREDENTIALS,
    "PartialCredentialsError": _NO_CREDENTIALS,
    "CredentialRetrievalError": _NO_CREDENTIALS,
    "RequestTimeTooSkewed": "set the machine's clock",
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "NoRegionError": _REGION,
    "SlowDown": _LATER,
    "ConditionalRequestConflict": _LATER,
    "503": _LATER,
    "ServiceUnavailable": _LATER,
    "InternalError": _LATER,
    "500": _LATER,
    "QuotaExceeded": _SPACE,
    "InsufficientStorage": _SPACE,
    "507": _SPACE,
    "NotImplemented": "use an endpoint that honours `If-None-Match: *`, without which racing attempts could mix",
    "EndpointConnectionError": _NETWORK,
    "ConnectTimeoutError": _NETWORK,
    "ReadTimeoutError": _NETWORK,
    "ConnectionClosedError": _NETWORK,
    "IncompleteReadError": _NETWORK,
    "ResponseStreamingError": _NETWORK,
    "SSLError": "look at the endpoint's certificate (AWS_CA_BUNDLE)",
    "ProxyConnectionError": "look at HTTPS_PROXY and NO_PROXY",
}
# A server that is away, or has no time: what passes by itself.
_OUTAGES = {
    *("SlowDown", "503", "ServiceUnavailable", "InternalError", "500", "502", "504"),
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"),
}
_MISSING = {"NoSuchKey", "404", "NotFound"}
_TOO_SHORT = {"InvalidRange", "416"}


def code_of(error: BaseException) -> str:
    """The server's error code; the name of an exception of the client's own."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", "")) or "an error without a code"
    return type(error).__name__


def is_outage(error: BaseException) -> bool:
    """Whether the server is away for the moment: the same request may be answered later."""
    return code_of(error) in _OUTAGES


def explain(operation: str, place: str, error: Exception) -> StoreError:
    """The StoreError for `operation` of the client on the object or folder at `place`."""
    code = code_of(error)
    if code in _MISSING:
        return MissingObject(f"there is no object {place}; `flowc verify` lists what else its run lacks")
    if code in _TOO_SHORT:
        return CorruptObject(f"{place} ends early: it has not the bytes that its record says")
    said = str(error)
    remedy = _REMEDIES.get(code)
    action = _ACTIONS.get(operation, "write")
    return StoreError(f"cannot {action} {place}: {said}" + (f"; {remedy}" if remedy else ""))
