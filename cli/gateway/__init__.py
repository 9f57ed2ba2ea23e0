"""The reference gateway: triggers in, messages to a provider at most once, receipts back."""
