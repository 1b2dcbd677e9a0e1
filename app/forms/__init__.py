"""Forms as data. Definitions import no Flet: `render` is the only module that does."""
