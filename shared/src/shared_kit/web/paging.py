"""Lists in pages by keyset: an opaque, signed cursor that belongs to one list and its filters."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, SQLColumnExpression, tuple_

from shared_kit.web.problems import BAD_CURSOR, ProblemError

T = TypeVar("T")
S = TypeVar("S", bound=Select[*tuple[Any, ...]])
Key = tuple[str | int, ...]

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
_MAC_BYTES: Final = 16
_APART: Final = frozenset({"cursor", "limit", "lang"})
_LINK_MAX: Final = 3500  # nginx takes 4 KiB of headers as it comes; the body has the cursors too


class Page(BaseModel, Generic[T]):
    """A page of a list. `next` and `prev` are cursors, null at the ends."""

    items: list[T]
    next: str | None = Field(default=None, description="Cursor of the next page.")
    prev: str | None = Field(default=None, description="Cursor of the page before.")


@dataclass(frozen=True, slots=True)
class Cursors:
    """Signs and reads cursors. The signature covers the list and its filters too."""

    key: bytes

    def write(self, *, scope: str, after: Key, backward: bool = False) -> str:
        text = json.dumps([backward, *after], ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(scope, text) + text).decode().rstrip("=")

    def read(self, *, scope: str, cursor: str) -> tuple[bool, Key]:
        """Return direction and key.

        Raises:
            ProblemError: 400, whatever is wrong with it.
        """
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        except ValueError as error:
            raise ProblemError(BAD_CURSOR) from error
        mac, text = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(scope, text)):
            raise ProblemError(BAD_CURSOR)
        backward, *after = json.loads(text)  # signed by us, so it is what we wrote
        return bool(backward), tuple(after)

    def _mac(self, scope: str, text: bytes) -> bytes:
        message = scope.encode("utf-8", "surrogatepass") + b"\0" + text
        return hmac.digest(self.key, message, hashlib.sha256)[:_MAC_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Says in the header `Link` (RFC 8288) where the pages around this one are."""

    response: Response
    path: str
    query: tuple[tuple[str, str], ...]

    def say(self, *, next: str | None, prev: str | None) -> None:
        text = ", ".join(
            f'<{quote(self.path)}?{urlencode([*self.query, ("cursor", cursor)])}>; rel="{rel}"'
            for rel, cursor in (("next", next), ("prev", prev))
            if cursor is not None
        )
        if text and len(text) <= _LINK_MAX:
            self.response.headers["link"] = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What a request asks for: how many, after which key, in which direction."""

    limit: int
    after: Key | None
    backward: bool
    scope: str
    cursors: Cursors
    links: Links | None = None

    def apply(self, statement: S, columns: Sequence[SQLColumnExpression[Any]]) -> S:
        """Order, seek and limit a query. The columns must be unique together and not null."""
        ordered = statement.order_by(*(c.desc() if self.backward else c.asc() for c in columns))
        if self.after is not None:
            if len(self.after) != len(columns):
                raise ProblemError(BAD_CURSOR)
            here = tuple_(*columns)
            there = tuple_(*self.after)
            ordered = ordered.where(here < there if self.backward else here > there)
        return ordered.limit(self.limit + 1)  # one more says whether there is a next page

    def page(self, rows: Sequence[T], *, key: Callable[[T], Key]) -> Page[T]:
        """Make the page of up to limit + 1 rows, in the order in which `apply` gave them."""
        more = len(rows) > self.limit
        items = list(rows[: self.limit])
        if self.backward:
            items.reverse()
        before = more if self.backward else self.after is not None
        behind = self.after is not None if self.backward else more
        page: Page[T] = Page(
            items=items,
            next=self._cursor(key(items[-1])) if items and behind else None,
            prev=self._cursor(key(items[0]), backward=True) if items and before else None,
        )
        if self.links is not None:
            self.links.say(next=page.next, prev=page.prev)
        return page

    def page_of(self, everything: Sequence[T], *, key: Callable[[T], Key]) -> Page[T]:
        """Make a page of a list that is in memory, sorted by key ascending."""
        if self.after is None:
            rows = list(everything)
        elif self.backward:
            rows = [row for row in reversed(everything) if key(row) < self.after]
        else:
            rows = [row for row in everything if key(row) > self.after]
        return self.page(rows[: self.limit + 1], key=key)

    def _cursor(self, after: Key, *, backward: bool = False) -> str:
        return self.cursors.write(scope=self.scope, after=after, backward=backward)


class PagedApp(Protocol):
    """What paging needs of the app: the key that signs."""

    cursors: Cursors


def _paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Items a page.")] = LIMIT_DEFAULT,
    cursor: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=2000,
            description="`next` or `prev` of another page of this list.",
            json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},  # others answer 400, not 422
        ),
    ] = None,
) -> Paging:
    cursors = cast(PagedApp, request.app).cursors
    asked = parse_qsl(request.url.query, keep_blank_values=True)
    # By name only: of a parameter that comes twice the last one counts, so their order does too.
    filters = sorted((pair for pair in asked if pair[0] not in _APART), key=itemgetter(0))
    scope = f"{request.url.path}?{urlencode(filters)}"
    backward, after = cursors.read(scope=scope, cursor=cursor) if cursor else (False, None)
    links = Links(
        response=response,
        path=request.url.path,
        query=tuple(pair for pair in asked if pair[0] != "cursor"),
    )
    return Paging(
        limit=limit, after=after, backward=backward, scope=scope, cursors=cursors, links=links
    )


PagingDep = Annotated[Paging, Depends(_paging)]
