"""A user for page tests: opens addresses, fills in forms as they stand on the page, follows redirects."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from fastapi.testclient import TestClient
from httpx2 import Response


@dataclass
class Form:
    """A form of a page with what stands in its fields."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # text, name, value

    @property
    def names(self) -> set[str]:
        """All field names."""
        return set(self.fields)


class _Page(HTMLParser):
    """Collects forms, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._textarea: str | None = None
        self._select: str | None = None
        self._button: tuple[str, str] | None = None
        self._href: str | None = None
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._hidden += 1
        if tag == "a":
            self._href = given.get("href")
            self.links.append((given.get("href", ""), ""))
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is not None:
            self._field(tag, given, {name for name, _ in attrs})

    def _field(self, tag: str, given: dict[str, str], present: set[str]) -> None:
        assert self._form is not None
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "button":
            self._button = (name, given.get("value", ""))
            self._form.buttons.append(("", name, given.get("value", "")))
        elif tag == "input" and name and kind not in ("submit", "button"):
            chosen = kind not in ("radio", "checkbox") or "checked" in present
            values = self._form.fields.setdefault(name, [])
            values += [given.get("value", "on" if kind == "checkbox" else "")] if chosen else []
        elif tag == "textarea":
            self._textarea = name
            self._form.fields[name] = [""]
        elif tag == "select":
            self._select = name
            self._form.fields[name] = []
        elif tag == "option" and self._select and ("selected" in present or not self._form.fields[self._select]):
            self._form.fields[self._select] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden -= 1
        if tag == "a":
            self._href = None
        if tag == "form":
            self._form = None
        if tag == "button":
            self._button = None
        if tag == "textarea":
            self._textarea = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.words.append(data)
        if self._href is not None and self.links:
            self.links[-1] = (self.links[-1][0], self.links[-1][1] + data)
        if self._form is not None and self._textarea:
            self._form.fields[self._textarea][0] += data
        if self._form is not None and self._button is not None:
            text, name, value = self._form.buttons[-1]
            self._form.buttons[-1] = (text + data, name, value)


class User:
    """A browser without JavaScript. `self.response` is the page it looks at."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.response: Response | None = None

    def open(self, address: str, expect: int = 200, **query: Any) -> User:
        """Opens an address; fails when the status is not the expected one."""
        self.response = self.client.get(urljoin(self.address, address), params=query or None, follow_redirects=True)
        assert self.response.status_code == expect, f"{self.response.status_code} {self.text[:400]}"
        return self

    def follow(self, text: str, expect: int = 200) -> User:
        """Follows the first link whose text contains `text`."""
        found = [href for href, words in self.page.links if text in " ".join(words.split())]
        assert found, f"no link {text!r} among {[' '.join(words.split()) for _, words in self.page.links]}"
        return self.open(found[0], expect)

    def submit(self, button: str = "", expect: int = 200, **fields: Any) -> User:
        """Submits the form that has all these fields and a button with that text; the other fields stay as they are.

        A list gives several values, None leaves a field out.
        """
        form = self.form(button, *fields)
        data = {name: values for name, values in form.fields.items() if values}
        for text, name, value in form.buttons:
            if name and button and button in " ".join(text.split()):
                data[name] = [value]
        for name, value in fields.items():
            data[name] = [str(item) for item in value] if isinstance(value, list) else [str(value)]
        data = {name: values for name, values in data.items() if fields.get(name, "") is not None}
        target = urljoin(self.address, form.action or urlsplit(self.address).path)
        self.response = self.client.request(
            form.method.upper(), target, follow_redirects=True,
            **({"data": data} if form.method == "post" else {"params": data}),
        )  # fmt: skip
        assert self.response.status_code == expect, f"{self.response.status_code} {self.text[:600]}"
        return self

    def form(self, button: str = "", *names: str) -> Form:
        """The form with these fields and that button."""
        for form in self.page.forms:
            texts = [" ".join(text.split()) for text, _, _ in form.buttons]
            if set(names) <= form.names and (not button or any(button in text for text in texts)):
                return form
        raise AssertionError(f"no form with {names} and button {button!r}; forms: {self.page.forms}")

    def sees(self, *texts: str) -> User:
        """Checks that the page shows each text."""
        for text in texts:
            assert text in self.text, f"{text!r} is not on the page: {self.text[:1500]}"
        return self

    def misses(self, *texts: str) -> User:
        """Checks that the page shows none of the texts."""
        for text in texts:
            assert text not in self.text, f"{text!r} is on the page"
        return self

    @property
    def page(self) -> _Page:
        """The page, taken apart."""
        assert self.response is not None, "open a page first"
        return _Page(self.response.text)

    @property
    def text(self) -> str:
        """What a reader sees, with single spaces."""
        return " ".join("".join(self.page.words).split())

    @property
    def address(self) -> str:
        """The address of the page."""
        return str(self.response.url) if self.response else "http://testserver/"
