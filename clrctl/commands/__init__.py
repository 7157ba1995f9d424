"""The commands, one module each: parse, call, render. Nothing here decides about credentials."""
