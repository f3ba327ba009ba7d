"""What all admins of the site have in common."""
