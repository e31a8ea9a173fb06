from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest

from notifier.adapters.mail import EmlFolder, Mail
from notifier.ports.stores import Message

MAIL = Mail(
    id=UUID(int=7),
    thread=UUID(int=8),
    file_name="2020-02-03-x-001.eml",
    to_name="Bureau du Secrétaire général, « OMD »",
    to_mailbox="sgo@wco.example",
    language="fr",
    at=datetime(2020, 2, 3, 8, tzinfo=UTC),
    message=Message(
        subject="[Critique] Leadership (SG)\u202f: 20 réalisés sur 26 attendus",
        text="Une ligne très longue " * 60 + "\nfin\n",
        html="<p>Une ligne</p>",
    ),
)


def folder(path: Path) -> EmlFolder:
    return EmlFolder(folder=path, sender="plan@wco.example", domain="wco.example")


def test_a_mail_is_what_every_reader_understands(tmp_path: Path) -> None:
    made = message_from_bytes(folder(tmp_path).compose(MAIL), policy=default)

    assert made["subject"] == MAIL.message.subject
    assert made["to"].addresses[0].display_name == MAIL.to_name
    assert made["to"].addresses[0].addr_spec == "sgo@wco.example"
    assert made["message-id"] == f"<{MAIL.id}@wco.example>"
    assert made["references"] == made["in-reply-to"] == f"<{MAIL.thread}@wco.example>"
    assert made["auto-submitted"] == "auto-generated"
    text = made.get_body(("plain",))
    html = made.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == MAIL.message.text.splitlines()
    assert "<p>Une ligne</p>" in html.get_content()
    assert made.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("length", range(60, 90))
def test_a_subject_of_any_length_begins_where_it_is_read(tmp_path: Path, length: int) -> None:
    subject = ("[Critical] Leadership, guidance and support (SG): " + "20 of 26 " * 5)[:length]
    mail = replace(MAIL, message=replace(MAIL.message, subject=subject.strip()))

    made = message_from_bytes(folder(tmp_path).compose(mail), policy=default)

    assert made["subject"] == subject.strip()


def test_written_twice_it_is_the_same_file_and_nothing_else(tmp_path: Path) -> None:
    target = folder(tmp_path / "a folder" / "mail")

    target.deliver(MAIL)
    first = (target.folder / MAIL.file_name).read_bytes()
    target.deliver(MAIL)

    assert [path.name for path in target.folder.iterdir()] == [MAIL.file_name]
    assert (target.folder / MAIL.file_name).read_bytes() == first


def test_lines_end_as_the_standard_wants(tmp_path: Path) -> None:
    raw = folder(tmp_path).compose(MAIL)

    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
