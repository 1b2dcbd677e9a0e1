"""The web client as people receive it: cut to what is drawn, compressed, kept by browsers."""
