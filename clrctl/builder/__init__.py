"""Building: from what a school has to CLRs.

Every source - a recipe, tables, a roster, a framework, older badges - fills the plain model of
`clrctl.builder.model`, and one emitter writes the credentials. A source never writes JSON itself.
"""
