"""From inspected frames to events: detector, rules, clips, sessions, signals, and the way back to labelling."""
