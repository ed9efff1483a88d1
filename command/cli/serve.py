"""`muster serve`: the real thing, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Coroutine

from command import config, logging
from command.access.enrolment import SET_UP_LIVES, new_set_up_code
from command.bootstrap import Node, open_node
from command.cli.parser import EXIT_FAILED, EXIT_OK
from command.clock import utc_now
from command.config import Settings


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings from flags, environment and file; sets logging up as they say."""
    settings = config.load(vars(args), file=args.config)
    logging.configure(settings.log_format)
    return settings


async def serve(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM (SIGHUP reads the certificate again), or until the database cannot be kept running."""
    settings = settings_of(args)
    async with stop_signals() as stop, open_node(settings) as node:
        fewer_pauses()
        if node.certificate is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, node.certificate.reload)
        sys.stderr.write(f"Muster is at {node.base_urls[0]} — to invite people: muster user invite --help\n")
        await first_run(node)
        return await until_stopped(node, stop)


async def first_run(node: Node) -> None:
    """Print a set-up code where no administrator can sign in yet. To the terminal alone, never into a log line."""
    store = node.sign_in.store
    if node.sign_in.settings.exercise or (await store.anyone())[0]:
        return
    code = await new_set_up_code(store, node.sign_in.keys, utc_now())
    minutes = int(SET_UP_LIVES.total_seconds() // 60)
    sys.stderr.write(
        f"There is no administrator yet. Set-up code, valid once, for {minutes} minutes: {code}\n"
        "(another: muster user setup)\n"
    )
    sys.stderr.flush()


def fewer_pauses() -> None:
    """Spare the collector what stays anyway: everything imported and started. To be called once, after the start.

    A full collection stops the server for tens of milliseconds, several times a minute of writing, which is what the
    slowest answers waited for (bench.ack). What we make has hardly any cycles; young ones are still found soon.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


async def until_stopped(node: Node, stop: asyncio.Event, *works: Coroutine[None, None, None]) -> int:
    """Wait for the signal. A database that cannot be kept alive, or a work that fails, ends the server with an error."""
    tasks = {asyncio.create_task(work, name=f"work {number}") for number, work in enumerate(works, 1)}
    signalled = asyncio.create_task(_set(stop), name="stop signal")
    died = node.backend.database_died() if node.backend.database_died else None
    watched = {signalled, *tasks, *([died] if died is not None else [])}
    try:
        while not signalled.done():
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {signalled}:
                watched.discard(task)
                if task is died or task.exception() is not None:
                    sys.stderr.write(f"muster: stopping: {task.exception() or 'the database ended'}\n")
                    return EXIT_FAILED
        return EXIT_OK
    finally:
        for task in (signalled, *tasks):
            task.cancel()
        await asyncio.gather(signalled, *tasks, return_exceptions=True)


async def _set(stop: asyncio.Event) -> None:
    await stop.wait()


@contextlib.asynccontextmanager
async def stop_signals() -> AsyncIterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
