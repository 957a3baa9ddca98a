"""What a scanner tries: attacks on SQL, on HTML, on paths, on numbers and on sheer size."""

SQL = (
    "'", '"', "';--", "' or '1'='1", "' or 1=1--", '" or ""="', "') or ('1'='1", "1; select pg_sleep(20)--",
    "' union select null,null--", "'||(select current_user)||'", "\\'; drop table passback.run; --",
    "%27%20or%201=1", "ʼ or 1=1", "＇ or 1=1--", "’ or ’1’=’1", "%s", "%(school)s", "%%", "{0}", "${jndi:ldap://x}",
    "$1", "::int", "/**/", "\x00", "a\x00' or 1=1", "\u202e", "\ufffd", "😀" * 40, "\r\n", "\\", "\\\\%", "_", "%",
)  # fmt: skip

# Every attack carries the mark, so that what arrives as a tag, an attribute or an address can be told from our own.
MARK = "atk"
HTML = (
    "<script>atk()</script>", "<img src=x onerror=atk()>", '"><svg/onload=atk()>', "'><atk onclick=atk()>",
    '" autofocus onfocus=atk() x="', "' onmouseover=atk() y='", "</title><atk>", "</textarea><atk>", "<!--<atk>",
    "]]><atk>", "javascript:atk()", "{{7*7}}<atk>", "{% raw %}<atk>", "<a href=javascript:atk()>x</a>",
    "<iframe srcdoc='<atk>'>", "<base href=//atk.example>", "<meta http-equiv=refresh content='0;url=//atk.example'>",
    "\u003catk\u003e", "＜atk＞", "&lt;atk&gt;", "<style>@import '//atk.example'</style>",
    "<form action=//atk.example>",
)  # fmt: skip

# One text that breaks out of every place at once: an element, both kinds of attribute, a script, a style, a comment.
EVERYWHERE = "\"'><atk onatk=1></script></style></title></textarea>--><script>atk()</script><!--"

PATHS = (
    "../summary.json", "..", ".", "../../../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc%252fpasswd", "..%c0%af..%c0%afetc/passwd", "..\\..\\..\\etc\\passwd", "..%5c..%5cetc%5cpasswd",
    "/etc/passwd", "//etc/passwd", "file:///etc/passwd", "\\\\host\\share", "C:\\windows\\win.ini", "~/.bashrc",
    "summary.json\x00.html", "summary.json%00", "schools/../summary.json", "schools/../../../../identity.json",
    "./summary.json", "summary.json/", "SUMMARY.JSON", "reconciliation.html#x", "reconciliation.html?x", "",
    "previous/1/summary.json", ".hidden.csv", "a" * 5000, "../" * 400 + "etc/passwd", "con.csv", "*.csv", "$(id).csv",
    "summary.json\r\nSet-Cookie: atk=1", "http://169.254.169.254/latest/meta-data", "é.csv", "summary\u2024json",
)  # fmt: skip

NUMBERS = (
    "0", "-1", "1e9", "1.0", "1.5", "NaN", "nan", "inf", "-inf", "0x10", "1_000", " 1", "1 ", "+1", "٣", "¹", "1,000",
    "true", "null", "[]", "{}", "1;2", "10" * 500, str(10**30), str(-(10**30)), str(2**63), str(2**31), "1" * 5000,
)  # fmt: skip
