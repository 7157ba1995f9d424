"""Explains the language of faults (`clrctl.sandbox.faults.script`) to people, on 80 columns.

It explains and reads nothing; that every fault and option is in here is for the tests to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from clrctl.sandbox.faults import Body, CredentialPart, Framing, script

_FAULTS: Final[Mapping[str, str]] = {
    "503": "answers with this status: any from 200 to 599",
    "reset": "resets the connection (TCP RST): there is no answer",
    "close": "closes the connection (TCP FIN): there is no answer",
    "hang": "gives no answer and keeps the connection open",
    "delay": "waits, then answers as usual",
    "expire": "lets all tokens expire; the answer is a 401",
    "truncate": "stores the record, sends half of the answer, and closes",
    "drip": "stores the record, and sends the answer byte by byte",
    "flood": "stores the record, and sends an answer that never ends",
    "bomb": "stores the record, and sends 32 KiB that expand to 32 MiB",
    "bloat": "stores the record, and answers with a header of 1 MiB",
    "drop": "stores the record, and leaves a member out of the answer",
    "alter": "stores the record, and changes a member of the answer",
}
_OPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "body": (" ".join(Body), "form of the answer"),
    "commit": ("yes no", "store the record all the same"),
    "framing": (" ".join(Framing), "how its length is announced"),
    "part": (" ".join(CredentialPart), "what comes byte by byte"),
    "retry-after": ("TEXT", "header Retry-After, such as 2"),
    "retry-date": ("SECONDS", "the same, as a date so far ahead"),
    "seconds": ("NUMBER", "how long; for drip, after each byte"),
    "to": ("URL", "header Location, for redirects"),
    "at": ("POINTER", "which member, such as /id; needed"),
    "value": ("JSON", 'its new value, such as "x"; needed'),
}
EXAMPLES: Final = (
    ("503*2,reset", "two 503, then a lost connection, then all is well"),
    ("429*3:retry-after=2", "three times: wait two seconds"),
    ("500/10:commit=yes,400:on=token", "each tenth stored but a 500; one token refused"),
)
_WIDE: Final = 32
_HOW: Final = """\
A script of faults says what goes wrong with the requests that store records,
one fault after the other, with commas between them. When all are used up,
nothing more goes wrong; * and /10 are never used up.

  NAME [*TIMES | * | /EVERY] [:OPTION=VALUE]...

How often
  503         once
  503*3       three times
  503*        always
  503/10      at every tenth request

Which requests (options of every fault)
  :id=ID      only those with the credential of this id
  :on=token   those for a token, in place of those that store records
"""
_END: Final = """\
In a value, a comma is written %2C, a colon %3A, a percent sign %25. To lose a
connection, take reset or close: drop is about members of the answer."""


def lines() -> Iterator[str]:
    """Yield the lines of the explanation, each of at most 79 characters."""
    yield from _HOW.splitlines()
    yield ""
    yield "Faults, and options of their own"
    for name, meaning in _FAULTS.items():
        yield f"  {name:<10}  {meaning}"
        for option in script.options(name):
            values, use = _OPTIONS[option]
            shown = f":{option}={values.replace(' ', '|')}"
            if len(shown) > _WIDE:
                yield f"      {shown}"
                shown = ""
            yield f"      {shown:<{_WIDE}}  {use}".rstrip()
    yield ""
    yield from _END.splitlines()
    yield ""
    yield "Examples"
    for text, meaning in EXAMPLES:
        yield f'  clrctl sandbox --faults "{text}"'
        yield f"      {meaning}"
