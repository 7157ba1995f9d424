"""Personal data that has no place in a record which others can read, told by its name."""

from __future__ import annotations

import re

# What registrars' systems call it.
_PERSONAL = {
    "social security number": r"ssn|socialsec\w*|taxid",
    "birth date": r"dob|birth\w*|dateofbirth",
    "gender": r"gender|sex",
    "race or ethnicity": r"race(?:code|ethnicity)?|ethnic\w*|hispanic\w*",
    "meal status": r"lunch\w*|mealstatus|frl|freereduced\w*",
    "disability or plan": r"iep\w*|504\w*|sped\w*|disab\w*",
    "discipline": r"disciplin(?:e|ary)(?:action|code|incident|points|record)\w*|suspension\w*",
    "citizenship": r"citizenship|immigra\w*|visastatus",
}
_AFFIXES = r"(?:student|stu|pupil|learner|person)?"
_REFUSED = {what: re.compile(_AFFIXES + f"(?:{names})") for what, names in _PERSONAL.items()}


def personal(name: str) -> str:
    """Return what personal data a column or an identifier holds by its name, or an empty text."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return next((what for what, form in _REFUSED.items() if form.fullmatch(plain)), "")
