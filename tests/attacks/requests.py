"""Requests meant to read files, to run script in a browser, or to confuse an HTTP parser."""

import itertools
from collections.abc import Iterator
from urllib.parse import quote, urlencode

XSS = (
    "<script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>", "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert`1`>",
    "<body onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>", "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<video><source onerror=alert(1)>",
    "<math><mtext><img src=x onerror=alert(1)>", "<object data=javascript:alert(1)>", "<embed src=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css'</style>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>", "<base href=//evil.example/>",
    "<form action=//evil.example/><button>x", "</script><script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "</style><script>alert(1)</script>", "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>", '"><script>alert(1)</script>', "'><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)", "' onmouseover='alert(1)", "` onmouseover=`alert(1)", "\" autofocus onfocus=alert(1) x=\"",
    "javascript:alert(1)", "{{7*7}}{{config}}", "{% include '/etc/passwd' %}", "${alert(1)}",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "<!--<script>alert(1)//-->", "\u2028alert(1)\u2029",
    "<\x00script>alert(1)</script>", "<scr\u200bipt>alert(1)</script>", "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
)  # fmt: skip
"""Texts that a page must show as they are."""


def pages_with(text: str) -> Iterator[str]:
    """Addresses of every page that shows something of its address."""
    word, literal = quote(text, safe=""), '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    yield "/sparql?" + urlencode({"query": text})
    yield "/sparql?" + urlencode({"query": f"SELECT ({literal} AS ?x) {{}}"})
    yield "/sparql?" + urlencode({"query": f"CONSTRUCT {{ <urn:s> <urn:p> {literal} }} {{}}"})
    yield "/sparql?" + urlencode({"query": "ASK {}", "timeout": text})
    yield "/sparql?" + urlencode({"query": "ASK {}", "default-graph-uri": text})
    yield f"/queries/{word}"
    yield "/queries/city-counts?" + urlencode({"city": text})
    yield "/queries/city-counts?" + urlencode({text: "1"})
    yield "/network?" + urlencode({"chain": text, "layout": text, "lang": text})
    yield "/network?" + urlencode({"focus": text})
    yield f"/id/ent/{word}.html"
    yield f"/graph/{word}.html"
    yield f"/export/{word}.ttl"
    yield f"/problems/{word}"
    yield f"/{word}"
    yield f"/?lang={word}&{word}={word}"


def traversals(name: str) -> Iterator[str]:
    """Paths that would lead to a file of that absolute name, or to a well-known one."""
    ups = ("../" * 8, "..%2f" * 8, "%2e%2e/" * 8, "%2e%2e%2f" * 8, "..%5c" * 8, "..\\" * 8)
    ups += (
        "..;/" * 8,
        "....//" * 8,
        "..%252f" * 8,
        "..%c0%af" * 8,
        "/",
        "%2f",
        "file://",
        "//127.0.0.1/",
    )
    roots = (
        "/export/",
        "/static/",
        "/queries/",
        "/id/",
        "/graph/",
        "/vis/9.1.2/",
        "/problems/",
        "/",
    )
    for root, up in itertools.product(roots, ups):
        yield root + up + name.lstrip("/")
        yield f"{root}{up}{name.lstrip('/')}%00.ttl"
        yield f"{root}{up}{name.lstrip('/')}.ttl"


_END = b"\r\n\r\n"
_GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
_POST = b"POST /sparql HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/sparql-query\r\n"
_SECOND = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

MALFORMED = {
    "nothing": b"", "a blank line": b"\r\n", "noise": bytes(range(256)) * 8, "TLS": b"\x16\x03\x01\x02\x00" + b"\x00" * 64,
    "HTTP/0.9": b"GET /healthz\r\n", "HTTP/1.0 without a host": b"GET /healthz HTTP/1.0\r\n\r\n",
    "HTTP/1.1 without a host": b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    "HTTP/3.7": b"GET /healthz HTTP/3.7\r\nHost: a\r\n\r\n", "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "absolute form": b"GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: a\r\nX-Secret: s3cret\r\nConnection: close\r\n\r\n",
    "an unknown method": b"BREW /sparql HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "a host with a path": b"GET /sparql HTTP/1.1\r\nHost: a/b?c#d\r\nConnection: close\r\n\r\n",
    "a host with script": b"GET /sparql HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nConnection: close\r\n\r\n",
    "a host with quotes": b"GET /sparql HTTP/1.1\r\nHost: a\"'>\r\nConnection: close\r\n\r\n",
    "a host of bytes": b"GET /sparql HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n",
    "an empty host": b"GET /sparql HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
    "a host with a bad port": b"GET /sparql HTTP/1.1\r\nHost: a:99999999\r\nConnection: close\r\n\r\n",
    "an IPv6 host that never ends": b"GET /sparql HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n",
    "a header of 1 MB": _GET + b"X: " + b"x" * (1 << 20) + _END, "10,000 headers": _GET + b"X: y\r\n" * 10_000 + b"\r\n",
    "a target of 1 MB": b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target of bytes": b"GET /\xff\xfe\x00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "NUL in the target": b"GET /a\x00b HTTP/1.1\r\nHost: a\r\n\r\n", "%00 in the target": b"GET /id/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "%FF in the target": b"GET /id/%FF%FE HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "%0D%0A in the target": b"GET /id/a%0d%0aX-Injected:%201 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "NUL in a header": _GET + b"X: a\x00b" + _END, "CR in a header": _GET + b"X: a\rb" + _END, "LF alone": _GET.replace(b"\r", b"") + b"\n",
    "a folded header": _GET + b"X: a\r\n b" + _END, "a header without a colon": _GET + b"nonsense" + _END,
    "a blank before the colon": _GET + b"Transfer-Encoding : chunked" + _END, "a header of bytes": _GET + b"X: \xff\xfe" + _END,
    "two lengths": _POST + b"Content-Length: 6\r\nContent-Length: 60" + _END + b"ASK {}" + _SECOND,
    "lengths in a list": _POST + b"Content-Length: 6, 6" + _END + b"ASK {}", "length -1": _POST + b"Content-Length: -1" + _END + b"ASK {}",
    "length +6": _POST + b"Content-Length: +6" + _END + b"ASK {}", "length 0x6": _POST + b"Content-Length: 0x6" + _END + b"ASK {}",
    "length of 40 digits": _POST + b"Content-Length: " + b"9" * 40 + _END + b"ASK {}",
    "less than its length": _POST + b"Content-Length: 600" + _END + b"ASK {}",
    "more than its length": _POST + b"Content-Length: 6" + _END + b"ASK {}" + _SECOND,
    "length and chunks": _POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked" + _END + b"0\r\n\r\n" + _SECOND,
    "chunks and length": _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6" + _END + b"6\r\nASK {}\r\n0\r\n\r\n" + _SECOND,
    "two encodings": _POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity" + _END + b"0\r\n\r\n" + _SECOND,
    "an unknown encoding": _POST + b"Transfer-Encoding: xchunked" + _END + b"6\r\nASK {}\r\n0\r\n\r\n",
    "a chunk size of letters": _POST + b"Transfer-Encoding: chunked" + _END + b"zz\r\nASK {}\r\n0\r\n\r\n",
    "a negative chunk size": _POST + b"Transfer-Encoding: chunked" + _END + b"-6\r\nASK {}\r\n0\r\n\r\n",
    "a chunk size of 40 digits": _POST + b"Transfer-Encoding: chunked" + _END + b"f" * 40 + b"\r\nASK {}\r\n0\r\n\r\n",
    "a chunk that is too short": _POST + b"Transfer-Encoding: chunked" + _END + b"60\r\nASK {}\r\n0\r\n\r\n",
    "a chunk extension of 1 MB": _POST + b"Transfer-Encoding: chunked" + _END + b"6;" + b"x" * (1 << 20) + b"\r\nASK {}\r\n0\r\n\r\n",
    "trailers": _POST + b"Transfer-Encoding: chunked" + _END + b"6\r\nASK {}\r\n0\r\nX: " + b"y" * 100_000 + _END,
    "chunks that never end": _POST + b"Transfer-Encoding: chunked" + _END + b"6\r\nASK {}\r\n",
    "pipelining": (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") * 50 + _GET + b"\r\n",
    "expect what is not known": _POST + b"Content-Length: 6\r\nExpect: 200-ok" + _END + b"ASK {}",
    "expect 100": _POST + b"Content-Length: 6\r\nExpect: 100-continue" + _END + b"ASK {}",
    "upgrade": _GET + b"Upgrade: h2c, websocket\r\nConnection: Upgrade\r\nHTTP2-Settings: AAAA" + _END,
    "10,000 ranges": _GET + b"Range: bytes=" + b"0-0," * 10_000 + b"0-0" + _END, "a range that ends before": _GET + b"Range: bytes=9-0" + _END,
    "Accept of 50 KB": _GET.replace(b"/healthz", b"/sparql?query=ASK%7B%7D") + b"Accept: " + b"a/b," * 12_000 + b"*/*" + _END,
    "a language of 50 KB": _GET.replace(b"/healthz", b"/") + b"Accept: text/html\r\nAccept-Language: " + b"a-b;q=0.1," * 5_000 + b"en" + _END,
    "cookies of 50 KB": _GET.replace(b"/healthz", b"/") + b"Accept: text/html\r\nCookie: " + b"lang=x; " * 6_000 + _END,
    "forwarded for script": _GET + b"X-Forwarded-For: <script>\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: x" + _END,
    "a method override": _POST + b"X-HTTP-Method-Override: DELETE\r\nContent-Length: 6" + _END + b"ASK {}",
    "a bomb as form": _POST.replace(b"sparql-query", b"x-www-form-urlencoded") + b"Content-Length: 200000" + _END + b"a&" * 100_000,
    "multipart": _POST.replace(b"application/sparql-query", b"multipart/form-data; boundary=x") + b"Content-Length: 60" + _END + b"--x\r\nContent-Disposition: form-data; name=query\r\n\r\nASK{}\r\n--x--",
}  # fmt: skip
"""Bytes by what is wrong with them."""

CROSS_SITE = tuple(
    (method, path, kind)
    for path in ("/sparql/update", "/sparql", "/store?default", "/store?graph=urn:g")
    for method, kind in (
        ("POST", "application/x-www-form-urlencoded"),
        ("POST", "text/plain"),
        ("POST", "multipart/form-data; boundary=x"),
    )
)
"""What a page of another site can make a browser send: 12 of these."""
