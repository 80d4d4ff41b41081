// Public types: written first, so that the command line and the messenger can be built side by side.
