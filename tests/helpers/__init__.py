"""What several tests make or wait for."""
