/* What an approver sees, in a process of their own. */
#ifndef TUI_SCREENS_APPROVE_H
#define TUI_SCREENS_APPROVE_H

#include "core/access/access.h"
#include "core/campaign/campaign.h"
#include "tui/app.h"
#include "tui/screens/pam_talk.h"

struct approve_start {
	struct socket_line *line;    /* welcomed; consumed */
	const struct pam_who *who;   /* has signed in just now; borrowed */
	const char *key;             /* path of the key; borrowed */
	struct campaign_id campaign; /* 0: none */
	int64_t export;              /* 0: none; both 0: to be chosen */
};

/* The app needs neither store nor session. */
void approve_open(struct app *app, const struct approve_start *start);

/* The look at an export, whose number is in start. */
void approve_export_open(struct app *app, const struct approve_start *start);

#endif
