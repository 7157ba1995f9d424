"""What the standard asks and no schema can say: rules, each a function with a name.

A rule looks at the objects of one or more classes and yields a `Fault` for each thing that is
wrong. To add one: write a function in the module of its subject and decorate it with `@rule`;
the list of codes, its documentation and the test of its examples follow from that.
"""

from __future__ import annotations

from clrctl.rules.registry import Fault, Rule, all_rules, check, rule

__all__ = ["Fault", "Rule", "all_rules", "check", "rule"]
