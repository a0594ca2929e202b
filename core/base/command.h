/* A configured command: another program that the operator has named, run
 * without a shell, for one answer.  Its file and every folder above it must
 * belong to root or to us and be writable by nobody else; it gets PATH, HOME
 * and LANG, nothing on standard error, and a limit in time and in words. */
#ifndef CORE_BASE_COMMAND_H
#define CORE_BASE_COMMAND_H

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"

enum {
	COMMAND_OUTPUT_MAX = 8 * 1024, /* octets on its standard output */
	COMMAND_ARGS_MAX = 8,
	COMMAND_PATH_MAX = 255
};

/* Everything is borrowed for the call. */
struct command {
	const char *path;        /* absolute */
	const char *const *args; /* behind the path, ends with NULL; or NULL */
	struct span input; /* its standard input; empty: nothing to read */
	int timeout_ms;    /* then it is killed with what it started */
	int cancel_fd;     /* readable: kill it, E_CANCELLED; -1: none */
};

/* Whether path may be run: E_COMMAND_PATH (path, why: absolute, missing,
 * kind, mode, owner, writable, folder).  "folder" names one above it. */
int command_check(const char *path, struct err *err);

/* Runs it and appends what it wrote to out (unchanged after an error).  Blocks:
 * for worker threads.  E_COMMAND_PATH, E_COMMAND_START (path, sys),
 * E_COMMAND_EXIT (path, status; 128 + a signal), E_COMMAND_TIMEOUT (path,
 * seconds), E_COMMAND_OUTPUT (path, why: long), E_CANCELLED.  It is gone and reaped when
 * this returns; what it left running after an orderly end lives on. */
int command_run(
    const struct command *command, struct buf *out, struct err *err);

/* command_run() for a helper that tells a secret: what it wrote without white
 * space at the end, no copy left elsewhere.  The caller frees *out.  Also
 * E_COMMAND_OUTPUT (empty) when it wrote nothing. */
int command_secret(
    const struct command *command, struct secret **out, struct err *err);

#endif
