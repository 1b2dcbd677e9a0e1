// Stands where the client looks for the Rive runtime, which no screen uses.
