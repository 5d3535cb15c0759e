"""What pages share and only the web needs."""
