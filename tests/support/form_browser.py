"""A browser of forms alone, over ASGI: it keeps cookies and the last page's token."""

import re
from dataclasses import dataclass, field

import httpx

OWN = {"origin": "http://plan-api", "sec-fetch-site": "same-origin"}
"""What a browser says of a form that came from one of our own pages."""


@dataclass
class FormBrowser:
    """Reads pages and sends their forms, as somebody without scripts does."""

    client: httpx.AsyncClient
    token: str = field(default="")

    async def get(self, path: str, *, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text[:2000]
        found = re.search(r'name="csrf" value="([^"]{43})"', answer.text)
        self.token = found[1] if found else self.token
        return answer.text

    async def upload(self, path: str, content: bytes, *, name: str, kind: str) -> httpx.Response:
        await self.get(path)
        return await self.client.post(
            path,
            data={"csrf": self.token},
            files={"file": (name, content, kind)},
            headers=OWN,
        )

    async def send(self, path: str, **fields: str) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.token, **fields}, headers=OWN)
