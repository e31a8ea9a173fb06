"""`wcoplan export --html`: the pages of a running system as a folder for any web server.

Every page that can be reached by links from the first one, in both languages, as somebody sees it
who may only read. Links are relative; what a copy cannot do is said instead of offered.
"""

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from posixpath import dirname, relpath
from time import monotonic
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

LANGUAGES: Final = ("en", "fr")
MARK: Final = ".wcoplan-copy"
"""Stands in a folder that was made here, which may then be made anew."""

_READER: Final = {"cookie": "wcoplan_demo=member", "accept": "text/html"}
_FILES: Final = ("/static/", "/api/v1/exports/", "/api/v1/imports/template.xlsx")
_NOT_COPIED: Final = ("/api/", "/docs", "/openapi", "/problems", "/_/", "/demo/")
_SUFFIXES: Final = (".css", ".svg", ".csv", ".xlsx")
_MOST: Final = 20_000
_TAG: Final = re.compile(r"<(a|link)\b([^>]*)>")
_ADDRESS: Final = re.compile(r'(\shref=")([^"]*)(")')
_ENTERING: Final = ("/imports", "/start", "/plan-files")
"""Pages that serve to enter something: a copy has none of them, nor names them."""
_OWN: Final = re.compile(
    r"<li><a href=\"/imports[^\"]*\"[^>]*>[^<]*</a></li>|<p class=\"own\">.*?</p>", re.DOTALL
)
_FORM: Final = re.compile(r"<form\b([^>]*)>.*?</form>", re.DOTALL)
# Nothing changes in a copy.
_LIVE: Final = re.compile(r"<script\b[^>]*></script>\n?|<p id=\"live\"[^>]*></p>\n?")
_BODY: Final = re.compile(r"(<header class=\"masthead\">)")
_KNOWN: Final = re.compile(r"<p class=\"when\">(.*?)</p>", re.DOTALL)
_WITHOUT_FIGURES: Final = (
    "Figures unavailable", "Chiffres indisponibles",
    "Alerts could not be read", "Les alertes n’ont pas pu être lues",
)  # fmt: skip
_PAUSES: Final = (1, 3, 10)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]")
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "name": "Copy",
        "copy": "A copy for reading, made from the running system: %s. "
        "Nothing can be entered here, and what came later is not in it.",
        "form": "This can be done in the running system, not in a copy.",
    },
    "fr": {
        "name": "Copie",
        "copy": "Copie pour lecture, tirée du système en marche : %s. "
        "Rien ne peut être saisi ici, et ce qui est venu après n’y figure pas.",
        "form": "Cela se fait dans le système en marche, non dans une copie.",
    },
}


class CopyError(Exception):
    """A page could not be had, or the folder is somebody else's."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """What is to be had: a path with its parameters, in a language."""

    language: str
    path: str
    query: str = ""

    @property
    def is_file(self) -> bool:
        return self.path.startswith(_FILES)

    @property
    def asked(self) -> str:
        query = [*parse_qsl(self.query), ("lang", self.language)]
        return f"{self.path}?{urlencode(query)}"

    @property
    def place(self) -> str:
        """Where it lies in the folder: a name that every file system and web server can hold."""
        parts = [_plain(part) for part in self.path.strip("/").split("/") if part]
        name = "/".join(parts) or "index"
        if self.path.startswith("/static/"):
            return name
        stem, suffix = name, ".html"
        for known in _SUFFIXES:
            if name.endswith(known):
                stem, suffix = name.removesuffix(known), known
        for key, value in parse_qsl(self.query):
            stem += f"_{_plain(key)}_{_plain(value)}"
        return f"{'' if self.language == 'en' else 'fr/'}{stem}{suffix}"


@dataclass(slots=True, kw_only=True)
class Copy:
    """What was copied: files by place, and what each is an answer to."""

    files: dict[str, bytes] = field(default_factory=dict)
    pages: int = 0


@dataclass(slots=True, kw_only=True)
class Lines:
    """Says when the next line of progress is due; `every` in seconds."""

    every: float = 5.0
    clock: Callable[[], float] = monotonic
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.clock()

    def is_time(self) -> bool:
        now = self.clock()
        if now - self._last < self.every:
            return False
        self._last = now
        return True


async def copy(
    client: httpx.AsyncClient,
    *,
    most: int = _MOST,
    progress: Callable[[int, int], None] = lambda _done, _known: None,
) -> Copy:
    """Read everything that links lead to; the same state gives the same copy.

    `most` is how many files are read at the most; `progress` is told how many are read, of those
    known so far.

    Raises:
        CopyError
    """
    made = Copy()
    known: dict[str, str] = {}
    for language in LANGUAGES:
        html = (await _get(client, Address(language, "/"))).decode()
        found = _KNOWN.search(html)
        said = re.sub(r"<[^>]+>", "", found[1]) if found else ""
        # The period is the page's; when it was known holds for all.
        known[language] = said.rpartition("·")[2].strip()
    waiting = [Address(language, "/") for language in reversed(LANGUAGES)]
    seen = set(waiting)
    while waiting and len(made.files) < most:
        address = waiting.pop()
        content = await _get(client, address)
        if not address.is_file:
            made.pages += 1
            html, named = rewritten(content.decode(), address, known=known[address.language])
            content = html.encode()
            fresh = [one for one in dict.fromkeys(named) if one not in seen]
            waiting += fresh
            seen.update(fresh)
        if len(seen) > _MOST:
            raise CopyError(f"more than {_MOST} addresses")
        made.files[address.place] = content
        progress(len(made.files), len(seen))
    return made


def rewritten(html: str, address: Address, *, known: str) -> tuple[str, list[Address]]:
    """A page with relative links and without forms, and the addresses that it names."""
    said = _SAID[address.language]
    named: list[Address] = []

    def link(tag: re.Match[str]) -> str:
        return _ADDRESS.sub(lambda found: _relative(found, tag[1], address, named), tag[0])

    def form(found: re.Match[str]) -> str:
        dropped = any(name in found[1] for name in ("switcher", "as-known"))
        return "" if dropped else f'<p class="hint">{escape(said["form"])}</p>'

    note = (
        f'<div class="banner copy" role="region" aria-label="{escape(said["name"])}">'
        f"<p>{escape(said['copy'] % unescape(known))}</p></div>\n"
    )
    html = _FORM.sub(form, _OWN.sub("", _LIVE.sub("", html)))
    html = _BODY.sub(lambda found: note + found[1], html, count=1)
    return _TAG.sub(link, html), named


def _relative(found: re.Match[str], tag: str, address: Address, named: list[Address]) -> str:
    to = unescape(found[2])
    if to.startswith("#") or not to.startswith("/"):
        return found[0]
    parts = urlsplit(to)
    if parts.path.startswith((*_NOT_COPIED, *_ENTERING)) and not parts.path.startswith(_FILES):
        # A link to nowhere is none: the words stay, and a reader is told why.
        return f' title="{escape(_SAID[address.language]["form"])}"' if tag == "a" else ""
    query = dict(parse_qsl(parts.query))
    language = query.pop("lang", address.language)
    if parts.path.startswith("/static/"):
        language, query = "en", {}
    target = Address(
        language if language in LANGUAGES else address.language,
        parts.path,
        urlencode(sorted(query.items())),
    )
    named.append(target)
    way = relpath(target.place, dirname(address.place) or ".")
    return (
        f"{found[1]}{escape(way)}{'#' + escape(parts.fragment) if parts.fragment else ''}{found[3]}"
    )


def _plain(text: str) -> str:
    return _UNSAFE.sub(lambda found: "".join(f"~{byte:02x}" for byte in found[0].encode()), text)


async def _get(client: httpx.AsyncClient, address: Address) -> bytes:
    """The content; a page whose figures could not be read is asked for again, never kept."""
    for pause in _PAUSES:
        content = await _once(client, address)
        if address.is_file or not any(said in content.decode() for said in _WITHOUT_FIGURES):
            return content
        await asyncio.sleep(pause)
    raise CopyError(f"{address.asked} has no figures: the system is busy or not all of it is up")


async def _once(client: httpx.AsyncClient, address: Address) -> bytes:
    try:
        answer = await client.get(address.asked, headers=_READER)
    except httpx.TransportError as error:
        raise CopyError(f"nobody answers at {client.base_url}") from error
    if answer.status_code != httpx.codes.OK:
        raise CopyError(f"{address.asked} answered {answer.status_code}")
    return answer.content


def write(made: Copy, folder: Path) -> None:
    """Write the files; a folder of an earlier copy is replaced, any other left alone.

    Raises:
        CopyError: the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise CopyError(f"{folder} holds something else: name an empty folder, or a new one")
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for place, content in sorted(made.files.items()):
        path = beside / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (beside / MARK).touch()
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
