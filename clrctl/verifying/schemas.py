"""Whether a credential follows the schemas that it names in `credentialSchema`.

Source: VC Data Model 2.0, section 4.11; Open Badges 3.0 and CLR 2.0, CredentialSchema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from clrctl.checking import VC_1, validation
from clrctl.document import each, text_of, types_of
from clrctl.finding import Json
from clrctl.standard import Path, schemas
from clrctl.verifying.trust import NotAvailable
from clrctl.verifying.verdict import Aspect, Check, invalid, undecided, valid
from clrctl.verifying.walk import CredentialNode

_STANDARD = re.compile(
    r"https://purl\.imsglobal\.org/spec/(?:clr/v2p0|ob/v3p0)/schema/json/"
    r"(?:clr_v2p0|ob_v3p0)_(clr|achievement|endorsement)credential_schema\.json"
)
_JSON_SCHEMA = ("1EdTechJsonSchemaValidator2019", "JsonSchema", "JsonSchemaValidator2018")


def check(held: CredentialNode, read: Callable[[str], Json]) -> Iterator[Check]:
    """Yield how a credential meets each schema that it names; nothing for one that names none.

    Args:
        held: the credential.
        read: URL to the JSON that lies there; raises NotAvailable.
    """
    found = held.data.get("credentialSchema")
    for at, entry in enumerate(each(found)):
        path: Path = (*held.path, "credentialSchema")
        path = (*path, at) if isinstance(found, list) else path
        url = text_of(entry.get("id")) if isinstance(entry, dict) else ""
        match = _STANDARD.fullmatch(url)
        if match and VC_1 in each(held.context):
            message = "the schema is bundled for VC Data Model 2.0, and this follows 1.1"
            yield undecided(Aspect.SCHEMA, "older-model", path, message, "ask for a newer one")
        elif match:
            yield _standard(held, match[1], path)
        elif any(kind in _JSON_SCHEMA for kind in types_of(entry)):
            yield _foreign(held, url, path, read)
        else:
            message = "it names a schema of a type that is not known here"
            yield undecided(Aspect.SCHEMA, "unknown-type", path, message, "ask the issuer")


def _standard(held: CredentialNode, name: str, path: Path) -> Check:
    """Hold a credential to our schema of the class, which asks more than the published one.

    What only ours asks for has a code of its own; whatever the published one refuses too is
    found under a plain keyword, such as `schema/required`.
    """
    findings = validation.schema_findings(held.data, f"clr/{name}credential.json")
    plain = [each for each in findings if each.code.startswith("schema/")]
    if plain:
        message = f"it does not follow the schema it names: {plain[0].pointer} {plain[0].message}"
        return invalid(Aspect.SCHEMA, "violated", path, message, "see all: clrctl validate")
    if findings:
        message = (
            "it follows the standard's schema as published, though not the strict serialization: "
            f"{findings[0].pointer or '/'} ({findings[0].code})"
        )
        return valid(Aspect.SCHEMA, path, message, "not-strict")
    return valid(Aspect.SCHEMA, path, "it follows the standard's schema")


def _foreign(held: CredentialNode, url: str, path: Path, read: Callable[[str], Json]) -> Check:
    try:
        schema = read(url)
    except NotAvailable as absent:
        message = f"the schema is not at hand: {absent.why}"
        return undecided(Aspect.SCHEMA, "schema-missing", path, message, absent.fix)
    try:
        problems = schemas.foreign_problems(schema, held.data)
    except ValueError as problem:
        message = f"the schema cannot be used: {problem}"
        return undecided(Aspect.SCHEMA, "schema-unusable", path, message, "ask the issuer")
    if problems:
        message = f"it does not follow the schema {url}: at {problems[0] or '/'}"
        return invalid(Aspect.SCHEMA, "violated", path, message, "ask the issuer")
    return valid(Aspect.SCHEMA, path, f"it follows {url}")
