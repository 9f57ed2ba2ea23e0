"""The demonstration: real and made-up banking played through the embedded broker."""
