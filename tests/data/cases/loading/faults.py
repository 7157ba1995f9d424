"""Documents with faults: name, syntax, bytes, and code, pointer, line, column of each fault."""

Fault = tuple[str, str, int, int]

JSON: list[tuple[str, bytes, list[Fault]]] = [
    # not JSON
    ("cut off", b'{"a": [1,\n 2', [("parse/json", "", 2, 3)]),
    ("trailing comma in an object", b'{"a": 1,\n}', [("parse/json", "", 1, 8)]),
    ("trailing comma in an array", b"[1 , ]", [("parse/json", "", 1, 4)]),
    ("comma too many", b'{"a": 1,, "b": 2}', [("parse/json", "", 1, 9)]),
    ("comma at once", b"[,1]", [("parse/json", "", 1, 2)]),
    ("comma missing", b'{"a": 1\n "b": 2}', [("parse/json", "", 2, 2)]),
    ("colon missing", b'{"a" 1}', [("parse/json", "", 1, 6)]),
    ("value missing", b'{"a": }', [("parse/json", "", 1, 7)]),
    ("wrong bracket", b'{"a": [1}', [("parse/json", "", 1, 9)]),
    ("bracket left over", b"[1]]", [("parse/json", "", 1, 4)]),
    ("comment", b'{"a": 1 // one\n}', [("parse/json", "", 1, 9)]),
    ("comment in a block", b"[/* */]", [("parse/json", "", 1, 2)]),
    ("single quotes", b"{'a': 1}", [("parse/json", "", 1, 2)]),
    ("typographic quotes", '["é", “a”]'.encode(), [("parse/json", "", 1, 7)]),
    ("bare name", b"{a: 1}", [("parse/json", "", 1, 2)]),
    ("number as a name", b"{1: 1}", [("parse/json", "", 1, 2)]),
    ("Python's literal", b"[True]", [("parse/json", "", 1, 2)]),
    ("leading zero", b"[010]", [("parse/json", "", 1, 2)]),
    ("hexadecimal", b"[0x1F]", [("parse/json", "", 1, 2)]),
    ("plus sign", b"[+1]", [("parse/json", "", 1, 2)]),
    ("no digit before the point", b"[.5]", [("parse/json", "", 1, 2)]),
    ("no digit after the point", b"[1.]", [("parse/json", "", 1, 2)]),
    ("string not closed", b'["abc]', [("parse/json", "", 1, 2)]),
    ("line break in a string", b'["a\nb"]', [("parse/json", "", 1, 2)]),
    ("tab in a string", b'["a\tb"]', [("parse/json", "", 1, 4)]),
    ("NUL in a string", b'["a\0b"]', [("parse/json", "", 1, 4)]),
    ("unknown escape", b'["a\\x41"]', [("parse/json", "", 1, 4)]),
    ("escape cut off", b'["\\u12"]', [("parse/json", "", 1, 3)]),
    ("form feed as a blank", b"[1,\f2]", [("parse/json", "", 1, 4)]),
    ("second byte order mark", b"\xef\xbb\xbf\xef\xbb\xbf{}", [("parse/json", "", 1, 1)]),
    ("deep and open", b"[" * 100_000, [("parse/depth", "", 1, 101)]),
    ("deep objects", b'{"a":' * 5_000, [("parse/depth", "", 1, 501)]),
    # readable, but not by everyone alike
    ("same name twice", b'{"a": 1,\n "a": 2}', [("parse/duplicate-key", "/a", 2, 2)]),
    ("same name, escaped", b'{"id":1,"\\u0069d":2}', [("parse/duplicate-key", "/id", 1, 9)]),
    ("same name, blank before the colon", b'{"a" :1,"a":2}', [("parse/duplicate-key", "/a", 1, 9)]),
    (
        "same name beside strings that look like members",
        b'{"a":":","a":"\\":","a":" :"}',
        [("parse/duplicate-key", "/a", 1, 10), ("parse/duplicate-key", "/a", 1, 20)],
    ),
    (
        "same name, deep",
        b'[{"x/y": {"b": 1, "c": 1, "b": 1}}]',
        [("parse/duplicate-key", "/0/x~1y/b", 1, 27)],
    ),
    ("2^53", b"[1, 9007199254740992]", [("parse/number", "/1", 1, 5)]),
    ("-2^53 with a point", b"[-9007199254740992.0]", [("parse/number", "/0", 1, 2)]),
    ("1e16", b'{"a": 1e16}', [("parse/number", "/a", 1, 7)]),
    ("overflow", b"[1e400]", [("parse/number", "/0", 1, 2)]),
    ("4301 digits", b"[" + b"1" * 4301 + b"]", [("parse/number", "/0", 1, 2)]),
    ("65 characters", b"[0." + b"1" * 63 + b"]", [("parse/number", "/0", 1, 2)]),
    (
        "not finite",
        b"[NaN, Infinity, -Infinity]",
        [("parse/number", "/0", 1, 2), ("parse/number", "/1", 1, 7), ("parse/number", "/2", 1, 17)],
    ),
    ("high surrogate", b'["\\ud83d"]', [("parse/text", "/0", 1, 2)]),
    ("low surrogate", b'["\\ude00\\ud83d"]', [("parse/text", "/0", 1, 2)]),
    ("surrogate in a name", b'{"\\ud83d": 1}', [("parse/text", "/\ufffd", 1, 2)]),
    ("U+0000", b'{"a": "x\\u0000y"}', [("parse/text", "/a", 1, 7)]),
    (
        "a fault, and then an end",
        b'{"a": 1, "a": 2',
        [("parse/duplicate-key", "/a", 1, 10), ("parse/json", "", 1, 16)],
    ),
    # not one document in UTF-8
    ("empty", b"", [("parse/empty", "", 1, 1)]),
    ("blank", b"\xef\xbb\xbf \r\n\t", [("parse/empty", "", 1, 1)]),
    ("two values", b"{}\n{}\n", [("parse/many", "", 2, 1)]),
    ("two values on a line", b'[1] "x"', [("parse/many", "", 1, 5)]),
    ("text after the end", b"{} ?", [("parse/json", "", 1, 4)]),
    ("Latin-1", b'{"a":\n "\xc3\xa9\xe9"}', [("parse/encoding", "", 2, 4)]),
    ("surrogate in UTF-8", b'["\xed\xa0\x80"]', [("parse/encoding", "", 1, 3)]),
    ("UTF-16 with a mark", '{"a": 1}'.encode("utf-16"), [("parse/encoding", "", 1, 1)]),
    ("UTF-16, little", '{"a": 1}'.encode("utf-16-le"), [("parse/encoding", "", 1, 1)]),
    ("UTF-16, big", '{"a": 1}'.encode("utf-16-be"), [("parse/encoding", "", 1, 1)]),
    ("UTF-32 with a mark", '{"a": 1}'.encode("utf-32"), [("parse/encoding", "", 1, 1)]),
    ("UTF-32, little", '{"a": 1}'.encode("utf-32-le"), [("parse/encoding", "", 1, 1)]),
    ("UTF-32, big", '{"a": 1}'.encode("utf-32-be"), [("parse/encoding", "", 1, 1)]),
]

YAML: list[tuple[str, bytes, list[Fault]]] = [
    # not YAML, or not of the kind that JSON can say
    ("tab as indentation", b"a:\n\tb: 1", [("parse/yaml", "", 2, 1)]),
    ("colon in plain text", b"a: b: c", [("parse/yaml", "", 1, 5)]),
    ("quote not closed", b'a: 1\nb: "x\n', [("parse/yaml", "", 2, 4)]),
    ("reserved character", b"a: @x", [("parse/yaml", "", 1, 4)]),
    ("name that is a list", b"? [a]\n: 1", [("parse/yaml", "", 1, 3)]),
    ("unknown escape", b'a: "\\q"', [("parse/yaml", "", 1, 5)]),
    ("surrogate pair as escapes", b'a: "\\ud83d\\ude00"', [("parse/text", "", 1, 7)]),
    ("escape beyond Unicode", b'a: "\\U00110000"', [("parse/text", "", 1, 7)]),
    ("U+0000", b'a: "\\0"', [("parse/text", "/a", 1, 4)]),
    ("control character", b"a: 1\nb: \x07", [("parse/text", "", 2, 4)]),
    ("line separator of YAML 1.1 alone", "a: 1\u2028b: 2".encode(), [("parse/text", "", 1, 5)]),
    ("next line of YAML 1.1 alone", 'a: "x\u0085y"'.encode(), [("parse/text", "", 1, 6)]),
    ("second byte order mark", b"\xef\xbb\xbf\xef\xbb\xbfa: 1", [("parse/text", "", 1, 1)]),
    ("deep lists", b"[" * 900, [("parse/depth", "", 1, 101)]),
    ("deep dashes", b"- " * 1_000_000, [("parse/depth", "", 1, 201)]),
    # anchors, aliases, merges, tags
    (
        "list within itself",
        b"&a [*a]",
        [("parse/alias", "", 1, 1), ("parse/alias", "/0", 1, 5)],
    ),
    (
        "merge key",
        b"a: &x {b: 1}\nc:\n  <<: *x\n",
        [
            ("parse/alias", "/a", 1, 4),
            ("parse/alias", "/c/<<", 3, 3),
            ("parse/alias", "/c/<<", 3, 7),
        ],
    ),
    ("alias as a name", b"*a : 1", [("parse/alias", "/*a", 1, 1)]),
    ("alias alone", b"*a", [("parse/alias", "", 1, 1)]),
    ("anchored name", b"&a b: 1", [("parse/alias", "/b", 1, 1)]),
    ("tag of a text", b"a: !!str 12", [("parse/tag", "/a", 1, 4)]),
    ("tag that breaks constructors", b'- !!int ""', [("parse/tag", "/0", 1, 3)]),
    ("tag of Python", b"!!python/object/apply:os.system [ls]", [("parse/tag", "", 1, 1)]),
    ("tag of a set", b"!!set {a: null}", [("parse/tag", "", 1, 1)]),
    ("tag that says nothing", b"a: ! x", [("parse/tag", "/a", 1, 4)]),
    ("anchor and tag", b"- &a !t x", [("parse/alias", "/0", 1, 3), ("parse/tag", "/0", 1, 3)]),
    # names and numbers
    ("same name twice", b"a: 1\nb: 2\na: 3", [("parse/duplicate-key", "/a", 3, 1)]),
    ("same name, quoted", b'a: 1\n"a": 3', [("parse/duplicate-key", "/a", 2, 1)]),
    ("2^53", b"a: 9007199254740992", [("parse/number", "/a", 1, 4)]),
    ("4301 digits", b"a: " + b"1" * 4301, [("parse/number", "/a", 1, 4)]),
    ("empty name", b"? \n: 1", [("parse/ambiguous", "/", 1, 2)]),
    # not one document in UTF-8
    ("only a comment", b"# nothing\n", [("parse/empty", "", 1, 1)]),
    ("only a marker", b"---\n", [("parse/empty", "", 2, 1)]),
    ("two documents", b"a: 1\n---\nb: 2", [("parse/many", "", 2, 1)]),
    ("Latin-1", b"a: \xe9", [("parse/encoding", "", 1, 4)]),
    ("UTF-16", "a: 1".encode("utf-16"), [("parse/encoding", "", 1, 1)]),
    ("JSON that is neither", b'{"a": 1, "a": 2}', [("parse/duplicate-key", "/a", 1, 10)]),
]

AMBIGUOUS = (
    "yes Yes YES no No NO on On ON off Off OFF y Y n N True TRUE False FALSE Null NULL ~ "
    "010 -010 08 0x1F 0o7 0b11 1_000 1_0.5 12:30 12:30:45 -190:20:30.15 .nan .NaN .inf -.Inf "
    "+1 +.5 .5 1. -1. 1.e5 1_000.5e+3 = <<"
)

PLAIN_TEXT = (
    "2024-01-01 2024-01-01T00:00:00Z 2024-02-30 1.2.3 nope yesterday only NaN Infinity 1-2 "
    "urn:uuid:1e4 did:key:z6Mk 12:75 a_1 0xg 1e3x -- é"
)
