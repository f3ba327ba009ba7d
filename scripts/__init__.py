"""What keeps the repository in order: generated pages and pinned requirements. No part of any wheel."""
