"""Whether there are enough labels and whether they can be trusted: balance, agreement, disputes, gold frames, contradictions,
confounders. No network is used here; what a network tells about labels belongs in `core.assist`.
"""
