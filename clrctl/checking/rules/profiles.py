"""Rules on profiles and addresses, and on what has to be reachable over the web.

Sources: Open Badges 3.0, Profile, Address, Alignment; ISO 3166-1; ITU-T E.164.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Severity
from clrctl.standard import CREDENTIALS, Node, Tree

# ISO 3166-1 alpha-2, officially assigned codes.
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW
    """.split()  # noqa: SIM905 - read and checked more easily so
)
# Names and other codes that are often written instead.
_BY_OTHER_NAME = {
    "AUSTRALIA": "AU",
    "BRAZIL": "BR",
    "CANADA": "CA",
    "CHINA": "CN",
    "DEUTSCHLAND": "DE",
    "ENGLAND": "GB",
    "FRANCE": "FR",
    "GERMANY": "DE",
    "INDIA": "IN",
    "JAPAN": "JP",
    "MEXICO": "MX",
    "SPAIN": "ES",
    "U.S.": "US",
    "U.S.A.": "US",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
    "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US",
    "USA": "US",
}
_PHONE = re.compile(r"\+?[0-9(][0-9 ().\-]{4,22}[0-9]( ?(x|ext\.?) ?[0-9]{1,6})?")


@rule(
    "profile/country",
    on=("Address",),
    source="Open Badges 3.0, Address.addressCountryCode; ISO 3166-1",
    good={"addressCountryCode": "GB"},
    bad={"addressCountryCode": "UK"},
)
def country(node: Node, _: Tree) -> Iterator[Fault]:
    """A country code is one that ISO 3166-1 assigns.

    Two capital letters: US, GB, DE.
    """
    code = node.text("addressCountryCode")
    if code is None or code in COUNTRIES:
        return
    path = (*node.path, "addressCountryCode")
    hint = code.upper() if code.upper() in COUNTRIES else _BY_OTHER_NAME.get(code.upper())
    yield Fault(
        path,
        f'"{code[:40]}" is not the code of a country',
        f'did you mean "{hint}"?' if hint else "write two capital letters, such as US (ISO 3166-1)",
        instead_of=path,
    )


@rule(
    "profile/phone",
    on=("Profile",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, Profile.phone; ITU-T E.164",
    good={"phone": "+15555550100"},
    bad={"phone": "ask at the desk"},
)
def phone(node: Node, _: Tree) -> Iterator[Fault]:
    """A phone number can be dialled, best from anywhere: plus, country, number.

    Displayers make a link of it.
    """
    text = node.text("phone")
    if text is not None and not _PHONE.fullmatch(text):
        yield Fault(
            (*node.path, "phone"), "this is not a telephone number", "write it like +15555550100"
        )


@rule(
    "url/web",
    on=("Profile", "Alignment", "RefreshService"),
    severity=Severity.WARNING,
    source="Open Badges 3.0, Profile.url, Alignment.targetUrl, RefreshService.id",
    good={"url": "https://school.example.edu"},
    bad={"url": "urn:uuid:7b7bb2a5-0000-4000-8000-000000000000"},
)
def url_web(node: Node, _: Tree) -> Iterator[Fault]:
    """What is meant to be visited is an address on the web.

    A URN or a DID names a thing, but nobody can follow it.
    """
    member = {"Profile": "url", "Alignment": "targetUrl", "RefreshService": "id"}[node.cls]
    text = node.text(member)
    if text is not None and ":" in text and not text.lower().startswith(("https://", "http://")):
        yield Fault(
            (*node.path, member),
            "this has to be an address that a browser can open",
            "begin it with https://",
        )


@rule(
    "issuer/object",
    on=tuple(sorted(CREDENTIALS)),
    severity=Severity.WARNING,
    source="practice of the 1EdTech validator and of endpoints",
    good={"issuer": {"id": "https://school.example.edu", "type": ["Profile"], "name": "School"}},
    bad={"issuer": "https://school.example.edu"},
)
def issuer_object(node: Node, _: Tree) -> Iterator[Fault]:
    """An issuer is given as a Profile with id, type and name.

    The standard allows its URI alone, but then no name can be shown, endpoints refuse it, and
    the official validator breaks on it.
    """
    if ":" in (node.text("issuer") or ""):
        signed = "proof" in node.value
        yield Fault(
            (*node.path, "issuer"),
            "the issuer is only an URI; the official validator and endpoints want a Profile",
            "leave it: a change would break the proof"
            if signed
            else 'write { "id": ..., "type": ["Profile"], "name": ... }',
        )
