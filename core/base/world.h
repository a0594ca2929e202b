/* What the program takes from outside, as ports: real in main.c, fake in
 * tests.  Nothing mutable is global; whoever needs the world is handed it. */
#ifndef CORE_BASE_WORLD_H
#define CORE_BASE_WORLD_H

struct clock;
struct dialler;  /* core/net/dial.h */
struct resolver; /* core/net/dns.h */

struct world {
	struct clock *clock;       /* borrowed */
	struct dialler *dialler;   /* borrowed */
	struct resolver *resolver; /* borrowed; NULL: no direct delivery */
	const char *host_root; /* borrowed; NULL: "/", see core/base/host.h */
};

#endif
