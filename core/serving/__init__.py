"""What a class server needs of its computer: its addresses, a certificate for them, and the QR code that leads to it."""
