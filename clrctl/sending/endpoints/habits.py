"""The habits of endpoints: where the platforms that speak CLR 2.0 differ. One entry for each.

Sources: 1EdTech CLR 2.0, REST binding; the reference page of the TimeBack endpoint and its SDK.
Errors are read in both of their spellings, whoever sends them.
"""

from __future__ import annotations

from dataclasses import dataclass

from clrctl.standard import API_PATH

RULESETS = ("standard", "timeback")
"""Every ruleset that a record can be held to."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What is particular about an endpoint, whatever its address.

    Attributes:
        name: what the config file calls it.
        upsert_path: path of the upsert below the base URL. With the wrong slash at its end a server
            redirects, and the body is lost.
        list_path: path of the list of credentials.
        discovery_paths: paths of the service description, in the order in which they are tried.
        rulesets: what a record has to pass before it is sent.
        signs: whether the endpoint puts a proof of its own on what it stores.
        sdk_variables: environment variables in which the platform's SDKs look for client id and
            client secret, in their order.
    """

    name: str
    upsert_path: str = f"{API_PATH}/credentials"
    list_path: str = f"{API_PATH}/credentials"
    discovery_paths: tuple[str, ...] = (f"{API_PATH}/discovery", f"{API_PATH}/discovery/")
    rulesets: tuple[str, ...] = ("standard",)
    signs: bool = False
    sdk_variables: tuple[tuple[str, str], ...] = ()


CLR_2 = Habits("clr2")
TIMEBACK = Habits(
    "timeback",
    upsert_path=f"{API_PATH}/credentials/",
    rulesets=RULESETS,
    signs=True,
    sdk_variables=tuple(
        (f"{prefix}_CLIENT_ID", f"{prefix}_CLIENT_SECRET")
        for prefix in ("TIMEBACK_API", "TIMEBACK", "CLR")
    ),
)
IN_SANDBOX = Habits("sandbox", upsert_path=f"{API_PATH}/credentials/", rulesets=RULESETS)

HABITS = {habits.name: habits for habits in (CLR_2, TIMEBACK, IN_SANDBOX)}
"""By name; an entry of the config file names one, and may change what is different."""
