"""The commands, one module each: parse, call, print. No command decides about credentials."""
