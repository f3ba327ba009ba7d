import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandParser

from gptstore.health.checks import Finding
from gptstore.health.doctor import examine


class Command(BaseCommand):
    help = "Looks at everything that a store needs, and says what to do. Ends with status 1 when something failed."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print it for a program")

    def handle(self, *, as_json: bool, **options: object) -> None:
        findings = []
        for finding in examine():
            findings.append(finding)
            if not as_json:
                self.stdout.write(line(finding))
                self.stdout.flush()
        failed = any(finding.level == "fail" for finding in findings)
        if as_json:
            self.stdout.write(json.dumps({"ok": not failed, "findings": [asdict(found) for found in findings]}))
        if failed:
            sys.exit(1)


def line(finding: Finding) -> str:
    text = " ".join(f"{finding.message} {finding.remedy}".split())
    return f"{finding.level:<5} {finding.name:<12} {text}"
