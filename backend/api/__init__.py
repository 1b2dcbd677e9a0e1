"""One router per resource; thin: parse, authorise, call a use case, answer."""
