"""Certificates and a TLS service for tests of the agent's lines."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from protocol import control
from protocol.codec import to_text

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """A provider's own authority."""

    folder: Path
    key: Key
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        """Its certificate, PEM."""
        return self.folder / "ca.pem"

    def server(self, *names: str, starts: dt.timedelta = dt.timedelta(days=-1), days: int = 7) -> ssl.SSLContext:
        """A server with a certificate for `names` that is valid from `starts` (from now) for so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        begin = dt.datetime.now(dt.UTC) + starts
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(names[0]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + dt.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
            .sign(self.key, hashes.SHA256())
        )
        chain = self.folder / f"server-{certificate.serial_number}.pem"
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + _private(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def authority(folder: Path) -> Authority:
    """A new one, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("Provider"))
        .issuer_name(_name("Provider"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1000))
        .not_valid_after(now + dt.timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
            ),
            True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    made = Authority(folder, key, certificate)
    made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@dataclass
class Service:
    """Something that answers like a broker's front.  `said`: its first message; `visits`: requests that came."""

    port: int
    visits: int = 0
    said: str = ""
    status: HTTPStatus | None = None


@asynccontextmanager
async def service(tls: ssl.SSLContext | None = None, status: HTTPStatus | None = None) -> AsyncIterator[Service]:
    """A WebSocket server with a challenge, or that answers every request with `status`."""
    challenge = control.Challenge(nonce_b="A" * 22, versions=("1",), utc="2026-11-22T12:00:00Z")
    made = Service(0, said=to_text(challenge), status=status)

    async def visit(socket: ServerConnection) -> None:
        await socket.send(made.said)
        await socket.wait_closed()

    async def answer(_socket: ServerConnection, request: Request) -> Response | None:
        made.visits += 1
        if made.status is not None:
            extra = Headers({"Location": "https://example.com/", "Content-Length": "0"})
            return Response(made.status.value, made.status.phrase, extra, b"")
        if "Upgrade" not in request.headers:
            return Response(200, "OK", Headers({"Content-Length": "2"}), b"hi")
        return None

    async with serve(visit, "127.0.0.1", 0, ssl=tls, process_request=answer, compression=None) as server:
        made.port = next(iter(server.sockets)).getsockname()[1]
        yield made


@asynccontextmanager
async def cut_off() -> AsyncIterator[int]:
    """A port that takes connections and cuts them at the first byte, as some firewalls do."""

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
