"""A person at a browser without JavaScript: follows redirects, keeps cookies, and fills in the forms of the pages.

The cookie jars of Python keep secure cookies from plain HTTP even on loopback, where browsers send them; so this one is
our own.
"""

from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlencode, urljoin, urlsplit


class Page:
    def __init__(self, url, status, headers, text):
        self.url, self.status, self.headers, self.text = url, status, headers, text
        self.location = headers.get("location")
        reader = _Reader()
        reader.feed(text)
        self.forms = reader.forms
        self.words = " ".join(" ".join(reader.words).split())

    def __str__(self):
        return f"{self.status} {self.url}: {self.words[:400]}"


class Person:
    def __init__(self, login, password):
        self.login, self.password = login, password
        self.cookies = {}
        self.asked = []

    def approves(self, address, redirect_uri):
        """Opens an authorization address, signs in and allows what is asked; the address at the application, not fetched."""
        self.asked = []
        page = self.fetch(address)
        for _ in range(12):
            if 300 <= page.status < 400 and page.location:
                if page.location == redirect_uri or page.location.startswith(redirect_uri + ("&" if "?" in redirect_uri else "?")):
                    return page.location
                page = self.fetch(urljoin(page.url, page.location))
            else:
                page = self._fill(page)
        raise AssertionError(f"no way to {redirect_uri} in twelve steps; now at {page}")

    def _fill(self, page):
        for form in page.forms:
            if "password" in dict(form["fields"]):
                assert "sign-in" not in self.asked, f"sign-in was refused: {page}"
                self.asked.append("sign-in")
                return self.submit(page, form, {"username": self.login, "password": self.password})
            if ("decision", "allow") in form["buttons"]:
                self.asked.append("consent")
                return self.submit(page, form, {"decision": "allow"})
        raise AssertionError(f"nothing to fill in: {page}")

    def submit(self, page, form, values):
        assert form["method"] == "post", f"a form that shows its fields in the address: {page}"
        fields = [(name, value) for name, value in form["fields"] if name and name not in values]
        parts = urlsplit(page.url)
        headers = {
            "Origin": f"{parts.scheme}://{parts.netloc}",
            "Referer": page.url,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        target = urljoin(page.url, form["action"] or page.url)
        return self.fetch(target, "POST", headers, urlencode(fields + list(values.items())))

    def fetch(self, url, method="GET", headers=None, body=None):
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=20)
        sent = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, {**sent, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        for line in answer.headers.get_all("set-cookie") or []:
            pair, *attributes = (part.strip() for part in line.split(";"))
            name, _, value = pair.partition("=")
            if any(attribute.lower().startswith("max-age=") and int(attribute[8:]) <= 0 for attribute in attributes):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        connection.close()
        return Page(url, answer.status, answer.headers, text)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.words, self._form, self._silent = [], [], None, 0

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = {"action": given.get("action", ""), "method": given.get("method", "get").lower(), "fields": [], "buttons": []}
            self.forms.append(self._form)
        elif tag in ("input", "button") and self._form is not None:
            kind = given.get("type", "submit" if tag == "button" else "text").lower()
            pair = (given.get("name", ""), given.get("value", ""))
            if kind in ("submit", "button", "image"):
                self._form["buttons"].append(pair)
            elif "disabled" not in given and (kind not in ("checkbox", "radio") or "checked" in given):
                self._form["fields"].append(pair)
        elif tag in ("style", "script"):
            self._silent += 1

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag in ("style", "script"):
            self._silent -= 1

    def handle_data(self, data):
        if not self._silent:
            self.words.append(data)
