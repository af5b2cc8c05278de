"""What can be seen from outside: logs, metrics, health. Never text of an article, never a secret."""
