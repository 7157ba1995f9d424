"""Build, validate and upload Comprehensive Learner Records (1EdTech CLR 2.0)."""

__version__ = "0.1.0"
