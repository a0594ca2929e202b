/* Options, verb, exit status; the only file that prints. */
#include <stdio.h>

#include "tui/verbs.h"

#ifndef VERSION
#define VERSION "unknown"
#endif
#ifndef PREFIX
#define PREFIX "/usr/local"
#endif

int
main(int argc, char *argv[])
{
	struct options options = {.version = VERSION, .prefix = PREFIX};
	struct buf text = BUF_INIT;
	int status = 2;

	if (options_read(argc, argv, &options, &text))
		status = verb_run(&options, &text);
	if (text.len > 0)
		fputs(text.ptr, status ? stderr : stdout);
	buf_done(&text);
	return status;
}
