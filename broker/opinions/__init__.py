"""What customers said of the help, with the secret link of their receipt."""
