"""The Label page: its sections and the labeller, a component that runs in the browser."""
