"""What the server does beside the pages: routes for frames and labels, the guard in front of them, presence, background work."""
