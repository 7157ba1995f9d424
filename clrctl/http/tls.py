"""TLS that fails for good, told as a refusal together with the setting that mends it.

A server says by an alert (RFC 8446 section 6, RFC 5246 section 7.2) why it takes no request. With
TLS 1.3 the alert about our certificate comes only when the first answer is read, since our side of
the handshake is over by then (RFC 8446 section 4.4.2.4).
"""

from __future__ import annotations

import re
import ssl
from http import HTTPStatus
from typing import Final

from clrctl.errors import RefusedError
from clrctl.http.answer import Answer

# OpenSSL names the oldest protocol that has the alert; the rest is the name in the standards.
_PREFIX: Final = re.compile(r"(?:SSLV3|TLSV1|TLSV13|SSL/TLS)_(?:ALERT_)?")
# "[SSL: REASON] reason (_ssl.c:1006)"; Python has no name for reasons newer than itself.
_TEXT: Final = re.compile(r"(?:\[[^]]*\] )?(.*?)(?: \(_ssl\.c:[0-9]+\))?", re.DOTALL)
_ABOUT_CERTIFICATES: Final = {
    "NO_CERTIFICATE",
    "BAD_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_REQUIRED",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
    "DECRYPT_ERROR",
}
_NO_COMMON_GROUND: Final = {
    "PROTOCOL_VERSION",
    "INSUFFICIENT_SECURITY",
    "MISSING_EXTENSION",
    "UNSUPPORTED_EXTENSION",
    "NO_APPLICATION_PROTOCOL",
}
# What OpenSSL finds by itself, while it shakes hands.
_OUR_OBJECTIONS: Final = {
    "UNSUPPORTED_PROTOCOL",
    "NO_PROTOCOLS_AVAILABLE",
    "NO_CIPHERS_AVAILABLE",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    "DH_KEY_TOO_SMALL",
    "EE_KEY_TOO_SMALL",
    "CA_KEY_TOO_SMALL",
    "CA_MD_TOO_WEAK",
    "WRONG_SIGNATURE_TYPE",
}
_NO_TLS: Final = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
}
_PAGE_WITHOUT: Final = "No required SSL certificate was sent"
_PAGE_WITH: Final = "The SSL certificate error"
_SETTINGS: Final = "the endpoint's entry in the config file (clrctl endpoints prints its path)"

# Codes of X509_verify_cert_error: what is wrong is not whom we trust.
_OUT_OF_DATE: Final = (9, 10)
_OTHER_HOST: Final = (62, 64)


def refusal(
    problem: BaseException, where: str, *, has_certificate: bool, is_handshake: bool
) -> RefusedError | None:
    """Return the error of a failure that says that no request was taken, nor will be; else None.

    Args:
        problem: what was raised; what caused it is looked at, too.
        where: the request.
        has_certificate: a client certificate is set.
        is_handshake: no connection was made yet; otherwise it is new, and no byte of an answer
            has come, so that an alert still belongs to the handshake.
    """
    cause = _ssl_error(problem)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return untrusted(where, cause)
    if cause is None:
        return None
    reason = _reason(cause)
    prefix = _PREFIX.match(reason)
    name = reason[prefix.end() :] if prefix else reason
    words = name.replace("_", " ").lower()
    if prefix:
        return _alert(name, where, f"it sent the TLS alert: {words}", has_certificate)
    if is_handshake and name in _NO_TLS:
        return _no_tls(where, words)
    if is_handshake and name in _OUR_OBJECTIONS:
        return _no_common_ground(where, words)
    return None


def _alert(name: str, where: str, why: str, has_certificate: bool) -> RefusedError | None:
    if name in _ABOUT_CERTIFICATES:
        return _not_accepted(where, why) if has_certificate else _asked_for(where, why)
    if name in _NO_COMMON_GROUND:
        return _no_common_ground(where, why)
    if name == "HANDSHAKE_FAILURE":
        return _no_handshake(where, why, has_certificate)
    if name == "UNRECOGNIZED_NAME":
        return RefusedError(
            "the server does not know the host that the URL names",
            where=where,
            why=why,
            fix="check the host in the URL, and ask the server's owner for the right one",
        )
    return None


def refusal_by_page(answer: Answer, where: str) -> RefusedError | None:
    """Return the error of an answer by which nginx refuses a connection; None for all others.

    It lets the handshake succeed, and passes nothing on (`ssl_verify_client` of
    ngx_http_ssl_module; its statuses 495 and 496 go out as 400).
    """
    if answer.status != HTTPStatus.BAD_REQUEST or answer.is_json:
        return None
    for said, error in ((_PAGE_WITHOUT, _asked_for), (_PAGE_WITH, _not_accepted)):
        if said.encode() in answer.body:
            return error(where, f"HTTP 400: {said}")
    return None


def untrusted(where: str, problem: ssl.SSLCertVerificationError) -> RefusedError:
    """Return the error of a server that is not known to be the one that is meant."""
    if problem.verify_code in _OUT_OF_DATE:
        fix = "check this machine's clock; if it is right, the server's owner has to renew it"
    elif problem.verify_code in _OTHER_HOST:
        fix = "check the host in the URL"
    else:
        fix = (
            "check the URL; for a private authority set ca_file to its certificate in "
            f"{_SETTINGS}, or SSL_CERT_FILE in the environment"
        )
    return RefusedError(
        "the server's certificate is not trusted",
        where=where,
        why=problem.verify_message,
        fix=fix,
    )


def _asked_for(where: str, why: str) -> RefusedError:
    return RefusedError(
        "the server asks for a client certificate",
        where=where,
        why=why,
        fix=f"set client_cert and client_key in {_SETTINGS}",
    )


def _not_accepted(where: str, why: str) -> RefusedError:
    return RefusedError(
        "the server does not accept the client certificate",
        where=where,
        why=why,
        fix="check client_cert and client_key in the config file: the certificate has to be valid "
        "today, and of an authority that the server's owner named",
    )


def _no_handshake(where: str, why: str, has_certificate: bool) -> RefusedError:
    # Before TLS 1.3 it is also what servers say to clients without a certificate.
    fix = (
        "check client_cert and client_key in the config file, and that the server speaks TLS 1.2 "
        "or later"
        if has_certificate
        else f"if it asks for client certificates, set client_cert and client_key in {_SETTINGS}; "
        "if not, check that it speaks TLS 1.2 or later"
    )
    return RefusedError("the server refused the TLS handshake", where=where, why=why, fix=fix)


def _no_common_ground(where: str, why: str) -> RefusedError:
    return RefusedError(
        "the server speaks no TLS that this machine speaks",
        where=where,
        why=why,
        fix="ask the server's owner to offer TLS 1.2 or later with usual ciphers",
    )


def _no_tls(where: str, why: str) -> RefusedError:
    return RefusedError(
        "the server does not speak TLS at this port",
        where=where,
        why=f"its answer is no TLS: {why}",
        fix="check the port in the URL; http:// instead of https:// is for servers on this "
        "machine alone",
    )


def _reason(problem: ssl.SSLError) -> str:
    """Return OpenSSL's name of what is wrong, such as `TLSV1_ALERT_UNKNOWN_CA`."""
    text = _TEXT.fullmatch(str(problem.strerror or ""))
    return problem.reason or (text[1] if text else "").replace(" ", "_").upper()


def _ssl_error(problem: BaseException) -> ssl.SSLError | None:
    link: BaseException | None = problem
    while link is not None:
        if isinstance(link, ssl.SSLError):
            return link
        link = link.__cause__ or link.__context__
    return None
