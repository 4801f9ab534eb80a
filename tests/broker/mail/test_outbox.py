"""The outbox against a real mail server: each letter once, later rather than never, and failures said."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from pydantic import ValidationError

from broker.mail.letter import Letter
from broker.permissions import Role
from broker.settings import Smtp
from broker.store.mail_tables import MailRow
from tests.support.mail_server import Mailbox, free_port, mail_server
from tests.support.office import Office, office

LETTER = Letter("es", "Su recibo: 45,00 €", "Hola, Núñez\n", "<p>Hola, Núñez</p>")
TO = "ana@talleres.example"


class Post:
    """An office whose letters go to `mailbox` while its server runs."""

    def __init__(self, made: Office, port: int) -> None:
        self.office, self.port, self.mailbox = made, port, Mailbox()
        self.mail = made.services.mail

    async def customer(self, email: str = TO) -> str:
        values = {"name": "Talleres Núñez", "email": email}
        return (await self.office.services.customers.add(self.office.home.id, values)).id

    async def write(self, customer: str, letter: Letter = LETTER) -> None:
        async with self.office.services.store.transaction() as db:
            await self.mail.write_within(db, self.office.home.id, customer, "receipt", letter)

    async def listed(self, role: Role = Role.ADMIN) -> Any:
        async with self.office.client(await self.office.hire(role)) as client:
            answer = await client.get("/api/v1/mail")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def only(self) -> dict[str, Any]:
        (one,) = (await self.listed())["items"]
        return dict(one)


@asynccontextmanager
async def post_office(tmp_path: Path, **smtp: Any) -> AsyncIterator[Post]:
    port = free_port()
    server = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "soporte@cuasar.example"} | smtp
    async with office(tmp_path, smtp=server) as made:
        yield Post(made, port)


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with post_office(tmp_path) as opened:
        yield opened


async def test_a_letter_arrives_once_in_both_forms(post: Post) -> None:
    await post.write(await post.customer())
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 1
        post.office.clock.advance(86_400)
        assert await post.mail.send_due() == 0
    (got,) = post.mailbox.letters
    assert (got["To"], got["Subject"], got["Content-Language"]) == (TO, LETTER.subject, "es")
    assert got["From"] == "Soporte Cuásar <soporte@cuasar.example>"
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert (plain.get_content().strip(), html.get_content().strip()) == (LETTER.text.strip(), LETTER.html)
    one = await post.only()
    assert (one["state"], one["error"], one["tries"]) == ("sent", "", 1)
    assert got["Message-ID"] == f"<{one['id']}@support.example>"


async def test_what_was_sent_is_forgotten_and_what_waits_is_sealed(post: Post) -> None:
    await post.write(await post.customer())
    mail_id = (await post.only())["id"]
    async with post.office.services.store.reading() as db:
        row = await db.get(MailRow, mail_id)
        assert row is not None
        assert row.sealed is not None
        assert b"recibo" not in row.sealed
    async with mail_server(post.port, post.mailbox):
        await post.mail.send_due()
    async with post.office.services.store.reading() as db:
        row = await db.get(MailRow, mail_id)
        assert row is not None
        assert row.sealed is None


async def test_while_the_server_is_down_letters_wait_longer_and_longer(post: Post) -> None:
    await post.write(await post.customer())
    waits = []
    for _ in range(8):
        assert await post.mail.send_due() == 0
        async with post.office.services.store.reading() as db:
            row = await db.get(MailRow, (await post.only())["id"])
        assert row is not None
        assert (row.state, row.error) == ("waiting", "unreachable")
        waits.append((row.due_utc - post.office.clock.utc()).total_seconds() / 60)
        post.office.clock.advance(waits[-1] * 60)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 1
    assert len(post.mailbox.letters) == 1


async def test_before_its_time_nothing_is_tried_again(post: Post) -> None:
    await post.write(await post.customer())
    await post.mail.send_due()
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 0
        post.office.clock.advance(61)
        assert await post.mail.send_due() == 1


async def test_a_broker_that_died_while_it_sent_tries_again_under_the_same_message_id(post: Post) -> None:
    await post.write(await post.customer())
    claimed = await post.mail._claim()
    assert claimed is not None
    assert await post.mail._claim() is None, "another broker leaves it alone"
    post.office.clock.advance(601)
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 1
    assert post.mailbox.letters[0]["Message-ID"] == f"<{claimed.row.id}@support.example>"


async def test_a_refused_recipient_is_told_and_does_not_hold_up_the_others(post: Post) -> None:
    post.mailbox.refuse = {TO: "550 5.1.1 no such user"}
    await post.write(await post.customer())
    await post.write(await post.customer("luis@otra.example"))
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 1
    assert [one["To"] for one in post.mailbox.letters] == ["luis@otra.example"]
    refused = [one for one in (await post.listed())["items"] if one["state"] == "refused"]
    assert [one["error"] for one in refused] == ["recipient"]


async def test_a_recipient_refused_for_now_gets_it_later(post: Post) -> None:
    post.mailbox.refuse = {TO: "450 4.2.1 try later"}
    await post.write(await post.customer())
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 0
        assert (await post.only())["error"] == "busy"
        post.mailbox.refuse = {}
        post.office.clock.advance(61)
        assert await post.mail.send_due() == 1


async def test_nothing_goes_to_a_customer_who_was_erased(post: Post) -> None:
    customer = await post.customer()
    await post.write(customer)
    await post.office.services.customers.erase(post.office.home.id, customer, (await post.office.hire(Role.ADMIN)).id)
    async with mail_server(post.port, post.mailbox):
        assert await post.mail.send_due() == 0
    assert post.mailbox.letters == []
    assert (await post.only())["state"] == "dropped"


async def test_a_corrected_address_is_the_one_that_gets_the_letter(post: Post) -> None:
    customer = await post.customer("wrong@talleres.example")
    await post.write(customer)
    await post.office.services.customers.change(post.office.home.id, customer, {"email": TO})
    async with mail_server(post.port, post.mailbox):
        await post.mail.send_due()
    assert post.mailbox.letters[0]["To"] == TO


async def test_without_a_mail_server_in_the_settings_letters_wait_and_say_so(tmp_path: Path) -> None:
    async with office(tmp_path) as made:
        post = Post(made, 0)
        await post.write(await post.customer())
        assert await post.mail.send_due() == 0
        listed = await post.listed()
        assert listed["configured"] is False
        assert [(one["state"], one["error"]) for one in listed["items"]] == [("waiting", "not_configured")]


async def test_neither_address_nor_text_nor_password_is_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with post_office(tmp_path, user="relevo", password="s3creto-smtp") as post:
        post.mailbox.refuse = {TO: f"550 {TO} is unknown"}
        await post.write(await post.customer())
        await post.mail.send_due()
        assert "s3creto" not in repr(post.office.services.settings)
        async with mail_server(post.port, post.mailbox):
            post.office.clock.advance(61)
            await post.mail.send_due()
    said = "".join(capsys.readouterr()) + caplog.text
    assert "mail_not_sent" in said
    assert not any(secret in said for secret in (TO, "s3creto", "Núñez"))


@pytest.mark.parametrize("known", [True, False], ids=["by its authority", "by a stranger"])
async def test_starttls_with_an_authority_of_the_providers_own(tmp_path: Path, known: bool) -> None:
    certificate, key = certificate_for_localhost(tmp_path / "a"), tmp_path / "a" / "key.pem"
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    ca = certificate if known else certificate_for_localhost(tmp_path / "b")
    async with post_office(tmp_path / "data", tls="starttls", ca=ca) as post:
        await post.write(await post.customer())
        async with mail_server(post.port, post.mailbox, served):
            assert await post.mail.send_due() == int(known)
        assert (await post.only())["error"] == ("" if known else "insecure")


async def test_a_server_without_encryption_gets_nothing_when_it_is_wanted(tmp_path: Path) -> None:
    async with post_office(tmp_path, tls="starttls") as post:
        await post.write(await post.customer())
        async with mail_server(post.port, post.mailbox):
            assert await post.mail.send_due() == 0
        assert post.mailbox.letters == []
        assert (await post.only())["error"] == "insecure"


def test_plain_smtp_is_for_loopback_alone() -> None:
    with pytest.raises(ValidationError, match="loopback"):
        Smtp.model_validate({"host": "mail.example.com", "tls": "none", "from": "a@example.com"})


def certificate_for_localhost(folder: Path) -> Path:
    """A certificate of its own authority for 127.0.0.1, with `key.pem` beside it."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir()
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    file = folder / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return file


async def test_a_refused_letter_goes_again_to_the_address_that_was_put_right(post: Post) -> None:
    customer = await post.customer("nadie@talleres.example")
    await post.write(customer)
    admin = await post.office.hire(Role.ADMIN)
    async with mail_server(post.port, post.mailbox), post.office.client(admin) as client:
        post.mailbox.refuse["nadie@talleres.example"] = "550 no such mailbox"
        assert await post.mail.send_due() == 0
        one = await post.only()
        assert (one["state"], one["customer_name"], one["may_retry"]) == ("refused", "Talleres Núñez", True)
        await post.office.services.customers.change(post.office.home.id, customer, {"email": TO})
        again = await client.post(f"/api/v1/mail/{one['id']}/retry")
        assert (again.status_code, again.json()["state"]) == (200, "waiting")
        assert await post.mail.send_due() == 1
        assert (await client.post(f"/api/v1/mail/{one['id']}/retry")).status_code == 409
        listed = (await client.get("/api/v1/mail/export?format=json")).json()["items"]
        assert [(item["state"], item["may_retry"]) for item in listed] == [("sent", False)]
    auditor = await post.office.hire(Role.AUDITOR)
    async with post.office.client(auditor) as client:
        assert (await client.post(f"/api/v1/mail/{one['id']}/retry")).status_code == 403
