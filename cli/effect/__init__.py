"""`cardcue effect`: what campaigns caused, from what insight has counted."""
