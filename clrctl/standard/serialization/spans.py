"""Where each value of a JSON text stands, so that its own characters can be kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from clrctl.document import scan


@dataclass(slots=True)
class Span:
    """A value in a text: an object's text, and that of an array, is `text[start:end]`.

    Attributes:
        start: offset of its first character.
        end: offset behind what closes it; of plain values not known, and 0.
        below: the values inside, by member name or index.
    """

    start: int
    end: int = 0
    below: dict[str | int, Span] = field(default_factory=dict)


def spans(text: str) -> Span:
    """Return the span of the outermost value of a good JSON text."""
    outside = Span(0)
    open_spans = [outside]
    step: str | int | None = None
    for event in scan(text):
        if event.kind == "key":
            step = event.value
            continue
        if event.kind == "end":
            open_spans.pop().end = event.at + 1
            continue
        span = Span(event.at)
        holder = open_spans[-1]
        holder.below[len(holder.below) if step is None else step] = span
        step = None
        if event.kind != "value":
            open_spans.append(span)
    return outside.below[0]
