"""How long an author waits: for a new project, a reload, a check, a bundle, and until a store has the tool."""
