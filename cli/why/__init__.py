"""Tell why a customer was contacted, or was not, in sentences that can be read out."""
