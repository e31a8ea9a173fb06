"""Notices as .eml files: what a relay would be given, in a folder."""

import os
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from uuid import UUID

from notifier.ports.stores import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one unit. Everything in it is derived: written twice, it is the same file."""

    id: UUID
    thread: UUID | None
    file_name: str
    to_name: str
    to_mailbox: str
    language: str
    at: datetime
    message: Message


class Channel(Protocol):
    """Where mails go. At least once, under a stable id."""

    def deliver(self, mail: Mail) -> None:
        """Deliver, or raise OSError to be called again later. Blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmlFolder:
    """Writes into a folder; a repetition overwrites, so there is one file a mail."""

    folder: Path
    sender: str
    domain: str

    def deliver(self, mail: Mail) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f".{mail.file_name}.{os.getpid()}"
        with fresh.open("wb") as file:
            file.write(self.compose(mail))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / mail.file_name)

    def compose(self, mail: Mail) -> bytes:
        """The bytes of a mail, the same each time."""
        made = EmailMessage(policy=SMTP)
        made["From"] = self.sender
        made["To"] = Address(display_name=mail.to_name, addr_spec=mail.to_mailbox)
        made["Subject"] = mail.message.subject
        made["Date"] = mail.at
        made["Message-ID"] = f"<{mail.id}@{self.domain}>"
        if mail.thread is not None:
            # All mails of an alert hang on one id, so that a reader shows them as one thread.
            made["In-Reply-To"] = f"<{mail.thread}@{self.domain}>"
            made["References"] = f"<{mail.thread}@{self.domain}>"
        made["Auto-Submitted"] = "auto-generated"
        made["X-Auto-Response-Suppress"] = "All"
        made["Content-Language"] = mail.language
        made.set_content(mail.message.text)
        made.add_alternative(mail.message.html, subtype="html")
        made.set_boundary(f"=_{mail.id.hex}")
        # A subject that fits a line of its own is put there whole, and readers show its indent.
        return made.as_bytes().replace(b"\nSubject:\r\n ", b"\nSubject: ", 1)
