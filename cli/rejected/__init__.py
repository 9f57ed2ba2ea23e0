"""`cardcue rejected`: look at what ingest refused, and give it back once the cause is mended."""
