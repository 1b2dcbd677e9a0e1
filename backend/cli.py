"""The console script `quittance`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.settings import Settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quittance",
        description="Declare self-employed income, see what is owed and where it goes, keep the "
        "proof. Independent project, not an official service.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the collector and the app in one process")
    serve.add_argument("--demo", action="store_true", help="with ready accounts, open to all")
    serve.add_argument("--today", type=_day, help="stand on this date (with --demo)")
    serve.add_argument("--host", help="address to listen on (QUITTANCE_HOST)")
    serve.add_argument("--port", type=int, help="port to listen on (QUITTANCE_PORT)")
    serve.add_argument(
        "--tls", choices=("self-signed",), help="HTTPS with a certificate made here (QUITTANCE_TLS)"
    )
    worker = commands.add_parser("worker", help="do the jobs without serving (PostgreSQL)")
    worker.add_argument("--demo", action="store_true", help="with invented accounts")
    worker.add_argument("--today", type=_day, help="stand on this date (with --demo)")
    commands.add_parser("press", help="compress the web client now, not at the first start")
    commands.add_parser("assess", help="assess JSON lines from standard input")
    demo = commands.add_parser("demo", help="make the demo data again")
    demo.add_argument("--today", type=_day, help="as of this date")
    export = commands.add_parser("export", help="write accounts and declarations as JSON lines")
    export.add_argument("--account", help="this account only")
    export.add_argument("--demo", action="store_true", help="of the demo database")
    backup = commands.add_parser("backup", help="copy everything while the service runs")
    backup.add_argument("file", type=Path, help="archive to write; must not exist")
    backup.add_argument("--keys", type=Path, help="also copy the keys, to a file of their own")
    backup.add_argument("--demo", action="store_true", help="of the demo database")
    back = commands.add_parser("restore", help="make an empty collector what a backup says")
    back.add_argument("file", type=Path, help="archive to read")
    back.add_argument("--keys", type=Path, help="the file of its keys")
    back.add_argument("--demo", action="store_true", help="into the demo database")
    check = commands.add_parser("verify", help="compute every chain and amount again")
    check.add_argument("--demo", action="store_true", help="of the demo database")
    rotate = commands.add_parser(
        "rotate-keys", help="seal everything again under a new key while the service runs"
    )
    rotate.add_argument("--key", type=Path, help="file with the new key; else one is made")
    rotate.add_argument("--retire", metavar="NAME", help="forget this key, once nothing bears it")
    rotate.add_argument("--demo", action="store_true", help="of the demo database")
    migrate = commands.add_parser("migrate", help="bring the database to the current schema")
    migrate.add_argument("--demo", action="store_true", help="the demo database")
    decide = commands.add_parser(
        "decide", help="book penalties and surcharges of the day, end plans that were missed"
    )
    decide.add_argument("--demo", action="store_true", help="of the demo database")
    decide.add_argument("--today", type=_day, help="stand on this date (with --demo)")
    share = commands.add_parser(
        "redistribute", help="share out what a month collected to the funds"
    )
    share.add_argument("--period", required=True, metavar="MONTH", help="such as 2026-10")
    share.add_argument("--demo", action="store_true", help="of the demo database")
    data = commands.add_parser("open-data", help="write aggregates, under statistical secrecy")
    data.add_argument("folder", type=Path, help="folder to write in")
    data.add_argument("--demo", action="store_true", help="of the demo database")
    remind = commands.add_parser("remind", help="send the reminders of the day, each once")
    remind.add_argument("--demo", action="store_true", help="of the demo database")
    remind.add_argument("--today", type=_day, help="stand on this date (with --demo)")
    retain = commands.add_parser("retain", help="delete and anonymise what is past its period")
    retain.add_argument("--demo", action="store_true", help="of the demo database")
    operator = commands.add_parser("operator", help="who works for the collector")
    operator.add_argument("verb", choices=("add", "remove", "list"))
    operator.add_argument("email", nargs="?", help="address of a person who signed up")
    operator.add_argument("--demo", action="store_true", help="of the demo database")
    dsn = commands.add_parser("import-dsn", help="import a file of employers' returns (DSN)")
    dsn.add_argument("file", type=Path, help="NEODES text file; whole or not at all")
    dsn.add_argument("--demo", action="store_true", help="into the demo database")
    rates = commands.add_parser("rates", help="list the rates with their origin")
    rates.add_argument("regime", nargs="?", help="of this profession only")
    rates.add_argument("--missing", action="store_true", help="only those nobody published")
    rates.add_argument("--completed", action="store_true", help="only those of QUITTANCE_RATES")
    collect = commands.add_parser("collect", help="send debits and refunds to the bank (files)")
    collect.add_argument("--on", type=_day, help="as of noon of this date; today by default")
    collect.add_argument("--demo", action="store_true", help="of the demo database")
    collect.add_argument("--today", type=_day, help="stand on this date (with --demo)")
    returns = commands.add_parser("returns", help="read an answer of the bank (camt.054, pain.002)")
    returns.add_argument("file", type=Path, help="the file")
    returns.add_argument("--demo", action="store_true", help="of the demo database")
    returns.add_argument("--today", type=_day, help="stand on this date (with --demo)")
    commands.add_parser("settings", help="list the settings, their values and meaning")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date such as 2026-11-23") from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. The exit status: 0 done, 1 bad lines, 2 cannot start."""
    args = _parser().parse_args(argv)
    try:
        return _run(args)
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(args: argparse.Namespace) -> int:
    if args.command == "assess":
        from backend.assess_cli import run

        return run(sys.stdin, sys.stdout)
    if args.command == "serve":
        from backend import memory

        memory.few_collections()
    from backend.settings import SettingsError

    try:
        return _command(args)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def _settings(args: argparse.Namespace) -> Settings:
    from backend.settings import load_settings

    given = {
        name: value
        for name in ("host", "port", "today", "tls")
        if (value := getattr(args, name, None)) is not None
    }
    if args.command == "demo" or getattr(args, "demo", False):
        given["demo"] = True
    return load_settings(**given)


def _command(args: argparse.Namespace) -> int:
    settings = _settings(args)
    if args.command == "settings":
        from backend.settings import describe

        for name, value, meaning in describe(settings):
            print(f"{name}={value}\n    {meaning}")
        return 0
    if args.command == "rates":
        from backend.rates_cli import run as list_rates

        return list_rates(settings.rates, sys.stdout, args.regime, args.missing, args.completed)
    if args.command == "press":
        from backend.web.press import found, press

        client = found(settings.cache_dir)
        press(client)
        print(client.folder)
        return 0
    from backend import logs

    logs.configure(settings.log_level)
    if args.command == "serve":
        from backend.server import serve

        return serve(settings)
    if args.command == "worker":
        from backend.worker import run_worker

        return run_worker(settings)
    if args.command in {"collect", "returns"}:
        from backend import bank_cli

        if args.command == "collect":
            return bank_cli.run_collect(settings, args.on)
        return bank_cli.run_returns(settings, args.file)
    from backend import upkeep

    if args.command == "demo":
        upkeep.demo(settings)
    elif args.command == "migrate":
        upkeep.migrate_database(settings)
    elif args.command == "backup":
        upkeep.back_up(settings, args.file, args.keys)
    elif args.command == "restore":
        upkeep.bring_back(settings, args.file, args.keys)
    elif args.command == "rotate-keys":
        return upkeep.rotate_keys(settings, args.key, args.retire)
    elif args.command == "verify":
        return upkeep.check_all(settings)
    elif args.command == "decide":
        upkeep.decide_all(settings)
    elif args.command == "redistribute":
        return upkeep.share_out(settings, args.period)
    elif args.command == "open-data":
        upkeep.publish(settings, args.folder)
    elif args.command == "remind":
        upkeep.remind_all(settings)
    elif args.command == "retain":
        upkeep.retain_all(settings)
    elif args.command == "import-dsn":
        return upkeep.import_returns(settings, args.file)
    elif args.command == "operator":
        upkeep.operator(settings, args.verb, args.email)
    else:
        upkeep.export(settings, sys.stdout, args.account)
    return 0


if __name__ == "__main__":
    sys.exit(main())
