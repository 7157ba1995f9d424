"""Badges and CLRs made at random: mostly as the standard has them, now and then odd."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

V2 = "https://www.w3.org/ns/credentials/v2"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

# Control characters are left out: PyLD writes them as they are.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
ids = st.one_of(
    st.integers(0, 9).map(lambda n: f"urn:uuid:00000000-0000-4000-8000-00000000000{n}"),
    st.integers(0, 9).map(lambda n: f"https://school.example/{n}#part"),
    st.just("did:example:ash"),
)
odd = st.sampled_from([
    None, True, 3, 2.5, 0.1, -4, 1e15, [], {}, "ash", "a b:c", "mailto:ash@school.example", "_:ash",
    ["x", "x"], ["https://school.example/1", None], {"id": "urn:example:1"}, {"id": "relative"},
    {"type": "Profile"}, {"type": "Nothing"}, {"@value": "x"}, {"@value": 3, "@type": "urn:a:b"},
    {"@value": "x", "@language": "en"}, {"@list": ["a", ["b"], 3]}, {"unknown": "x"},
    {"urn:example:member": "x"}, {"@type": "Image", "id": "https://school.example/i.png"},
    {"@context": {"ash": "urn:example:ash"}, "ash": "x"}, {"@context": {"name": "urn:example:n"}},
    {"@value": None}, {"@value": "x", "note": "y"}, {"@set": ["x"]}, [["a"], "b"],
])  # fmt: skip
names = st.sampled_from([
    "name", "description", "image", "url", "narrative", "id", "type", "endorsement", "creator",
    "ash", "urn:example:member", "xsd:x", "@graph", "@id", "@index", "inLanguage", "value",
    "achievement", "identifier", "credentialSubject", "alignment", "creditsEarned", "result",
])  # fmt: skip
contexts = st.sampled_from([
    EXTENSIONS, {"ash": "urn:example:ash"}, {"@vocab": "https://school.example/terms#"},
    {"@language": "en"}, {"ash": {"@id": "urn:example:ash", "@type": "@id"}},
    {"ash": {"@id": "urn:example:ash", "@container": "@list"}}, {"xsd": "urn:example:xsd:"},
    {"ash": {"@id": "urn:example:ash", "@type": "@json"}}, {"ash": None}, {"name": "urn:example:n"},
    {"ash": {"@id": "urn:example:ash", "@container": "@language"}},
    {"ash": {"@id": "urn:example:ash", "@context": {"name": "urn:example:scoped"}}},
    {"Nothing": {"@id": "urn:example:Nothing", "@context": {"ash": "urn:example:typed"}}},
    {"Image": "urn:example:Image"}, {"ash": {"@id": "xsd:ash", "@protected": True}},
])  # fmt: skip


def maybe(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with any of these members."""
    return st.fixed_dictionaries({}, optional=members)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=3)


def of_type(kind: str, **members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {"id": ids, "name": texts, **members}
    return st.fixed_dictionaries({"type": st.sampled_from([[kind], kind])}, optional=optional)


profiles = of_type("Profile", url=ids, email=texts, dateOfBirth=st.just("2007-05-04"))
images = of_type("Image", caption=texts)
proofs = st.fixed_dictionaries(
    {
        "type": st.just("DataIntegrityProof"),
        "created": st.sampled_from(["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"]),
        "cryptosuite": st.just("eddsa-rdfc-2022"),
        "proofPurpose": st.sampled_from(["assertionMethod", "authentication"]),
        "verificationMethod": st.just("https://school.example/#key"),
        "proofValue": texts,
    }
)
results = of_type(
    "Result", value=texts, status=st.just("Completed"), resultDescription=ids, achievedLevel=ids
)
descriptions = of_type(
    "ResultDescription",
    resultType=st.just("LetterGrade"),
    allowedValue=several(texts),
    valueMax=texts,
    rubricCriterionLevel=several(of_type("RubricCriterionLevel", level=texts, points=texts)),
)
achievements = of_type(
    "Achievement",
    criteria=maybe(id=ids, narrative=texts),
    description=texts,
    image=images,
    creator=profiles,
    tag=several(texts),
    creditsAvailable=st.one_of(st.integers(0, 20), st.sampled_from([0.5, 1.25, 3.75])),
    resultDescription=several(descriptions),
    inLanguage=st.just("en-US"),
    alignment=several(of_type("Alignment", targetName=texts, targetUrl=ids)),
)
subjects = of_type(
    "AchievementSubject",
    achievement=achievements,
    creditsEarned=st.one_of(st.integers(0, 20), st.sampled_from([0.5, 1.25, 3.75])),
    result=several(results),
    source=profiles,
    term=texts,
    identifier=several(
        of_type("IdentityObject", hashed=st.booleans(), identityHash=texts, identityType=texts)
    ),
)


def credential(
    kind: str, first: list[str], subject: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "@context": st.one_of(st.just(first), contexts.map(lambda extra: [*first, extra])),
            "type": st.just(["VerifiableCredential", kind]),
            "issuer": st.one_of(ids, profiles),
            "credentialSubject": subject,
        },
        optional={
            "id": ids,
            "name": texts,
            "validFrom": st.just("2025-01-01T00:00:00Z"),
            "awardedDate": st.just("2025-01-01T00:00:00Z"),
            "proof": st.one_of(proofs, several(proofs)),
            "evidence": several(of_type("Evidence", narrative=texts, genre=texts)),
        },
    )


badges = credential("OpenBadgeCredential", [V2, OB], subjects)
associations = st.fixed_dictionaries(
    {"type": st.just("Association"), "associationType": st.just("isParentOf")},
    optional={"sourceId": ids, "targetId": ids},
)
clrs = credential(
    "ClrCredential",
    [V2, CLR, OB],
    of_type(
        "ClrSubject",
        verifiableCredential=several(badges),
        association=several(associations),
        achievement=several(achievements),
    ),
)


def places(value: Any) -> list[dict[str, Any]]:
    """Return every object inside a value, but for contexts."""
    if isinstance(value, list):
        return [place for item in value for place in places(item)]
    if not isinstance(value, dict):
        return []
    inner = [item for name, item in value.items() if name != "@context"]
    return [value, *places(inner)]


@st.composite
def documents(draw: st.DrawFn, *, oddities: int = 2) -> dict[str, Any]:
    """Return a badge or a CLR, of which up to so many members are replaced by odd ones."""
    document = deepcopy(draw(st.one_of(badges, clrs)))
    for _ in range(draw(st.integers(0, oddities))):
        place = draw(st.sampled_from(places(document)))
        place[draw(names)] = deepcopy(draw(odd))
    return document
