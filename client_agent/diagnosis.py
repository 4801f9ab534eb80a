"""From what a connection attempt raised to which thing failed (Q14): network, DNS, proxy, firewall, broker …

Counterparts: `link.py` asks; `failures.py` words the answer.  Sends nothing: it looks at the error and the routes.
"""

import errno
import socket
import ssl
from collections.abc import Callable

from websockets import exceptions as ws

from client_agent.errors import LinkFailure
from client_agent.failures import FailureKind

_NOT_YET_VALID = 9
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID: nearly always this computer's clock."""

CLOSE_CODES = {4426: FailureKind.VERSION, 4429: FailureKind.BUSY}


class ProxyAnswered(Exception):
    """A proxy's refusal to connect, outside WebSocket code.  `status` is its HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy answered {status}")
        self.status = status


class HttpAnswered(Exception):
    """An HTTP status other than 200, outside WebSocket code."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the service answered {status}")
        self.status = status


def has_route() -> bool:
    """Whether this computer has any way out.  Connecting a datagram socket sends nothing."""
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, 443))
                return True
        except OSError:
            continue
    return False


def diagnose(error: Exception, host: str, proxy_host: str | None, route: Callable[[], bool] = has_route) -> LinkFailure:
    """Which failure `error` means, on the way to `host` through `proxy_host` (None: straight)."""
    kind, detail = _kind(error, proxy_host, route)
    way = f"{host} via {proxy_host}" if proxy_host else host
    return LinkFailure(kind, f"{way}: {detail}")


def _kind(error: Exception, proxy_host: str | None, route: Callable[[], bool]) -> tuple[FailureKind, str]:
    match error:
        case ws.InvalidProxyStatus():
            return _of_proxy_status(error.response.status_code)
        case ProxyAnswered():
            return _of_proxy_status(error.status)
        case ws.ProxyError() | ws.InvalidProxy():
            return FailureKind.PROXY, "not a usable proxy"
        case ws.InvalidStatus():
            return _of_status(error.response.status_code)
        case HttpAnswered():
            return _of_status(error.status)
        case ws.ConnectionClosed():
            code = error.rcvd.code if error.rcvd else 1006
            return CLOSE_CODES.get(code, FailureKind.BROKER_DOWN), f"closed with {code}"
        case ssl.SSLCertVerificationError():
            kind = FailureKind.CLOCK if error.verify_code == _NOT_YET_VALID else FailureKind.CERTIFICATE
            return kind, error.verify_message
        case ssl.SSLError():
            return FailureKind.FIREWALL, f"no TLS: {getattr(error, 'reason', None) or 'cut'}"
        case socket.gaierror():
            if not route():
                return FailureKind.NO_NETWORK, "no route"
            return (
                (FailureKind.PROXY, "the proxy's name is unknown") if proxy_host else (FailureKind.DNS, "name unknown")
            )
        case TimeoutError():
            return (FailureKind.FIREWALL, "no answer") if route() else (FailureKind.NO_NETWORK, "no route")
        case OSError():
            return _of_os_error(error, proxy_host, route)
    return FailureKind.FIREWALL, f"not the service's answer ({type(error).__name__})"


def _of_os_error(error: OSError, proxy_host: str | None, route: Callable[[], bool]) -> tuple[FailureKind, str]:
    word = errno.errorcode.get(error.errno or 0, type(error).__name__)
    if error.errno in (errno.ENETUNREACH, errno.ENETDOWN) or not (isinstance(error, ConnectionError) or route()):
        return FailureKind.NO_NETWORK, word
    if proxy_host and isinstance(error, ConnectionRefusedError):
        return FailureKind.PROXY, word
    if isinstance(error, ConnectionRefusedError):
        return FailureKind.BROKER_DOWN, word
    return FailureKind.FIREWALL, word


def _of_proxy_status(status: int) -> tuple[FailureKind, str]:
    if status in (401, 407):  # tinyproxy's word for a wrong password is 401
        return FailureKind.PROXY_AUTH, "the proxy wants a name and a password"
    kind = FailureKind.BROKER_DOWN if status >= 500 else FailureKind.PROXY
    return kind, f"the proxy answered {status}"


def _of_status(status: int) -> tuple[FailureKind, str]:
    if status == 429:
        return FailureKind.BUSY, "429"
    if status == 511:
        return FailureKind.NO_NETWORK, "this network wants a sign-in"
    if status >= 500:
        return FailureKind.BROKER_DOWN, str(status)
    return FailureKind.FIREWALL, f"somebody else answered {status}"
